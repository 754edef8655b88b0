/** Times, days and countdowns as people read them. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { dateText, formatCountdown, formatTime, sameDay, setTimeZone, timeText } from "#ui/times.js";

const at = (text) => Date.parse(text);
const speak = (lang) => {
  globalThis.document = { documentElement: { lang } };
};

afterEach(() => setTimeZone(undefined));

test("times are the shop's, whatever the tablet's time zone", () => {
  speak("fr");
  setTimeZone("Europe/Paris");
  assert.equal(timeText(at("2026-07-14T12:32:08Z")), "14\u00a0h\u00a032");
  assert.equal(timeText(at("2026-01-14T23:02:08Z"), { hasSeconds: true }), "00\u00a0h\u00a002\u00a0min\u00a008");
  assert.equal(dateText(at("2026-01-14T23:02:08Z")), "15 janvier 2026");
  assert.equal(sameDay(at("2026-01-14T23:02:08Z"), at("2026-01-15T22:59:00Z")), true);
  assert.equal(sameDay(at("2026-01-14T23:02:08Z"), at("2026-01-15T23:01:00Z")), false);
});

test("French writes the hour bare where it stands in a sentence, English as a clock", () => {
  speak("fr");
  setTimeZone("Europe/Paris");
  assert.equal(timeText(at("2026-07-14T06:02:08Z"), { isPadded: false }), "8\u00a0h\u00a002");
  speak("en");
  assert.equal(timeText(at("2026-07-14T06:02:08Z"), { isPadded: false }), "08:02");
  assert.equal(dateText(at("2026-01-14T23:02:08Z")), "15 January 2026");
});

test("times are relative when recent", () => {
  speak("fr");
  const now = new Date(2026, 10, 24, 14, 32).getTime();
  assert.equal(formatTime(new Date(2026, 10, 24, 8, 3).getTime(), now), "aujourd’hui 8\u00a0h\u00a003");
  assert.equal(formatTime(new Date(2026, 10, 23, 23, 59).getTime(), now), "hier 23\u00a0h\u00a059");
  assert.match(formatTime(new Date(2026, 9, 2, 9, 0).getTime(), now), /^2 oct\.? 9/);
  assert.match(formatTime(new Date(2025, 9, 2, 9, 0).getTime(), now), /2025/);
});

test("a countdown never goes below zero", () => {
  assert.equal(formatCountdown(101.2), "1 min 42");
  assert.equal(formatCountdown(60), "1 min 00");
  assert.equal(formatCountdown(-3), "0 s");
});
