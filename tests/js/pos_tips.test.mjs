// What a customer may add, and that none comes first.
import assert from "node:assert/strict";
import { test } from "node:test";

import { largestTipCents, SMALL_TIP_CENTS, tipChoices } from "../../merchant_pos/static/src/tip_rules.js";

const LARGEST_SALE = 300_000;

test("percentages are rounded to the cent", () => {
  assert.deepEqual(
    tipChoices(1_250, LARGEST_SALE).map(({ percent, cents }) => [percent, cents]),
    [
      [5, 63],
      [10, 125],
      [15, 188],
    ],
  );
});

test("what comes to nothing, to the same, or past the largest sale is not offered", () => {
  assert.deepEqual(tipChoices(4, LARGEST_SALE), [{ percent: 15, cents: 1 }]);
  assert.deepEqual(tipChoices(8, LARGEST_SALE), [{ percent: 10, cents: 1 }]);
  assert.deepEqual(tipChoices(LARGEST_SALE, LARGEST_SALE), []);
});

test("a tip is at most the sale, or five units, and never takes the sum past one sale", () => {
  assert.equal(largestTipCents(1_250, LARGEST_SALE), 1_250);
  assert.equal(largestTipCents(120, LARGEST_SALE), SMALL_TIP_CENTS);
  assert.equal(largestTipCents(LARGEST_SALE - 50, LARGEST_SALE), 50);
});
