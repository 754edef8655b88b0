// Today's figures of a till: only what is final counts, on the shop's own day.
import assert from "node:assert/strict";
import { test } from "node:test";

import { setTimeZone } from "#ui/times.js";

import { daysOf, found, todayOf } from "../../merchant_pos/static/src/figures.js";

setTimeZone("Europe/Paris");

/** Paris in July is two hours ahead of universal time. */
const at = (text) => Date.parse(`${text}:00+02:00`);
const NOW = at("2026-07-14T15:00");
const sale = (cents, state, when = "2026-07-14T10:00") => ({
  amount_cents: cents,
  state,
  created_at_unix_ms: at(when),
  paid_at_unix_ms: state === "paid" ? at(when) + 1_000 : null,
});
const refund = (cents, state, requestedAt, decidedAt) => ({
  amount_cents: cents,
  state,
  requested_at_unix_ms: at(requestedAt),
  decided_at_unix_ms: decidedAt ? at(decidedAt) : null,
});
const today = (sales, refunds = [], completeSince = null) =>
  todayOf({ sales, refunds, complete_since_unix_ms: completeSince }, NOW);

test("only paid sales of today are in the total", () => {
  const figures = today([
    sale(1250, "paid"),
    sale(460, "paid"),
    sale(3100, "accepted"),
    sale(820, "expired"),
    sale(999, "open"),
    sale(5000, "paid", "2026-07-13T23:59"),
  ]);
  assert.deepEqual([figures.netCents, figures.salesCount, figures.confirmingCents], [1710, 2, 3100]);
});

test("midnight is the shop's midnight", () => {
  assert.equal(today([sale(100, "paid", "2026-07-14T00:00")]).salesCount, 1); // still the 13th in universal time
});

test("a refund counts on the day it was decided", () => {
  const figures = today(
    [sale(1250, "paid")],
    [
      refund(500, "paid", "2026-07-13T18:00", "2026-07-14T09:00"),
      refund(700, "paid", "2026-07-12T18:00", "2026-07-13T09:00"),
      refund(900, "requested", "2026-07-14T11:00", null),
      refund(950, "refused", "2026-07-14T11:00", "2026-07-14T12:00"),
    ],
  );
  assert.deepEqual([figures.netCents, figures.refundsCount], [750, 1]);
});

test("a list that does not reach back to midnight says so, whatever older sale was pushed into it", () => {
  const old = sale(100, "paid", "2026-07-13T12:00");
  assert.equal(today([sale(100, "paid"), old], [], at("2026-07-14T08:00")).isComplete, false);
  assert.equal(today([sale(100, "paid"), old], [], at("2026-07-13T12:00")).isComplete, true);
  assert.equal(today([], [], null).isComplete, true);
});

const lines = [
  {
    kind: "sale",
    atUnixMs: at("2026-07-14T10:00"),
    sale: { ...sale(1_250, "paid"), proof_code: "AB12", payer_label: "Chloé V." },
  },
  { kind: "refund", atUnixMs: at("2026-07-14T00:00"), refund: refund(250, "paid", "2026-07-14T00:00") },
  {
    kind: "sale",
    atUnixMs: at("2026-07-13T23:59"),
    sale: { ...sale(900, "paid"), proof_code: "CD34", payer_label: null, label: "Table 4" },
  },
  {
    kind: "sale",
    atUnixMs: at("2026-07-12T09:00"),
    sale: { ...sale(700, "expired"), proof_code: null, payer_label: null },
  },
];

test("the list is cut at midnight, and a day that may not be whole says no sum", () => {
  const days = daysOf(lines, at("2026-07-12T08:00"));
  assert.deepEqual(
    days.map(({ netCents, isWhole, entries }) => [netCents, isWhole, entries.length]),
    [
      [1_000, true, 2],
      [900, true, 1],
      [0, false, 1],
    ],
  );
  assert.deepEqual(
    daysOf(lines, null).map(({ isWhole }) => isWhole),
    [true, true, true],
  );
  assert.equal(daysOf(lines, at("2026-07-14T12:00"))[0].isWhole, false);
});

test("an amount is found as it is written, with a point as with a comma, a proof code and a name without accents", () => {
  const written = (cents) => (cents / 100).toFixed(2).replace(".", ",");
  const places = (typed) => found(lines, typed, written).map((line) => lines.indexOf(line));
  assert.deepEqual(places("12.5"), [0]);
  assert.deepEqual(places(" cd3 "), [2]);
  assert.deepEqual(places("chloe"), [0]);
  assert.deepEqual(places("table 4"), [2]);
  assert.deepEqual(places("2,50"), [0, 1]);
  assert.deepEqual(places("  "), [0, 1, 2, 3]);
  assert.deepEqual(places("zz"), []);
});
