// One state, one colour, one word, everywhere: the pill of a sale, a payment, a refund or a redemption.
import { element, icon } from "#shared/dom.js";
import { t } from "#shared/i18n.js";

/** state -> [class, icon, word]; several machine states share one word for people. */
export const SHOWN_STATES = {
  open: ["wait", "clock", () => t("en attente")],
  requested: ["wait", "clock", () => t("demandé")],
  accepted: ["confirming", "clock", () => t("en cours")],
  settling: ["confirming", "clock", () => t("en cours")],
  confirming: ["confirming", "clock", () => t("en cours")],
  paid: ["paid", "check", () => t("payé")],
  credited: ["paid", "check", () => t("crédité")],
  refused: ["refused", "x", () => t("refusé")],
  expired: ["expired", "x", () => t("expiré")],
  cancelled: ["cancelled", "ban", () => t("annulé")],
  refunded: ["refunded", "undo-2", () => t("remboursé")],
};
/* icons: clock check x ban undo-2 */

/** statePill("paid") -> the pill element. An unknown state is shown as it is, never as paid. */
export function statePill(state) {
  const [className, iconName, word] = SHOWN_STATES[state] ?? ["", null, () => state];
  return element("span.pill", { class: className }, iconName && icon(iconName), word());
}
