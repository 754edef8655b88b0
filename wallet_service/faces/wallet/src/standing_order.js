/** How a standing order is told, on the home screen and on its own. */
import { formatAmount, t } from "#ui/i18n.js";
import { dateText } from "#ui/times.js";

/** "5 décembre 2026" of "2026-12-05", in whatever zone the phone is. @param {string} isoDate */
export const dayText = (isoDate) => dateText(Date.parse(`${isoDate}T12:00:00Z`));

/** What is wrong with the last one, if anything; the home screen says it too. */
export const missedTitle = (order) =>
  t("Le virement permanent de {amount} n’est pas arrivé", { amount: formatAmount(order.amount_cents) });
export const missedDetail = (order) => t("Attendu vers le {day}", { day: dayText(order.missed_on) });
