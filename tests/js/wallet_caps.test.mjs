/** Own caps on the phone: the same words as the service's, before anything is signed. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { capsNow, capsWaiting, passedCap } from "../../wallet_service/faces/wallet/src/own_caps.js";

const caps = (payment, day, month) => ({ per_payment_cents: payment, per_day_cents: day, per_30_days_cents: month });
const me = (own, today = 0, month = 0) => ({ own_caps: own, spent_today_cents: today, spent_30_days_cents: month });

test("a raise counts from its moment on", () => {
  const waiting = me({ now: caps(100, 0, 0), next: caps(0, 0, 0), next_from_unix_ms: 1_000 });
  assert.equal(capsNow(waiting, 999).per_payment_cents, 100);
  assert.equal(capsNow(waiting, 1_000).per_payment_cents, 0);
  assert.equal(capsWaiting(waiting, 999)?.fromUnixMs, 1_000);
  assert.equal(capsWaiting(waiting, 1_000), null);
});

test("a cap is passed by the cent above it, of one payment, the day and thirty days", () => {
  const own = { now: caps(2_000, 3_000, 9_000), next: null, next_from_unix_ms: null };
  assert.equal(passedCap(me(own), 2_000, 0), null);
  assert.match(passedCap(me(own), 2_001, 0), /par paiement/);
  assert.equal(passedCap(me(own, 1_000), 2_000, 0), null);
  assert.match(passedCap(me(own, 1_001), 2_000, 0), /du jour/);
  assert.match(passedCap(me(own, 0, 7_001), 2_000, 0), /30 jours/);
  assert.equal(passedCap(me(null), 99_999_999, 0), null);
});
