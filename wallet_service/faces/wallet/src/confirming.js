/**
 * The foot of every screen that pays: what remains, one button with the amount on it, or why there is none and what to do.
 * Who is paid, and what is signed, are the screen's.
 */
import { notice } from "#ui/components.js";
import { element } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";

import { runBusy } from "./components.js";
import { wayToSign } from "./orders.js";
import { passedCap } from "./own_caps.js";
import { addPasskey } from "./passkey.js";

/**
 * What this amount can be taken from. What the bank took back of a credit may go where it is given back, and nowhere else:
 * the service knows where that is, and says so to who pays somebody else with it.
 */
export const fundsFor = ({ available_cents: available, held_back_cents: heldBack }, cents) =>
  cents > available ? available + heldBack : available;

/** From what it goes and what remains; without a member there is nothing to say. */
export function figuresOf(app, cents) {
  if (!app.me) return null;
  const left = fundsFor(app.me.balance, cents) - cents;
  const line = (label, value, className = "") =>
    element("div", { class: className }, element("dt", {}, label), element("dd", {}, value));
  return element(
    "dl.card.figures",
    {},
    left >= 0 ? line(t("Depuis mon solde"), formatAmount(cents)) : line(t("Mon solde"), formatAmount(cents + left)),
    left >= 0
      ? line(t("Reste après"), formatAmount(left), "total")
      : line(t("Il manque"), formatAmount(-left), "total missing"),
  );
}

/** Before the button, not after it. @param {any} me @returns {string | null} */
function whyNobodyPays({ payments_stopped: isStopped, frozen_outgoing: isFrozen, is_own_freeze: isOwn }) {
  if (isStopped) return t("Rien n’a été débité : les paiements sont arrêtés pour tout le monde. Payez autrement.");
  if (!isFrozen) return null;
  return isOwn
    ? t("Rien n’a été débité : vous avez gelé ce compte. Le gel se lève dans « Moi ».")
    : t("Rien n’a été débité : votre compte est gelé. Contactez l’association.");
}

export const isBusy = (foot) => foot.querySelector("[aria-busy=true]") !== null;

/**
 * @param {any} app with a member
 * @param {{cents: number, word: string, alert: Element, confirm: () => Promise<unknown>, again: () => unknown}} wish
 * `word`: what the button says, with the amount; `again` draws this foot anew
 * @returns {Promise<any[]>}
 */
export async function confirmFoot(app, { cents, word, alert, confirm, again }) {
  const barred = whyNobodyPays(app.me);
  if (barred) return [notice("bad", "lock", barred)];
  if (fundsFor(app.me.balance, cents) < cents) {
    return [
      notice("wait", "info", t("Votre solde ne suffit pas. Rien n’a été débité.")),
      element("a.button.large.wide", { href: "/add" }, t("Ajouter de l’argent")),
    ];
  }
  const passed = passedCap(app.me, cents, app.nowUnixMs());
  if (passed) {
    return [
      notice("wait", "gauge", passed, element("p", {}, t("C’est vous qui l’avez fixé. Rien n’a été débité."))),
      element("a.button.secondary.wide", { href: "/caps" }, t("Mes plafonds")),
    ];
  }
  const way = await wayToSign(app, cents);
  if (way === "passkey_missing") {
    return [
      notice("wait", "info", t("Ce montant demande une clé d’accès. Ajoutez-la ici : un geste, puis vous payez.")),
      ...addPasskey(app, again),
    ];
  }
  if (way === "passkey_coming") return [notice("wait", "hourglass", t("Votre clé d’accès s’inscrit : un instant."))];
  if (way === "nothing") return app.suspension ? [notice("bad", "ban", app.suspension)] : cannotSign();
  const button = element("button.button.large.wide.pay-button", { type: "button" }, word);
  button.addEventListener("click", () => runBusy(button, alert, confirm));
  const sentence =
    way === "passkey"
      ? t("Confirmez avec votre clé d’accès : le doigt, le visage ou le code de l’appareil.")
      : t("Rien ne part tant que vous n’avez pas confirmé.");
  return [button, element("p.soft.center.small", {}, sentence)];
}

/** Signed in here, on a phone without a key of this account. */
const cannotSign = () => [
  notice(
    "wait",
    "smartphone",
    t("Rien n’a été débité. Ce téléphone ne peut pas encore signer pour ce compte : utilisez celui qui l’a ouvert."),
  ),
  element("a.button.large.wide", { href: "/lost" }, t("Je n’ai plus ce téléphone")),
];
/* icons: ban gauge lock info hourglass smartphone */
