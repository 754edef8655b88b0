/** The foot of every screen that pays: what an amount can be taken from. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { fundsFor } from "../../wallet_service/faces/wallet/src/confirming.js";

test("what the bank took back is offered only to an amount that the rest does not pay", () => {
  const balance = { available_cents: 181_80, held_back_cents: 23_40 };
  assert.equal(fundsFor(balance, 10_00), 181_80);
  assert.equal(fundsFor(balance, 181_80), 181_80);
  assert.equal(fundsFor(balance, 181_81), 205_20);
  assert.equal(fundsFor({ available_cents: 0, held_back_cents: 23_40 }, 23_40), 23_40);
});
