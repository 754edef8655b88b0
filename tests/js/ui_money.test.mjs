/** Amounts people type and read. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { formatAmount } from "#ui/i18n.js";
import { MAX_AMOUNT_CENTS, parseAmount } from "#ui/money.js";

test("what people type becomes cents", () => {
  const typed = { 12: 1200, "12,5": 1250, "12.50": 1250, " 1 234,05 ": 123405, "0,01": 1, "7,": 700 };
  for (const [text, cents] of Object.entries(typed)) assert.equal(parseAmount(text), cents, text);
});

test("what is not an amount is refused", () => {
  for (const text of ["", "0", "0,00", "-5", "+5", "1,234", "1e3", "12,5,0", "abc", "٣", ",5", "100000000"]) {
    assert.equal(parseAmount(text), null, text);
  }
  assert.equal(parseAmount("99999999,99"), MAX_AMOUNT_CENTS);
  assert.equal(parseAmount("100000000,00"), null);
});

test("every amount survives being written and read back", () => {
  for (const cents of [1, 9, 10, 99, 100, 101, 99999, 100000, 123456789, MAX_AMOUNT_CENTS]) {
    assert.equal(parseAmount(formatAmount(cents)), cents);
  }
});
