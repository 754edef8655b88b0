/** One of my asks: who has paid, who has not, who said no; its link to give; taking it back. A send waits here too. */
import { notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { formatTime } from "#ui/times.js";

import { partPill } from "../../asks.js";
import { innerHeader, runBusy, skeletonList } from "../../components.js";
import { iconOf, linkPart, messagePart, shownAddress, twoTaps } from "../../people.js";
import { nameOfPart } from "./asks.js";
/* icons: info ban circle-check link at-sign triangle-alert hourglass */

const LIVE = new Set(["waiting", "open"]);

export function ownAskScreen(app, { id }, disposables) {
  const container = element(
    "div.narrow.stack",
    {},
    innerHeader(app, t("Ma demande"), { back: "/asks" }),
    skeletonList(3),
  );
  let shown = "";
  const read = async () => {
    try {
      const ask = await app.service.get(`/v1/me/asks/${encodeURIComponent(id)}`);
      // Drawn again only when it moved: a code that is shown must not leave from under a camera.
      if (JSON.stringify(ask) === shown || disposables.isDisposed) return;
      shown = JSON.stringify(ask);
      show(container, ...partsOf(app, ask, read));
    } catch (error) {
      show(
        container,
        innerHeader(app, t("Ma demande"), { back: "/asks" }),
        notice("bad", "triangle-alert", error.message),
      );
    }
  };
  void read();
  disposables.add(app.listen((event) => event.kind === "me" && void read()));
  return { title: t("Ma demande"), body: container };
}

function partsOf(app, ask, read) {
  const isSend = ask.kind === "send";
  const title = isSend ? t("Mon envoi") : t("Ma demande");
  const alert = element("div", { role: "alert" });
  const made = { when: formatTime(ask.created_at_unix_ms, app.nowUnixMs()) };
  const canStop = ask.parts.some((part) => LIVE.has(part.state));
  return [
    innerHeader(app, title, { back: "/asks" }),
    isSend || ask.total_cents === 0 ? null : progress(ask),
    messagePart(ask.message),
    element(
      "section.card.movements",
      { "aria-label": isSend ? t("À qui") : t("Qui paie") },
      element(
        "ul.list",
        {},
        ask.parts.map((part) => partRow(part)),
      ),
    ),
    ask.parts.filter((part) => part.is_to_sign).map(signPart),
    ...linksOf(app, ask),
    alert,
    canStop &&
      twoTaps(
        "danger",
        "ban",
        isSend ? t("Annuler cet envoi") : t("Annuler ce qui n’est pas payé"),
        t("Oui, annuler"),
        (button) =>
          runBusy(button, alert, async () => {
            await app.service.post(`/v1/me/asks/${ask.id}/cancel`);
            await read();
          }),
      ),
    element(
      "p.soft.small.center",
      {},
      isSend ? t("Préparé : {when}", made) : t("Demandé : {when}", made),
      canStop && ` · ${t("expire : {when}", { when: formatTime(ask.expires_at_unix_ms, app.nowUnixMs()) })}`,
    ),
  ];
}

function progress({ paid_cents: paid, total_cents: total }) {
  const words = t("{paid} sur {total}", { paid: formatAmount(paid), total: formatAmount(total) });
  const bar = element("progress.asked", {
    max: String(Math.max(total, 1)),
    value: String(paid),
    "aria-label": t("Payé"),
  });
  return element("section.card.stack.tight", { "aria-label": t("Payé") }, element("p.row-title", {}, words), bar);
}

function partRow(part) {
  const name = nameOfPart(part);
  return element(
    "li",
    {},
    element("span.icon-tile", {}, icon(part.name ? iconOf(part) : part.way === "link" ? "link" : "at-sign")),
    element(
      "span.grow",
      {},
      element("span.row-title", {}, name),
      part.word && element("span.row-detail", {}, t("« {message} »", { message: part.word })),
    ),
    element(
      "span.end.stack-end",
      {},
      element("span.amount", {}, formatAmount(part.amount_cents)),
      partPill(part.state),
    ),
  );
}

/** Somebody is there: the name is read before the money leaves. */
const signPart = (part) =>
  element(
    "section.card.stack",
    { "aria-label": t("À signer") },
    notice(
      part.name ? "good" : "wait",
      part.name ? "circle-check" : "info",
      part.name
        ? t("{name} a ouvert un portefeuille. Est-ce bien la personne ?", { name: part.name })
        : t("Quelqu’un sans identité déclarée a répondu. Demandez-lui si c’est bien la personne."),
    ),
    element(
      "a.button.large.wide",
      { href: `/R/${part.id}` },
      t("Voir et envoyer {amount}", { amount: formatAmount(part.amount_cents) }),
    ),
  );

/** The ask's one link for shares anybody may pay; and one for each address that has not answered. */
function linksOf(app, ask) {
  const currency = app.config?.currency.name ?? "";
  const text = ask.kind === "send" ? t("Je vous envoie de l’argent :") : t("Ma demande :");
  const cards = [];
  if (ask.link && ask.parts.some((part) => part.way === "link" && LIVE.has(part.state)))
    cards.push(
      linkCard(
        t("Le lien à donner"),
        t("Chaque personne qui l’ouvre voit votre nom et paie une part."),
        ask.link,
        currency,
        text,
      ),
    );
  for (const part of ask.parts) {
    if (part.way !== "address" || !LIVE.has(part.state) || !part.address) continue;
    const isMail = part.address.includes("@");
    const sentence = isMail
      ? t(
          "Un courriel part si le service en envoie, sans montant, avec votre nom court. Donnez aussi ce lien vous-même.",
        )
      : t("Donnez ce lien à cette personne, par message. Nous n’écrivons pas aux numéros.");
    cards.push(
      linkCard(t("Pour {address}", { address: shownAddress(part.address) ?? "" }), sentence, part.link, currency, text),
    );
  }
  return cards;
}

const linkCard = (title, sentence, link, currency, text) =>
  element(
    "section.card.stack",
    { "aria-label": title },
    element("h2", {}, title),
    element("p.soft", {}, sentence),
    ...linkPart(link, { title: currency, text }),
  );
