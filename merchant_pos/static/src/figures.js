// Today's figures of a till: what was paid, what was given back, how many of each. Pure; only what is final counts.
import { sameDay } from "#ui/times.js";

/**
 * Sales count on the day they were paid, refunds on the day they were decided, in the shop's time zone.
 * @param {import("#ui/till_api_types.js").BookAnswer} book
 * @param {number} nowUnixMs server time
 * @returns {{netCents: number, salesCount: number, refundsCount: number, confirmingCents: number, isComplete: boolean}}
 * `isComplete` is false when the sales held may not reach back to midnight
 */
export function todayOf({ sales, refunds, complete_since_unix_ms: completeSince }, nowUnixMs) {
  /** @param {number | null} unixMs */
  const isToday = (unixMs) => unixMs !== null && sameDay(unixMs, nowUnixMs);
  const paid = sales.filter((sale) => sale.state === "paid" && isToday(sale.paid_at_unix_ms));
  const returned = refunds.filter(
    (refund) => refund.state === "paid" && isToday(refund.decided_at_unix_ms ?? refund.requested_at_unix_ms),
  );
  /** @param {{amount_cents: number}[]} items */
  const sum = (items) => items.reduce((total, item) => total + item.amount_cents, 0);
  return {
    netCents: sum(paid) - sum(returned),
    salesCount: paid.length,
    refundsCount: returned.length,
    confirmingCents: sum(sales.filter((sale) => sale.state === "accepted")),
    isComplete: completeSince === null || (completeSince < nowUnixMs && !isToday(completeSince)),
  };
}
