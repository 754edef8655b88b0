// Which screen the stage shows, and how two readings of a sale combine. Pure; the service alone makes states.

const RESUME_PAID_MS = 10 * 60 * 1000;

/** loading, pairing, revoked, keypad, opening, unknown, or the sale's own state. */
export function stageOf({ loaded, paired, revoked, current, book }) {
  if (!loaded) return "loading";
  if (revoked) return "revoked";
  if (!paired) return "pairing";
  if (!current) return "keypad";
  if (!current.saleId) return "opening";
  return book?.sales.find((sale) => sale.id === current.saleId)?.state ?? "unknown";
}

/** Paid is final: a reading that left the service earlier and arrived later cannot take it back. Refunds may still grow. */
export function mergeSale(known, received) {
  return known?.state === "paid" && received.state !== "paid" ? known : received;
}

/** What to put on the stage after a reload: what was there, else a sale still waiting; a sale paid long ago stays in the list. */
export function resumedSale(kept, book, nowUnixMs) {
  if (kept && typeof kept === "object" && Number.isInteger(kept.amountCents)) {
    const sale = book?.sales.find((item) => item.id === kept.saleId);
    const closedAt = sale && (sale.paid_at_unix_ms ?? (sale.state === "open" ? null : sale.expires_at_unix_ms));
    const old = sale && sale.state !== "accepted" && closedAt !== null && nowUnixMs - closedAt > RESUME_PAID_MS;
    if (!old && sale?.state !== "cancelled") return kept;
  }
  const waiting = book?.sales.find((sale) => sale.state === "open" || sale.state === "accepted");
  return waiting ? { reference: null, amountCents: waiting.amount_cents, saleId: waiting.id } : null;
}

/** Cents that can still be given back: what was paid less what is refunded or already asked. */
export function refundableCents(sale) {
  if (sale.state !== "paid") return 0;
  const asked = sale.refunds.filter((refund) => refund.state !== "refused").reduce((sum, refund) => sum + refund.amount_cents, 0);
  return Math.max(0, sale.amount_cents - asked);
}

/** The pill of a sale: [tone, French word]. One state, one colour, one word. */
export function salePill(sale) {
  if (sale.state === "paid" && sale.refunded_cents >= sale.amount_cents) return ["neutral", "remboursé"];
  return {
    open: ["neutral", "en attente"], accepted: ["wait", "en cours"], paid: ["paid", "payé"],
    expired: ["refused", "expiré"], cancelled: ["neutral", "annulé"],
  }[sale.state];
}

export function refundPill(refund) {
  return {
    requested: ["wait", "demandé"], accepted: ["wait", "en cours"], paid: ["neutral", "remboursé"], refused: ["refused", "refusé"],
  }[refund.state];
}

/** Sales and refunds in one list, newest first. */
export function bookEntries({ sales, refunds }) {
  return [
    ...sales.map((sale) => ({ kind: "sale", atUnixMs: sale.paid_at_unix_ms ?? sale.created_at_unix_ms, sale })),
    ...refunds.map((refund) => ({ kind: "refund", atUnixMs: refund.decided_at_unix_ms ?? refund.requested_at_unix_ms, refund })),
  ].sort((a, b) => b.atUnixMs - a.atUnixMs);
}
