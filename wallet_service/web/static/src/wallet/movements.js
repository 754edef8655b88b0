/** Movements as rows: who, when, how much, in which state. Shared by the home screen and the whole list. */
import { element, icon } from "#shared/dom.js";
import { formatAmount, t } from "./words.js";
import { SHOWN_STATES } from "#shared/states.js";

import { whenShown } from "./components.js";
import { heldSentence } from "./held.js";

const KINDS = {
  payment_out: ["store", () => t("Paiement")],
  payment_in: ["arrow-down-left", () => t("Paiement reçu")],
  topup: ["landmark", () => t("Virement reçu")],
  redemption: ["landmark", () => t("Retrait en euros")],
  refund_in: ["undo-2", () => t("Remboursement")],
  refund_out: ["undo-2", () => t("Remboursement")],
};
/* icons: store arrow-down-left landmark undo-2 */

/** @returns {{iconName: string, title: string, detail: string}} what a movement is called */
export function nameOf(movement) {
  const [iconName, word] = KINDS[movement.kind] ?? ["store", () => t("Mouvement")];
  const isRefund = movement.kind.startsWith("refund");
  const title = movement.counterparty_name || word();
  return { iconName, title, detail: isRefund && movement.counterparty_name ? word() : "" };
}

/** Given back whole: the sale counts for nothing any more, here as on the till. */
export const isGivenBack = ({ kind, amount_cents: cents, refunded_cents: back }) => kind.startsWith("payment") && back > 0 && back >= Math.abs(cents);

const refundedOf = (movement) => (movement.refunded_cents > 0 && !isGivenBack(movement) ? t("remboursé {amount}", { amount: formatAmount(movement.refunded_cents) }) : "");

/** The word and colour class of a movement's state. */
export function stateOf(movement) {
  if (movement.kind === "topup" && movement.state === "paid") return ["paid", t("crédité")];
  if (movement.state === "paid" && isGivenBack(movement)) return ["refunded", SHOWN_STATES.refunded[2]()];
  if (movement.held_reason) return ["confirming", t("retenu")];
  if (movement.state === "returned") return ["refunded", t("rendu")];
  const [className, , word] = SHOWN_STATES[movement.state] ?? ["", null, () => movement.state];
  return [className, word()];
}

export function movementRow(movement, nowUnixMs) {
  const { iconName, title, detail } = nameOf(movement);
  const [className, word] = stateOf(movement);
  const isVoid = ["refused", "returned"].includes(movement.state);
  const isIn = movement.amount_cents > 0 && !isVoid;
  return element(
    "li",
    {},
    element(
      "a.row-link",
      { href: `/movement/${movement.ref}` },
      element("span.icon-tile", {}, icon(iconName)),
      element("span.grow", {}, element("span.row-title", {}, title), element("span.row-detail", {}, [whenShown(movement.at_unix_ms, nowUnixMs), detail, refundedOf(movement), heldSentence(movement.held_reason)].filter(Boolean).join(" · "))),
      element(
        "span.end",
        {},
        element(`span.amount${isIn ? ".in" : ""}${isVoid ? ".void" : ""}`, {}, formatAmount(movement.amount_cents, { signed: true })),
        element("span.state-word", { class: className }, word),
      ),
    ),
  );
}

export const listOf = (answer) => (Array.isArray(answer) ? answer : (answer?.movements ?? []));
