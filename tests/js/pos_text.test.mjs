/** Amounts, times and server time as the till shows them. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { makeServerClock } from "../../merchant_pos/static/src/server_clock.js";
import { amountText, countdownText, dateText, sameDay, secondsText, setTimeZone, spaced, timeText, tn } from "../../merchant_pos/static/src/text.js";

const at = (text) => Date.parse(text);

test("amounts have a comma, thin spaces and a true minus in French, points and commas in English", () => {
  assert.equal(amountText(1250), "12,50");
  assert.equal(amountText(123456789), "1\u202f234\u202f567,89");
  assert.equal(amountText(-500), "\u22125,00");
  assert.equal(amountText(5), "0,05");
  assert.equal(amountText(123456, "en"), "1,234.56");
});

test("times are the shop's, whatever the tablet's time zone", () => {
  setTimeZone("Europe/Paris");
  assert.equal(timeText(at("2026-07-14T12:32:08Z")), "14\u00a0h\u00a032");
  assert.equal(timeText(at("2026-01-14T23:02:08Z"), true), "00\u00a0h\u00a002\u00a0min\u00a008");
  assert.equal(dateText(at("2026-01-14T23:02:08Z")), "15 janvier 2026");
  assert.equal(sameDay(at("2026-01-14T23:02:08Z"), at("2026-01-15T22:59:00Z")), true);
  assert.equal(sameDay(at("2026-01-14T23:02:08Z"), at("2026-01-15T23:01:00Z")), false);
});

test("durations", () => {
  assert.equal(secondsText(1_240), "1,2 s");
  assert.equal(secondsText(0), "0,1 s");
  assert.equal(countdownText(119_001), "2 min 00");
  assert.equal(countdownText(61_000), "1 min 01");
  assert.equal(countdownText(900), "1 s");
  assert.equal(countdownText(-5), "0 s");
});

test("in French zero and one are singular", () => {
  assert.deepEqual([0, 1, 2].map((count) => tn("{count} vente", "{count} ventes", count)), ["0 vente", "1 vente", "2 ventes"]);
});

test("a double mark never starts a line", () => assert.equal(spaced("« Payé » ? Oui : fini"), "«\u00a0Payé\u00a0»\u00a0? Oui\u00a0: fini"));

test("server time runs on a monotonic clock: moving the tablet's clock changes nothing", () => {
  let monotonicMs = 1_000;
  const clock = makeServerClock(() => monotonicMs);
  clock.hear(1_800_000_000_000);
  monotonicMs += 2_500;
  assert.equal(clock.nowUnixMs(), 1_800_000_002_500);
  clock.hear(1_800_000_002_000);
  assert.equal(clock.nowUnixMs(), 1_800_000_002_000);
});
