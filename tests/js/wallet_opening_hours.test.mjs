/** Hours as merchants type them. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { hoursOf, hoursText } from "../../wallet_service/faces/wallet/src/opening_hours.js";

const both = [
  [540, 750],
  [840, 1140],
];

for (const typed of ["9:00-12:30, 14:00-19:00", "9h-12h30, 14h-19h", "14 h – 19 h / 9 h à 12 h 30", "9.00-12.30;14-19"])
  test(`read: ${typed}`, () => assert.deepEqual(hoursOf(typed), both));

test("nothing typed is a closed day, and what was read is written so that it is read again", () => {
  assert.deepEqual(hoursOf("  "), []);
  assert.equal(hoursText(both), "9:00-12:30, 14:00-19:00");
  assert.deepEqual(hoursOf(hoursText([[1080, 1560]])), [[1080, 1560]]);
});

for (const typed of ["matin", "9-", "25-26", "9:70-12", "9-12 14-19 17", "8-7"])
  test(`not read: ${typed}`, () => assert.equal(hoursOf(typed), null));
