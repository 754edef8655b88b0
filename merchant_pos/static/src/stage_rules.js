// Which screen the stage shows, and how two readings of a sale combine. Pure; the service alone makes states.

/**
 * @typedef {import("#ui/till_api_types.js").SaleAnswer} Sale
 * @typedef {import("#ui/till_api_types.js").TabletRefundAnswer} Refund
 * @typedef {import("#ui/till_api_types.js").BookAnswer} Book
 * @typedef {Pick<Sale, "id" | "state" | "expires_at_unix_ms" | "accepted_at_unix_ms" | "paid_at_unix_ms" | "proof_code"
 *   | "refunded_cents" | "amount_cents" | "tip_cents" | "short_code" | "created_at_unix_ms"> & Partial<Sale>} PushedSale
 * @typedef {{reference: string | null, amountCents: number, saleId: string | null, label?: string, tipCents?: number}} Current the sale on the
 *   stage, as it was asked for: the same reference is asked with the same words
 * @typedef {{tone: string, text: string}} Notice
 * @typedef {object} TillState
 * @property {boolean} loaded
 * @property {boolean} paired
 * @property {{status: number, detail: string} | null} revoked
 * @property {import("#ui/till_api_types.js").ShownTill | null} till
 * @property {import("#ui/till_api_types.js").TabletCurrencyAnswer | null} currency
 * @property {string | null} environment
 * @property {number} largestSaleCents
 * @property {Book | null} book null until it was read
 * @property {boolean} online
 * @property {boolean} paymentsStopped for everybody, by an officer
 * @property {number | null} offlineSinceMs of the page's own clock; null while online
 * @property {import("./amount_entry.js").Entry} entry
 * @property {string} label of the sale being typed; empty: none
 * @property {number | null} tipFor the sale the customer may add a tip to now
 * @property {Current | null} current
 * @property {boolean} waiting
 * @property {Notice | null} notice
 * @property {boolean} busy
 * @typedef {{kind: "sale", atUnixMs: number, sale: Sale} | {kind: "refund", atUnixMs: number, refund: Refund}} BookEntry
 */

import { amountCents } from "./amount_entry.js";

const RESUME_PAID_MS = 10 * 60 * 1000;
/** A confirmed sale that is not paid by then waits for something that is not well: final is promised within this. */
export const LATE_AFTER_MS = 10_000;

/**
 * Whether a confirmed sale waits longer than it ever does, so that the person at the till must be told what to do.
 * @param {Pick<Sale, "accepted_at_unix_ms">} sale
 * @param {number} nowUnixMs
 */
export const isLate = ({ accepted_at_unix_ms }, nowUnixMs) =>
  accepted_at_unix_ms !== null && nowUnixMs - accepted_at_unix_ms > LATE_AFTER_MS;

/**
 * loading, pairing, revoked, keypad, tip, opening, unknown, or the sale's own state.
 * @param {Pick<TillState, "loaded" | "paired" | "revoked" | "current" | "book"> & Partial<Pick<TillState, "tipFor">>} state
 */
export function stageOf({ loaded, paired, revoked, current, book, tipFor = null }) {
  if (!loaded) return "loading";
  if (revoked) return "revoked";
  if (!paired) return "pairing";
  if (!current) return tipFor === null ? "keypad" : "tip";
  if (!current.saleId) return "opening";
  return book?.sales.find((sale) => sale.id === current.saleId)?.state ?? "unknown";
}

/**
 * Whether to say that the service is away. Not to a tablet that was let go: it has no service any more, and trying again
 * would change nothing.
 * @param {Pick<TillState, "offlineSinceMs" | "revoked">} state
 */
export const saysAway = ({ offlineSinceMs, revoked }) => offlineSinceMs !== null && !revoked;

/**
 * What the band above the stage says. A newer release is offered between two sales alone, before an amount is begun:
 * whoever touches it loses nothing.
 * @param {Pick<TillState, "offlineSinceMs" | "revoked" | "online" | "paired" | "paymentsStopped" | "entry">} state
 * @param {string} stage
 * @param {boolean} hasNewRelease
 * @returns {"away" | "stopped" | "release" | null}
 */
export function bandOf(state, stage, hasNewRelease) {
  if (saysAway(state)) return "away";
  if (state.paymentsStopped && state.paired && !state.revoked) return "stopped";
  const isAtRest = stage === "keypad" && state.online && amountCents(state.entry) === 0;
  return hasNewRelease && isAtRest ? "release" : null;
}

/** What the service pushes of a sale; the rest (label, QR, payer, refunds, reasons) is only read. */
const PUSHED_FIELDS = /** @type {const} */ ([
  "state",
  "expires_at_unix_ms",
  "accepted_at_unix_ms",
  "paid_at_unix_ms",
  "proof_code",
  "refunded_cents",
]);
const ONLY_READ = {
  label: null,
  qr_svg: null,
  payer_label: null,
  cashier_label: null,
  refusal_code: null,
  refusal_detail: null,
  refunds: [],
};

