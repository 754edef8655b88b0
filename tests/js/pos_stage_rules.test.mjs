/** Which screen the till shows, and that "paid" is never made up nor taken back. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { bookEntries, mergeSale, refundableCents, refundPill, resumedSale, salePill, stageOf } from "../../merchant_pos/static/src/stage_rules.js";

const NOW = 1_800_000_000_000;
const sale = (state, more = {}) => ({
  id: "S1", state, amount_cents: 1250, created_at_unix_ms: NOW - 5_000, expires_at_unix_ms: NOW + 100_000, paid_at_unix_ms: state === "paid" ? NOW - 1_000 : null,
  refunded_cents: 0, refunds: [], ...more,
});
const book = (...sales) => ({ sales, refunds: [], today: null });
const till = (more) => ({ loaded: true, paired: true, revoked: null, current: null, book: book(), ...more });
const shown = { reference: "0x1", amountCents: 1250, saleId: "S1" };

test("the stage is the sale's own state, as the service said it", () => {
  for (const state of ["open", "accepted", "paid", "expired", "cancelled"]) assert.equal(stageOf(till({ current: shown, book: book(sale(state)) })), state);
});

test("a sale the service has not spoken of is unknown, never paid", () => {
  assert.equal(stageOf(till({ current: shown, book: null })), "unknown");
  assert.equal(stageOf(till({ current: { ...shown, state: "paid" }, book: book() })), "unknown");
});

test("before any sale: loading, pairing, revoked, keypad, opening", () => {
  assert.equal(stageOf(till({ loaded: false })), "loading");
  assert.equal(stageOf(till({ paired: false })), "pairing");
  assert.equal(stageOf(till({ revoked: { code: "till.revoked" } })), "revoked");
  assert.equal(stageOf(till({})), "keypad");
  assert.equal(stageOf(till({ current: { ...shown, saleId: null } })), "opening");
});

test("an older reading that arrives late cannot take paid back", () => {
  const paid = sale("paid");
  for (const state of ["open", "accepted", "expired", "cancelled"]) assert.equal(mergeSale(paid, sale(state)), paid);
  assert.equal(mergeSale(paid, sale("paid", { refunded_cents: 500 })).refunded_cents, 500);
  assert.equal(mergeSale(sale("accepted"), sale("open")).state, "open");
  assert.equal(mergeSale(undefined, sale("open")).state, "open");
});

test("after a reload the sale of the stage comes back, an old or cancelled one does not", () => {
  assert.deepEqual(resumedSale(shown, book(sale("accepted")), NOW), shown);
  assert.deepEqual(resumedSale(shown, book(sale("paid")), NOW), shown);
  assert.deepEqual(resumedSale(shown, null, NOW), shown);
  assert.deepEqual(resumedSale({ ...shown, saleId: null }, book(), NOW), { ...shown, saleId: null });
  assert.equal(resumedSale(shown, book(sale("paid", { paid_at_unix_ms: NOW - 3_600_000 })), NOW), null);
  assert.equal(resumedSale(shown, book(sale("expired", { expires_at_unix_ms: NOW - 3_600_000 })), NOW), null);
  assert.equal(resumedSale(shown, book(sale("cancelled")), NOW), null);
});

test("nothing kept: a sale still waiting for its customer comes back", () => {
  for (const state of ["open", "accepted"]) assert.equal(resumedSale(null, book(sale("paid", { id: "S2" }), sale(state)), NOW).saleId, "S1");
  for (const kept of [null, 7, {}, { amountCents: "12" }]) assert.equal(resumedSale(kept, book(sale("paid")), NOW), null);
});

test("what can still be refunded leaves out what is asked or given back, not what was refused", () => {
  const refunds = [{ amount_cents: 300, state: "requested" }, { amount_cents: 200, state: "paid" }, { amount_cents: 700, state: "refused" }];
  assert.equal(refundableCents(sale("paid", { refunds })), 750);
  assert.equal(refundableCents(sale("accepted")), 0);
  assert.equal(refundableCents(sale("paid", { refunds: [{ amount_cents: 1250, state: "accepted" }] })), 0);
});

test("one state, one word: only a paid sale is green", () => {
  const green = ["open", "accepted", "paid", "expired", "cancelled"].filter((state) => salePill(sale(state))[0] === "paid");
  assert.deepEqual(green, ["paid"]);
  assert.deepEqual(salePill(sale("paid", { refunded_cents: 1250 })), ["neutral", "remboursé"]);
  assert.deepEqual(salePill(sale("paid", { refunded_cents: 500 })), ["paid", "payé"]);
  assert.deepEqual(["requested", "accepted", "paid", "refused"].map((state) => refundPill({ state })[1]), ["demandé", "en cours", "remboursé", "refusé"]);
});

test("sales and refunds are one list, newest first", () => {
  const refunds = [{ id: "R1", sale_id: "S1", requested_at_unix_ms: NOW, decided_at_unix_ms: null }];
  const entries = bookEntries({ sales: [sale("paid"), sale("open", { id: "S2", created_at_unix_ms: NOW - 500 })], refunds });
  assert.deepEqual(entries.map((entry) => entry.refund?.id ?? entry.sale.id), ["R1", "S2", "S1"]);
});
