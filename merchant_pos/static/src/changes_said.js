// A sale changed under the cashier's eyes: what is said aloud and sounded of it. Draws nothing.
import { announce } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { secondsText } from "./durations.js";
import { signalPaid, signalRefused } from "./signals.js";

/** @typedef {import("./stage_rules.js").Sale} Sale */

/** @param {Sale} before @param {Sale} sale @param {string} amount its amount in words */
export function sayChange(before, sale, amount) {
  if (sale.state === "paid") {
    signalPaid();
    const { accepted_at_unix_ms: acceptedAtMs, paid_at_unix_ms: paidAtMs } = sale;
    const taken = acceptedAtMs && paidAtMs ? secondsText(paidAtMs - acceptedAtMs) : "";
    announce(t("Payé : {amount}. {payer} {taken}", { amount, payer: sale.payer_label ?? "", taken }));
  } else if (sale.state === "accepted") {
    announce(t("En cours : le client a confirmé {amount}. Attendez « Payé ».", { amount }));
  } else if (sale.state === "expired") {
    signalRefused();
    announce(t("Vente expirée : {amount} non payé. Rien n’a été débité.", { amount }));
  } else if (sale.state === "open" && before.state === "accepted") {
    signalRefused();
    announce(t("Paiement refusé. Rien n’a été débité : le client peut réessayer."));
  }
}

/** More was typed than a sale may be. @param {string} largest in words @returns {import("./stage_rules.js").Notice} */
export function sayTooLarge(largest) {
  const text = t("Au plus {amount} par vente sur cette caisse. Corrigez le montant.", { amount: largest });
  announce(text);
  return { tone: "bad", text };
}

/** @param {boolean} isStopped for everybody, by an officer @returns {boolean} that */
export function sayStops(isStopped) {
  announce(isStopped ? t("Les paiements sont arrêtés pour tout le monde.") : t("Les paiements ont repris."));
  return isStopped;
}
