/** Movements as rows: who, when, how much, in which state. Shared by the home screen and the whole list. */
import { element, icon } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { stateView } from "#ui/states.js";

import { whenShown } from "./components.js";
import { isArriving, onHoldSentence } from "./on_hold.js";

const KINDS = {
  payment_out: ["store", () => t("Paiement")],
  payment_in: ["arrow-down-left", () => t("Paiement reçu")],
  topup: ["landmark", () => t("Virement reçu")],
  redemption: ["landmark", () => t("Retrait en euros")],
  refund_in: ["undo-2", () => t("Remboursement")],
  refund_out: ["undo-2", () => t("Remboursement")],
};
/* icons: send store arrow-down-left landmark undo-2 */

/** @returns {{iconName: string, title: string, detail: string}} what a movement is called */
export function nameOf(movement) {
  const [iconOfKind, word] = KINDS[movement.kind] ?? ["store", () => t("Mouvement")];
  const iconName = movement.kind === "payment_out" && !movement.sale_id ? "send" : iconOfKind;
  const isRefund = movement.kind.startsWith("refund");
  const title = movement.counterparty_name || word();
  return { iconName, title, detail: isRefund && movement.counterparty_name ? word() : "" };
}

/** Given back whole: the sale counts for nothing any more, here as on the till. */
export const isGivenBack = ({ kind, amount_cents: cents, refunded_cents: back }) =>
  kind.startsWith("payment") && back > 0 && back >= Math.abs(cents);

const refundedOf = (movement) =>
  movement.refunded_cents > 0 && !isGivenBack(movement)
    ? t("remboursé {amount}", { amount: formatAmount(movement.refunded_cents) })
    : "";

/** How a movement's state is shown: what its money is to the member, not what the service calls it. */
export function stateOf(movement) {
  if (movement.kind === "topup" && movement.state === "paid") return stateView("movement", "credited");
  if (movement.state === "paid" && isGivenBack(movement)) return stateView("movement", "refunded");
  if (isArriving(movement.held_reason)) return stateView("movement", "arrived");
  return stateView("movement", movement.held_reason ? "held" : movement.state);
}

/** Whom the member lets pay, where such a key signed it. */
export const paidBy = (movement) => movement.paid_by_name && t("payé par {name}", { name: movement.paid_by_name });

export function movementRow(movement, nowUnixMs, isNew = false) {
  const { iconName, title, detail } = nameOf(movement);
  const { tone, word } = stateOf(movement);
  const isVoid = ["refused", "returned"].includes(movement.state);
  const isIn = movement.amount_cents > 0 && !isVoid && !movement.held_reason;
  return element(
    "li",
    {},
    element(
      "a.row-link",
      { href: `/movement/${movement.ref}` },
      element("span.icon-tile", {}, icon(iconName)),
      element(
        "span.grow",
        {},
        element("span.row-title", {}, title, isNew && element("span.pill.good.new", {}, t("nouveau"))),
        element(
          "span.row-detail",
          {},
          [
            whenShown(movement.at_unix_ms, nowUnixMs),
            detail,
            refundedOf(movement),
            onHoldSentence(movement.held_reason),
            paidBy(movement),
            movement.message,
          ]
            .filter(Boolean)
            .join(" · "),
        ),
      ),
      element(
        "span.end",
        {},
        element(
          `span.amount${isIn ? ".in" : ""}${isVoid ? ".void" : ""}`,
          {},
          formatAmount(movement.amount_cents, { isSigned: true }),
        ),
        element(`span.state-word.${tone}`, {}, word),
      ),
    ),
  );
}
