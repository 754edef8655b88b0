/** One contested payment, as the member sees it: what is held, until when, what each side says; answering, withdrawing. */
import { amount, notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t, tn } from "#ui/i18n.js";
import { dateText, timeText } from "#ui/times.js";

import { field, innerHeader, runBusy, skeletonList } from "../components.js";
import { disputePill, isHolding, reasonOf, sentenceOf, titleOf } from "../disputes.js";
import { documentChooser } from "../document_chooser.js";
import { twoTaps } from "../people.js";
/* icons: triangle-alert info undo-2 check x */

const MAX_WORDS_CHARACTERS = 500;

export function disputeScreen(app, { id }, disposables) {
  const header = () => innerHeader(app, t("Paiement contesté"));
  const container = element("div.narrow.stack", {}, header(), skeletonList(3));
  let shown = "";
  /** Made once: what somebody is typing stays when the rest is drawn again. @type {HTMLElement | null} */
  let answering = null;
  const read = async () => {
    try {
      const dispute = await app.service.get(`/v1/me/disputes/${encodeURIComponent(id)}`);
      if (JSON.stringify(dispute) === shown || disposables.isDisposed) return;
      shown = JSON.stringify(dispute);
      if (dispute.may_answer) answering ??= answerForm(app, dispute, read);
      show(container, header(), ...partsOf(app, dispute, read, answering));
    } catch (error) {
      if (!disposables.isDisposed) show(container, header(), notice("bad", "triangle-alert", error.message));
    }
  };
  void read();
  disposables.add(app.listen((event) => event.kind === "me" && void read()));
  return { title: t("Paiement contesté"), body: container };
}

function partsOf(app, dispute, read, answering) {
  const isSide = dispute.role !== "holder";
  return [
    element(
      "section.receipt-head.center",
      {},
      element("p.row-title", {}, titleOf(dispute)),
      isSide && element("p.pay-amount", {}, amount(dispute.amount_cents, app.unit(dispute.amount_cents), "big")),
      disputePill(dispute),
    ),
    element("p.center", {}, sentenceOf(dispute)),
    facts(dispute),
    isSide && saidPart(dispute),
    dispute.role === "payee" && dispute.state === "upheld" && givingBack(dispute),
    dispute.may_answer && answering,
    isSide && isHolding(dispute) && papersPart(app, dispute, read),
    dispute.role === "payer" && dispute.state === "open" && withdrawing(app, dispute, read),
    isSide && element("a.button.quiet.wide", { href: `/movement/${dispute.payment_ref}` }, t("Voir le reçu")),
  ];
}

function facts(dispute) {
  const line = (label, value) => value && element("div", {}, element("dt", {}, label), element("dd", {}, value));
  const moment = (unixMs) => `${dateText(unixMs)}, ${timeText(unixMs)}`;
  return element(
    "dl.card.figures",
    {},
    line(dispute.role === "payer" ? t("Retenu") : t("Retenu chez vous"), formatAmount(dispute.held_cents)),
    dispute.returned_cents > 0 && line(t("Rendu"), formatAmount(dispute.returned_cents)),
    line(t("Contesté"), moment(dispute.opened_at_unix_ms)),
    dispute.state === "open" && line(t("Décision avant"), moment(dispute.decide_by_unix_ms)),
    dispute.closed_at_unix_ms && line(t("Terminé"), moment(dispute.closed_at_unix_ms)),
    dispute.ground && line(t("Pourquoi"), dispute.ground),
  );
}

/** What each side wrote. */
function saidPart(dispute) {
  const isPayer = dispute.role === "payer";
  const quoted = (words) => words && element("p.quoted", {}, t("« {message} »", { message: words }));
  const answered = dispute.agrees ? t("d’accord pour rendre") : t("pas d’accord");
  return element(
    "section.card.stack.tight",
    { "aria-label": t("Ce que disent les deux") },
    element("p.row-title", {}, isPayer ? t("Vous") : (dispute.other_name ?? t("Qui a payé"))),
    element("p", {}, reasonOf(dispute)),
    quoted(dispute.words),
    dispute.agrees !== null && [
      element("p.row-title", {}, isPayer ? (dispute.other_name ?? t("Qui a reçu")) : t("Vous")),
      element("p", {}, answered),
      quoted(dispute.answer),
    ],
    dispute.agrees === null && isPayer && element("p.soft.small", {}, t("L’autre personne n’a pas encore répondu.")),
  );
}

const givingBack = (dispute) =>
  notice(
    "wait",
    "undo-2",
    element(
      "p",
      {},
      t(
        "Pour la rendre, remboursez la vente depuis la caisse, ou envoyez {amount} à {name} : cela compte tout seul, et plus rien n’est retenu ensuite.",
        {
          amount: formatAmount(dispute.amount_cents - dispute.returned_cents),
          name: dispute.other_name ?? t("qui a payé"),
        },
      ),
    ),
    element(
      "p.small",
      {},
      t("Ce qui est retenu ne peut pas servir : si le reste ne suffit pas, l’association reprend la somme."),
    ),
    element("a.button.secondary", { href: "/send" }, t("Envoyer")),
  );

function answerForm(app, dispute, read) {
  const alert = element("div", { role: "alert" });
  const words = field(
    "answer",
    t("Votre réponse"),
    element("textarea.input", { rows: "3", maxlength: String(MAX_WORDS_CHARACTERS) }),
    { optional: true, hint: t("L’autre personne et l’association la liront.") },
  );
  const send = (agrees) => (button) =>
    runBusy(button, alert, async () => {
      await app.service.post(`/v1/me/disputes/${dispute.id}/answer`, { agrees, words: words.control.value });
      await read();
    });
  const button = (look, iconName, word, act) => {
    const control = element(`button.button${look}.wide`, { type: "button" }, icon(iconName), element("span", {}, word));
    control.addEventListener("click", () => act(control));
    return control;
  };
  return element(
    "section.card.stack",
    { "aria-label": t("Répondre") },
    words.box,
    alert,
    button("", "x", t("Je ne suis pas d’accord"), send(false)),
    button(".secondary", "check", t("D’accord pour rendre"), send(true)),
    element("p.soft.small", {}, t("Répondre ne déplace pas d’argent. On ne répond qu’une fois.")),
  );
}

function papersPart(app, dispute, read) {
  const alert = element("div", { role: "alert" });
  const { input, label } = documentChooser("dispute-paper", t("Ajouter un document"), alert, async (chosen) => {
    const form = new FormData();
    form.append("document", chosen);
    await app.service.upload(`/v1/me/disputes/${dispute.id}/documents`, form);
    await read();
  });
  return element(
    "section.card.stack.tight",
    { "aria-label": t("Documents") },
    element("p.soft.small", {}, t("Un ticket, un message, une photo : seule l’association les voit.")),
    dispute.own_papers > 0 &&
      element("p", {}, tn("{count} document envoyé", "{count} documents envoyés", dispute.own_papers)),
    input,
    label,
    alert,
  );
}

function withdrawing(app, dispute, read) {
  const alert = element("div", { role: "alert" });
  return element(
    "div.stack",
    {},
    alert,
    twoTaps("secondary", "undo-2", t("Retirer ma contestation"), t("Oui, la retirer"), (button) =>
      runBusy(button, alert, async () => {
        await app.service.post(`/v1/me/disputes/${dispute.id}/withdraw`);
        await app.refresh();
        await read();
      }),
    ),
  );
}
