/** Contested payments: which receipts offer the button, and what each side is told in each state. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  isContestable,
  isHolding,
  reasonOf,
  reasons,
  sentenceOf,
} from "../../wallet_service/faces/wallet/src/disputes.js";

const DAY_MS = 86_400_000;
const NOW = 1_795_500_000_000;
const BOUNDS = { contest_days: 60, least_cents: 100 };
const PAID = { kind: "payment_out", state: "paid", amount_cents: -2_000, refunded_cents: 0, at_unix_ms: NOW - DAY_MS };

test("what was paid lately and not given back may be contested", () => {
  assert.ok(isContestable(PAID, BOUNDS, NOW));
  for (const not of [
    { kind: "payment_in" },
    { kind: "refund_out" },
    { state: "confirming" },
    { refunded_cents: 1_901 },
    { amount_cents: -99 },
    { at_unix_ms: NOW - 60 * DAY_MS },
  ])
    assert.ok(!isContestable({ ...PAID, ...not }, BOUNDS, NOW), JSON.stringify(not));
});

test("every reason of the service has words of its own for each side", () => {
  const models = readFileSync(new URL("../../wallet_service/disputes/models.py", import.meta.url), "utf8");
  const said = models.split("class DisputeReason")[1].split("class ")[0];
  const known = [...said.matchAll(/= "(\w+)"/g)].map((match) => match[1]);
  assert.deepEqual(
    reasons()
      .map(([value]) => value)
      .sort(),
    known.sort(),
  );
  for (const reason of known) assert.notEqual(reasonOf({ role: "payer", reason }), reasonOf({ role: "payee", reason }));
});

test("every state says something to everybody it concerns, and different things to the two sides once it is over", () => {
  for (const state of ["open", "upheld", "returned", "ended", "dismissed", "withdrawn"]) {
    const said = ["payer", "payee", "holder"].map((role) =>
      sentenceOf({ role, state, held_cents: 2_000, returned_cents: 500, may_answer: true }),
    );
    assert.ok(said.every(Boolean), state);
    assert.equal(new Set(said).size, 3, state);
    assert.equal(isHolding({ state }), state === "open" || state === "upheld");
  }
});
