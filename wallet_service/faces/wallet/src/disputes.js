/** Contested payments in words: reasons, states, what is held. Shared by the screens that show them. Knows no screen. */
import { element, icon } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { statePill } from "#ui/states.js";
/* icons: message-square-warning hourglass */

const DAY_MS = 86_400_000;
/** While a dispute is in one of these, its sum is held. */
const HOLDING = new Set(["open", "upheld"]);

/** [what the service calls it, how the payer says it, how the other side reads it], in the order people choose from. */
const REASONS = {
  not_received: [
    () => t("Je n’ai pas reçu ce que j’ai payé"),
    () => t("La personne dit ne pas avoir reçu ce qu’elle a payé."),
  ],
  wrong_amount: [() => t("Le montant n’est pas le bon"), () => t("La personne dit que le montant n’est pas le bon.")],
  paid_twice: [() => t("J’ai payé deux fois"), () => t("La personne dit avoir payé deux fois.")],
  wrong_payee: [
    () => t("Je me suis trompé de destinataire"),
    () => t("La personne dit s’être trompée de destinataire."),
  ],
  not_me: [() => t("Ce n’est pas moi qui ai payé"), () => t("La personne dit ne pas avoir fait ce paiement.")],
  deceived: [() => t("On m’a trompé"), () => t("La personne dit avoir été trompée.")],
};

/** @returns {Array<[value: string, words: string]>} */
export const reasons = () => Object.entries(REASONS).map(([value, [own]]) => [value, own()]);

/** @param {any} dispute */
export function reasonOf({ role, reason }) {
  const words = REASONS[reason];
  return words ? words[role === "payer" ? 0 : 1]() : reason;
}

export const isHolding = (/** @type {any} */ dispute) => HOLDING.has(dispute.state);

export const disputePill = (/** @type {any} */ dispute) => statePill("dispute", dispute.state);

/**
 * Whether the payer may still contest that movement, as far as this page knows; the service decides.
 * @param {any} movement
 * @param {{contest_days: number, least_cents: number}} bounds
 * @param {number} nowUnixMs
 */
export function isContestable(movement, bounds, nowUnixMs) {
  const left = Math.abs(movement.amount_cents) - (movement.refunded_cents ?? 0);
  const isYoung = nowUnixMs < movement.at_unix_ms + bounds.contest_days * DAY_MS;
  return movement.kind === "payment_out" && movement.state === "paid" && isYoung && left >= bounds.least_cents;
}

/** What of it concerns me now, in one sentence. @param {any} dispute */
export function sentenceOf(dispute) {
  const held = { amount: formatAmount(dispute.held_cents) };
  if (dispute.role === "holder")
    return isHolding(dispute)
      ? t("{amount} sont retenus : on vous a payé avec de l’argent contesté. Ce n’est pas un reproche.", held)
      : t("Plus rien n’est retenu chez vous.");
  if (dispute.state === "open" && dispute.role === "payee")
    return dispute.may_answer
      ? t("{amount} sont retenus jusqu’à la décision. Dites ce qu’il en est.", held)
      : t("{amount} sont retenus jusqu’à la décision. Vous avez répondu.", held);
  if (dispute.state === "open")
    return dispute.held_cents > 0
      ? t("{amount} sont retenus jusqu’à la décision.", held)
      : t("Rien n’a pu être retenu : l’argent n’était plus là. Un agent regarde quand même.");
  return endOf(dispute);
}

function endOf({ role, state, returned_cents: returned }) {
  const amount = { amount: formatAmount(returned) };
  switch (state) {
    case "upheld":
      return role === "payer"
        ? t("L’association vous donne raison : la somme vous sera rendue.")
        : t("L’association donne raison à qui a payé : la somme est à rendre.");
    case "returned":
      return role === "payer" ? t("La somme vous est rendue.") : t("La somme est rendue.");
    case "ended":
      if (role !== "payer") return t("C’est terminé : plus rien n’est retenu.");
      return returned > 0
        ? t("{amount} vous sont rendus ; le reste n’a pas pu être repris.", amount)
        : t("L’association vous donne raison, mais rien n’a pu être repris.");
    case "dismissed":
      return role === "payer"
        ? t("L’association a rejeté votre contestation ; plus rien n’est retenu.")
        : t("La contestation est rejetée : la somme est à vous.");
    case "withdrawn":
      return role === "payer"
        ? t("Vous avez retiré votre contestation.")
        : t("La contestation est retirée : la somme est à vous.");
    default:
      return "";
  }
}

/** A line of home, or of a receipt, that leads to it. @param {any} dispute */
export const disputeRow = (dispute) =>
  element(
    "a.card.row.ask",
    { href: `/disputes/${dispute.id}` },
    element("span.icon-tile.wait", {}, icon("message-square-warning")),
    element(
      "span.grow",
      {},
      element("span.row-title", {}, titleOf(dispute)),
      element("span.row-detail", {}, sentenceOf(dispute)),
    ),
    disputePill(dispute),
  );

/** @param {any} dispute */
export function titleOf(dispute) {
  const { role, other_name: name, amount_cents: cents } = dispute;
  if (role === "holder") return t("De l’argent reçu est contesté");
  const said = { amount: formatAmount(cents), name: name ?? t("quelqu’un") };
  if (role === "payee")
    return name
      ? t("{name} conteste vous avoir payé {amount}", said)
      : t("Un paiement de {amount} que vous avez reçu est contesté", said);
  return isHolding(dispute)
    ? t("Vous contestez {amount} payés à {name}", said)
    : t("Vous avez contesté {amount} payés à {name}", said);
}
