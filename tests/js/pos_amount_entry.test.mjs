/** The till's keypad: what the fingers do to the amount. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { amountCents, EMPTY_ENTRY, isDropped, typed } from "../../merchant_pos/static/src/amount_entry.js";

const after = (keys) => keys.reduce((entry, key) => typed(entry, key), EMPTY_ENTRY);
const cents = (...keys) => amountCents(after(keys));

test("digits fill from the cents, as on a payment terminal", () => {
  assert.equal(cents("1", "2", "5", "0"), 1250);
  assert.equal(cents("0", "0", "5"), 5);
  assert.equal(cents("1", "2", "00"), 1200);
});

test("a typed comma switches to units and decimals", () => {
  assert.equal(cents("1", "2", ",", "5"), 1250);
  assert.equal(cents("1", "2", ",", "5", "0"), 1250);
  assert.equal(cents("1", "2", ","), 1200);
  assert.equal(cents(",", "5"), 50);
  assert.equal(cents("1", ",", ",", "5"), 150);
});

test("a third decimal changes nothing", () => {
  assert.equal(cents("1", ",", "2", "3", "4"), 123);
  assert.equal(cents("1", ",", "2", "00"), 120);
});

test("back undoes one key, clear undoes all", () => {
  assert.equal(cents("1", "2", "5", "back"), 12);
  assert.equal(cents("1", "2", ",", "5", "back", "back", "5"), 125);
  assert.equal(cents("back"), 0);
  assert.equal(cents("1", ",", "5", "clear"), 0);
});

test("no digit is left out in silence: six thousand is never six hundred", () => {
  assert.equal(cents("6", "0", "0", "0", "0", "0"), 600_000);
  assert.equal(cents("5", "0", "0", "0", ",", "0", "1"), 500_001);
});

test("a digit past the longest amount is dropped, and that is known", () => {
  const full = after(["9", "9", "9", "9", "9", "9", "9", "9", "9"]);
  assert.equal(typed(full, "9"), full);
  assert.ok(isDropped(full, "9", typed(full, "9")));
  assert.ok(!isDropped(EMPTY_ENTRY, "0", typed(EMPTY_ENTRY, "0")), "a leading zero says nothing");
  assert.ok(!isDropped(full, "back", typed(full, "back")));
});

test("unknown keys change nothing", () => assert.equal(cents("1", "x", "-", "é", ""), 1));
