/**
 * What a link between people leads to: somebody asks me, or wants to send me something, or it is my own. Who and how much
 * come from the service; money leaves only by the button with the amount on it.
 */
import { amount, notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";

import { partPill, signPart } from "../../asks.js";
import { field, helpLink, innerHeader, runBusy } from "../../components.js";
import { confirmFoot, figuresOf, isBusy } from "../../confirming.js";
import { iconOf, messagePart, nameOf, twoTaps, visitorNotice } from "../../people.js";
import { spokenPlace } from "../../spoken_place.js";
import { isNameless, MAX_MESSAGE, withoutWallet } from "./send.js";
/* icons: ban x triangle-alert circle-check hourglass info user-plus */

export function seenAskScreen(app, { id }, disposables) {
  const container = element("div.narrow.pay", {}, innerHeader(app, t("Demande"), { backLabel: t("Fermer") }));
  if (!app.me) {
    show(container, innerHeader(app, t("On vous a donné un lien"), { backLabel: t("Fermer") }), ...withoutWallet(app));
    return { title: t("On vous a donné un lien"), body: container };
  }
  const read = async () => {
    const [part] = await Promise.all([app.service.get(`/v1/asks/${encodeURIComponent(id)}`), app.refresh()]);
    return part;
  };
  const showError = (error) =>
    show(
      container,
      innerHeader(app, t("Demande"), { backLabel: t("Fermer") }),
      notice("bad", "triangle-alert", error.message),
    );
  const draw = () =>
    read()
      .then((part) => showPart(app, part, container, disposables, draw))
      .catch(showError);
  void draw();
  disposables.add(app.listen((event) => event.kind === "ask.changed" && !isBusy(container) && void draw()));
  return { title: t("Demande"), body: container };
}

async function showPart(app, part, container, disposables, draw) {
  if (disposables.isDisposed) return undefined;
  if (part.role === "made" || (part.ask_id && part.state === "waiting"))
    return app.go(`/asks/${part.ask_id}`, { replace: true });
  const standing = await app.outbox.liveFor(`ask:${part.id}`);
  if (standing) return app.go(`/order/${standing.ref}`, { replace: true });
  const head = headOf(app, part);
  if (part.role === "receives") return show(container, ...head, ...receivingPart(app, part, draw));
  if (part.state !== "open") return show(container, ...head, ...overPart(part));
  if (isNameless(app.me) && !part.is_professional) {
    const sentence = t(
      "Vous ne pouvez pas encore payer une personne : sans identité déclarée, la loi le réserve aux commerces et associations.",
    );
    return show(container, ...head, visitorNotice(sentence), element("div.bottom.stack", {}, noPart(app, part)));
  }
  return showPayable(app, part, container, disposables, head);
}

function headOf(app, part) {
  const title =
    part.role === "receives"
      ? t("{name} veut vous envoyer", { name: nameOf(part) })
      : part.kind === "send"
        ? t("Envoyer à {name}", { name: nameOf(part) })
        : t("{name} vous demande", { name: nameOf(part) });
  return [
    element("div.pay-head", {}, element("a.button.quiet.cancel", { href: "/" }, t("Fermer")), helpLink()),
    element(
      "div.pay-merchant",
      {},
      element("span.icon-tile.brand.large", {}, icon(iconOf(part))),
      element("h1", { tabindex: "-1" }, title),
    ),
    element("p.pay-amount", {}, amount(part.amount_cents, app.unit(part.amount_cents), "huge")),
    messagePart(part.message),
  ];
}

async function showPayable(app, part, container, disposables, head) {
  const alert = element("div", { role: "alert" });
  const foot = element("div.bottom.stack");
  const word =
    part.kind === "send"
      ? t("Envoyer {amount}", { amount: formatAmount(part.amount_cents) })
      : t("Payer {amount}", { amount: formatAmount(part.amount_cents) });
  const confirm = () => signPart(app, part);
  const drawFoot = async () => {
    const buttons = await confirmFoot(app, { cents: part.amount_cents, word, alert, confirm, again: drawFoot });
    if (!disposables.isDisposed) show(foot, alert, buttons, part.kind === "ask" && noPart(app, part));
  };
  await drawFoot();
  disposables.add(app.listen((event) => event.kind === "me" && !isBusy(foot) && !isOpen(foot) && void drawFoot()));
  const warning =
    part.kind === "ask" && !part.is_known
      ? notice("wait", "info", t("Vous ne connaissez pas cette personne ici. Ne payez que si vous savez pourquoi."))
      : null;
  const spoken = spokenPlace(disposables, "payment", app, part.amount_cents, nameOf(part));
  show(container, ...head, warning, figuresOf(app, part.amount_cents), spoken, foot);
  /** @type {HTMLElement} */ (container.querySelector("h1")).focus({ preventScroll: true });
}

const isOpen = (foot) => foot.querySelector("details[open]") !== null;

/** No, with a word or without; and never again from this person. A link's share is left alone: others may take it. */
function noPart(app, part) {
  const alert = element("div", { role: "alert" });
  const block = twoTaps("danger", "ban", t("Bloquer cette personne"), t("Oui, bloquer"), (button) =>
    runBusy(button, alert, async () => {
      await app.service.post(`/v1/asks/${part.id}/block`);
      app.go("/asks", { replace: true });
    }),
  );
  return element(
    "details.decline",
    {},
    element("summary.button.quiet.wide", {}, part.may_decline ? t("Refuser…") : t("Ce n’est pas pour moi…")),
    element(
      "div.stack",
      {},
      part.may_decline
        ? declineForm(app, part, alert)
        : element("p.soft", {}, t("Fermez, simplement : la part reste à qui d’autre a le lien.")),
      alert,
      block,
      element("p.soft.small", {}, t("Bloquée, la personne n’en sait rien ; vous ne voyez plus ses demandes.")),
    ),
  );
}

function declineForm(app, part, alert) {
  const typed = element("input.input", { maxlength: String(MAX_MESSAGE), autocomplete: "off" });
  const why = field("decline-word", t("Un mot"), typed, { optional: true, hint: t("La personne le lira.") });
  const decline = element("button.button.secondary.wide", { type: "submit" }, t("Refuser la demande"));
  const submit = (event) => {
    event.preventDefault();
    void runBusy(decline, alert, async () => {
      await app.service.post(`/v1/asks/${part.id}/decline`, { word: typed.value.trim() || null });
      app.go("/asks", { replace: true });
    });
  };
  return element("form.stack", { onsubmit: submit, novalidate: true }, why.box, decline);
}

const home = () => element("a.button.secondary.large.wide", { href: "/" }, t("Accueil"));

function overPart(part) {
  const sentences = {
    paid: t("C’est payé."),
    confirming: t("Le paiement est en cours."),
    declined: t("Vous avez refusé. Rien n’a été débité."),
    cancelled: t("La personne a annulé sa demande. Rien n’a été débité."),
    expired: t("La demande a expiré. Rien n’a été débité."),
  };
  return [
    element("p.center", {}, partPill(part.state)),
    element("p.soft.center", { role: "status" }, sentences[part.state] ?? ""),
    element(
      "div.bottom.stack",
      {},
      part.payment_ref && element("a.button.large.wide", { href: `/movement/${part.payment_ref}` }, t("Voir le reçu")),
      home(),
    ),
  ];
}

/** Somebody wants to send me something: I say that it is me, they read my name and sign. */
function receivingPart(app, part, draw) {
  const alert = element("div", { role: "alert" });
  if (part.state === "waiting") {
    const claim = element("button.button.large.wide", { type: "button" }, t("C’est bien moi, recevoir"));
    claim.addEventListener("click", () =>
      runBusy(claim, alert, async () => {
        await app.service.post(`/v1/asks/${part.id}/claim`);
        await draw();
      }),
    );
    const sentence = app.me.display_name
      ? t("La personne lira votre nom court, « {name} », puis signera.", { name: app.me.display_name })
      : t("Sans identité déclarée, la personne ne lira pas votre nom : dites-lui que c’est vous.");
    return [element("p.soft.center", {}, sentence), element("div.bottom.stack", {}, alert, claim, home())];
  }
  const words = {
    open: t("La personne a été prévenue. L’argent arrive ici dès qu’elle a signé."),
    confirming: t("C’est signé : l’argent arrive."),
    paid: t("L’argent est arrivé."),
    cancelled: t("La personne a annulé son envoi."),
    expired: t("L’envoi a expiré."),
  };
  return [
    element("p.center", {}, partPill(part.state === "open" ? "to_sign" : part.state)),
    element("p.soft.center", { role: "status" }, words[part.state] ?? ""),
    element("div.bottom.stack", {}, home()),
  ];
}
