/** Which screen the till shows, and that "paid" is never made up nor taken back. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { EMPTY_ENTRY, typed } from "../../merchant_pos/static/src/amount_entry.js";

import {
  isLate,
  LATE_AFTER_MS,
  salesListEntries,
  mergePush,
  mergeReading,
  needsReading,
  refundableCents,
  resumedSale,
  saleStateName,
  bandOf,
  saysAway,
  stageOf,
  withRefund,
} from "../../merchant_pos/static/src/stage_rules.js";

const NOW = 1_800_000_000_000;
const sale = (state, more = {}) => ({
  id: "S1",
  state,
  amount_cents: 1250,
  created_at_unix_ms: NOW - 5_000,
  expires_at_unix_ms: NOW + 100_000,
  paid_at_unix_ms: state === "paid" ? NOW - 1_000 : null,
  refunded_cents: 0,
  refunds: [],
  accepted_at_unix_ms: null,
  proof_code: null,
  payer_label: null,
  ...more,
});
const book = (...sales) => ({ sales, refunds: [], complete_since_unix_ms: null });
/** What the service pushes of a sale, and nothing it only answers. */
const pushed = (state, more = {}) => {
  const { id, amount_cents, created_at_unix_ms, expires_at_unix_ms, paid_at_unix_ms, refunded_cents } = sale(state);
  return {
    id,
    amount_cents,
    short_code: "482913",
    state,
    created_at_unix_ms,
    expires_at_unix_ms,
    accepted_at_unix_ms: null,
    paid_at_unix_ms,
    proof_code: null,
    refunded_cents,
    ...more,
  };
};
const till = (more) => ({ loaded: true, paired: true, revoked: null, current: null, book: book(), ...more });
const shown = { reference: "0x1", amountCents: 1250, saleId: "S1" };