/** @param {{state: string} | null | undefined} known @param {{state: string}} received */
const isTakenBack = (known, received) => known?.state === "paid" && received.state !== "paid";

/**
 * A sale as read, beside what is known of it. Paid is final: a reading that left the service earlier and arrived later
 * cannot take it back. Nor can one that was asked for before the last push (`isOlder`) take back what was pushed.
 * @param {Sale | null | undefined} known
 * @param {Sale} read
 * @param {boolean} [isOlder]
 * @returns {Sale}
 */
export function mergeReading(known, read, isOlder = false) {
  const isPaidNow = read.state === "paid" && known?.state !== "paid";
  if (!known || (!isTakenBack(known, read) && (!isOlder || isPaidNow))) return read;
  return {
    ...read,
    ...Object.fromEntries(PUSHED_FIELDS.map((name) => [name, known[name]])),
    payer_label: read.proof_code === known.proof_code ? read.payer_label : known.payer_label,
    refunds: known.refunds.reduce(withRefund, read.refunds),
  };
}

/**
 * A sale as pushed, beside what is known of it. The payer's name is never pushed: it stays with the payment it belongs to.
 * @param {Sale | {refunds: Refund[]} | null | undefined} known
 * @param {PushedSale} pushed
 * @returns {Sale}
 */
export function mergePush(known, pushed) {
  const held = known && "state" in known ? known : null;
  if (held && isTakenBack(held, pushed)) return held;
  const merged = { ...ONLY_READ, ...known, ...pushed };
  const isSamePayment = held?.proof_code === pushed.proof_code;
  return isSamePayment || "payer_label" in pushed ? merged : { ...merged, payer_label: null };
}

/** Whether the sale on the stage says less than a person needs: who pays, or why a payment was refused. @param {Sale | null} known @param {Sale} sale */
export function needsReading(known, sale) {
  const isReopened = known?.state === "accepted" && sale.state === "open";
  return isReopened || (sale.proof_code !== null && sale.payer_label === null);
}

/** Refunds with a newer one in its place. @param {Refund[]} refunds @param {Refund} newer @returns {Refund[]} */
export function withRefund(refunds, newer) {
  if (!refunds.some((refund) => refund.id === newer.id)) return [...refunds, newer];
  return refunds.map((refund) => (refund.id === newer.id ? newer : refund));
}

/**
 * What to put on the stage after a reload: what was there, else a sale still waiting; a sale paid long ago stays in the list.
 * @param {any} kept as it was read back
 * @param {Book | null} book
 * @param {number} nowUnixMs
 * @returns {Current | null}
 */
export function resumedSale(kept, book, nowUnixMs) {
  if (kept && typeof kept === "object" && Number.isInteger(kept.amountCents)) {
    const sale = book?.sales.find((item) => item.id === kept.saleId);
    const closedAt = sale ? (sale.paid_at_unix_ms ?? (sale.state === "open" ? null : sale.expires_at_unix_ms)) : null;
    const old = sale && sale.state !== "accepted" && closedAt !== null && nowUnixMs - closedAt > RESUME_PAID_MS;
    if (!old && sale?.state !== "cancelled") return kept;
  }
  const waiting = book?.sales.find((sale) => sale.state === "open" || sale.state === "accepted");
  return waiting ? { reference: null, amountCents: waiting.amount_cents, saleId: waiting.id } : null;
}

/** Cents that can still be given back: what was paid less what is refunded or already asked. @param {Sale} sale */
export function refundableCents(sale) {
  if (sale.state !== "paid") return 0;
  const requestedCents = sale.refunds
    .filter((refund) => refund.state !== "refused")
    .reduce((sum, refund) => sum + refund.amount_cents, 0);
  return Math.max(0, sale.amount_cents - requestedCents);
}

/** The state a sale is shown in: one given back whole counts for nothing any more. @param {Sale} sale */
export function saleStateName(sale) {
  return sale.state === "paid" && sale.refunded_cents >= sale.amount_cents ? "refunded" : sale.state;
}

/**
 * Sales and refunds in one list, newest first.
 * @param {Book} book
 * @returns {BookEntry[]}
 */
export function salesListEntries({ sales, refunds }) {
  return [
    ...sales.map((sale) => ({
      kind: /** @type {const} */ ("sale"),
      atUnixMs: sale.paid_at_unix_ms ?? sale.created_at_unix_ms,
      sale,
    })),
    ...refunds.map((refund) => ({
      kind: /** @type {const} */ ("refund"),
      atUnixMs: refund.decided_at_unix_ms ?? refund.requested_at_unix_ms,
      refund,
    })),
  ].sort((a, b) => b.atUnixMs - a.atUnixMs);
}
