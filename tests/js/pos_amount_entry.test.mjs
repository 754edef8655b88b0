/** The till's keypad: what the fingers do to the amount. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { amountCents, EMPTY_ENTRY, typed } from "../../merchant_pos/static/src/amount_entry.js";

const LARGEST = 300_000;
const after = (keys) => keys.reduce((entry, key) => typed(entry, key, LARGEST), EMPTY_ENTRY);
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

test("a key that would pass the largest sale changes nothing", () => {
  assert.equal(cents("3", "0", "0", "0", "0", "0"), 300_000);
  assert.equal(cents("3", "0", "0", "0", "0", "0", "1"), 300_000);
  assert.equal(cents("3", "0", "0", "0", ",", "0", "1"), 300_000);
  assert.equal(cents("9", "9", "9", "9", ","), 9999);
});

test("unknown keys change nothing", () => assert.equal(cents("1", "x", "-", "é", ""), 1));