test("the stage is the sale's own state, as the service said it", () => {
  for (const state of ["open", "accepted", "paid", "expired", "cancelled"])
    assert.equal(stageOf(till({ current: shown, book: book(sale(state)) })), state);
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

test("a tablet that was let go does not say that the service is away", () => {
  assert.ok(saysAway({ offlineSinceMs: 34_000, revoked: null }));
  assert.ok(!saysAway({ offlineSinceMs: 34_000, revoked: { status: 401, detail: "" } }));
  assert.ok(!saysAway({ offlineSinceMs: null, revoked: null }));
});

test("the band says what is true first, and offers a release only between two sales", () => {
  const rest = {
    offlineSinceMs: null,
    revoked: null,
    online: true,
    paired: true,
    paymentsStopped: false,
    entry: EMPTY_ENTRY,
  };
  assert.equal(bandOf(rest, "keypad", true), "release");
  assert.equal(bandOf(rest, "keypad", false), null);
  for (const stage of ["opening", "open", "accepted", "unknown", "paid", "expired", "cancelled", "pairing"])
    assert.equal(bandOf(rest, stage, true), null, stage);
  assert.equal(bandOf({ ...rest, entry: typed(EMPTY_ENTRY, "7") }, "keypad", true), null, "an amount is begun");
  assert.equal(bandOf({ ...rest, paymentsStopped: true }, "keypad", true), "stopped");
  assert.equal(bandOf({ ...rest, paymentsStopped: true, paired: false }, "pairing", false), null);
  const away = { ...rest, paymentsStopped: true, offlineSinceMs: 10, online: false };
  assert.equal(bandOf(away, "keypad", true), "away", "nobody knows whether it still is stopped");
});

test("an older reading that arrives late cannot take paid back", () => {
  const paid = sale("paid");
  for (const state of ["open", "accepted", "expired", "cancelled"]) {
    for (const isOlder of [true, false]) assert.equal(mergeReading(paid, sale(state), isOlder).state, "paid");
    assert.equal(mergePush(paid, pushed(state)), paid);
  }
  assert.equal(mergeReading(paid, sale("paid", { refunded_cents: 500 })).refunded_cents, 500);
  assert.equal(mergeReading(sale("accepted"), sale("open")).state, "open");
  assert.equal(mergeReading(undefined, sale("open")).state, "open");
});

test("a reading asked for before the last push completes it and takes nothing of it back", () => {
  const known = mergePush(sale("open", { qr_svg: "<svg/>" }), pushed("accepted", { proof_code: "7K-4QP" }));
  const older = mergeReading(known, sale("open", { label: "Pain", payer_label: null }), true);
  assert.deepEqual([older.state, older.proof_code, older.label], ["accepted", "7K-4QP", "Pain"]);
  const named = mergeReading(
    mergePush(known, pushed("paid", { proof_code: "7K-4QP" })),
    sale("accepted", { proof_code: "7K-4QP", payer_label: "Camille R." }),
    true,
  );
  assert.deepEqual([named.state, named.payer_label], ["paid", "Camille R."]);
  assert.equal(mergeReading(sale("accepted"), sale("paid"), true).state, "paid");
  const refund = { id: "R1", state: "paid" };
  assert.deepEqual(
    mergeReading(
      sale("paid", { refunds: [refund] }),
      sale("paid", { refunds: [{ id: "R1", state: "requested" }] }),
      true,
    ).refunds,
    [refund],
  );
});

test("a payer's name stays with the payment it belongs to", () => {
  const known = sale("accepted", { proof_code: "7K-4QP", payer_label: "Camille R." });
  assert.equal(mergePush(known, pushed("paid", { proof_code: "7K-4QP" })).payer_label, "Camille R.");
  assert.equal(mergePush(known, pushed("open")).payer_label, null);
  assert.equal(mergePush(known, pushed("accepted", { proof_code: "11-AAA" })).payer_label, null);
  assert.equal(mergePush(undefined, pushed("open")).payer_label, null);
});

test("a sale is read again only for what is never pushed: who pays, and why a payment was refused", () => {
  const open = sale("open");
  const accepted = mergePush(open, pushed("accepted", { proof_code: "7K-4QP" }));
  assert.equal(needsReading(undefined, open), false);
  assert.equal(needsReading(open, accepted), true);
  const named = { ...accepted, payer_label: "Camille R." };
  assert.equal(needsReading(named, mergePush(named, pushed("paid", { proof_code: "7K-4QP" }))), false);
  assert.equal(needsReading(named, mergePush(named, pushed("open"))), true);
  assert.equal(needsReading(open, mergePush(open, pushed("expired"))), false);
});

test("a pushed refund takes its own place in the list, or a new one", () => {
  const refunds = [
    { id: "R1", state: "requested" },
    { id: "R2", state: "paid" },
  ];
  assert.deepEqual(withRefund(refunds, { id: "R1", state: "accepted" }), [
    { id: "R1", state: "accepted" },
    { id: "R2", state: "paid" },
  ]);
  assert.deepEqual(
    withRefund(refunds, { id: "R3", state: "requested" }).map(({ id }) => id),
    ["R1", "R2", "R3"],
  );
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
  for (const state of ["open", "accepted"])
    assert.equal(resumedSale(null, book(sale("paid", { id: "S2" }), sale(state)), NOW).saleId, "S1");
  for (const kept of [null, 7, {}, { amountCents: "12" }])
    assert.equal(resumedSale(kept, book(sale("paid")), NOW), null);
});

test("what can still be refunded leaves out what is asked or given back, not what was refused", () => {
  const refunds = [
    { amount_cents: 300, state: "requested" },
    { amount_cents: 200, state: "paid" },
    { amount_cents: 700, state: "refused" },
  ];
  assert.equal(refundableCents(sale("paid", { refunds })), 750);
  assert.equal(refundableCents(sale("accepted")), 0);
  assert.equal(refundableCents(sale("paid", { refunds: [{ amount_cents: 1250, state: "accepted" }] })), 0);
});

test("a sale given back whole is shown as refunded, one given back in part stays paid", () => {
  assert.equal(saleStateName(sale("paid", { refunded_cents: 1250 })), "refunded");
  assert.equal(saleStateName(sale("paid", { refunded_cents: 500 })), "paid");
  for (const state of ["open", "accepted", "expired", "cancelled"]) assert.equal(saleStateName(sale(state)), state);
});

test("sales and refunds are one list, newest first", () => {
  const refunds = [{ id: "R1", sale_id: "S1", requested_at_unix_ms: NOW, decided_at_unix_ms: null }];
  const entries = salesListEntries({
    sales: [sale("paid"), sale("open", { id: "S2", created_at_unix_ms: NOW - 500 })],
    refunds,
  });
  assert.deepEqual(
    entries.map((entry) => entry.refund?.id ?? entry.sale.id),
    ["R1", "S2", "S1"],
  );
});

test("a confirmed sale is late after ten seconds, and one that is not confirmed never", () => {
  const confirmed = sale("accepted", { accepted_at_unix_ms: NOW });
  assert.equal(isLate(confirmed, NOW + LATE_AFTER_MS), false);
  assert.equal(isLate(confirmed, NOW + LATE_AFTER_MS + 1), true);
  assert.equal(isLate(sale("accepted"), NOW + 10 * LATE_AFTER_MS), false);
});
