// Figures of a till's days: what was paid, what was given back, how many of each; and what was looked for. Pure; only what
// is final counts.
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

/** @typedef {ReturnType<typeof import("./stage_rules.js").salesListEntries>[number]} Entry */

/**
 * The list by days, newest first, each with what was taken less what was given back.
 * @param {Entry[]} entries newest first
 * @param {number | null} completeSince since when the tablet holds every sale; null: from the first one on
 * @returns {{atUnixMs: number, netCents: number, isWhole: boolean, entries: Entry[]}[]}
 * `isWhole` is false of a day whose sales may not all be held: its figure is not to be shown
 */
export function daysOf(entries, completeSince) {
  /** @type {{atUnixMs: number, netCents: number, isWhole: boolean, entries: Entry[]}[]} */
  const days = [];
  /** @param {number} unixMs */
  const isWhole = (unixMs) => completeSince === null || (completeSince < unixMs && !sameDay(completeSince, unixMs));
  for (const entry of entries) {
    const last = days.at(-1);
    const isSame = last && sameDay(last.atUnixMs, entry.atUnixMs);
    const day = isSame
      ? last
      : { atUnixMs: entry.atUnixMs, netCents: 0, isWhole: isWhole(entry.atUnixMs), entries: [] };
    if (!isSame) days.push(day);
    day.entries.push(entry);
    if (entry.kind === "sale" && entry.sale.state === "paid") day.netCents += entry.sale.amount_cents;
    if (entry.kind === "refund" && entry.refund.state === "paid") day.netCents -= entry.refund.amount_cents;
  }
  return days;
}

/**
 * Those that what was typed is part of: an amount as it is written, a proof code, a label, the payer as far as this tablet
 * knows them.
 * @param {Entry[]} entries
 * @param {string} typed
 * @param {(cents: number) => string} written how this page writes an amount
 */
export function found(entries, typed, written) {
  const wanted = plain(typed);
  if (!wanted) return entries;
  /** @param {Entry} entry */
  const wordsOf = (entry) =>
    entry.kind === "sale"
      ? [
          written(entry.sale.amount_cents),
          entry.sale.proof_code,
          entry.sale.payer_label,
          entry.sale.label,
          entry.sale.cashier_label,
        ]
      : [written(entry.refund.amount_cents)];
  return entries.filter((entry) => wordsOf(entry).some((word) => plain(word ?? "").includes(wanted)));
}

/** Without accents, blanks and case; a point and a comma are one. @param {string} text */
const plain = (text) =>
  text
    .normalize("NFD")
    .replace(/[\u0300-\u036f\s]/g, "")
    .replaceAll(".", ",")
    .toLowerCase();
