// Words and numbers of the pages, as people read them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { amountParts, formatAmount, formatCountdown, formatTime, parseAmount, t, tn } from "#shared/i18n.js";

const speak = (lang) => { globalThis.document = { documentElement: { lang } }; };

test("amounts are written from whole cents in both languages", () => {
  speak("fr");
  assert.equal(formatAmount(1250), "12,50");
  assert.equal(formatAmount(123_456_789), "1\u202f234\u202f567,89");
  assert.equal(formatAmount(5), "0,05");
  assert.equal(formatAmount(-460, { signed: true }), "\u2212\u202f4,60");
  assert.equal(formatAmount(5000, { signed: true }), "+\u202f50,00");
  assert.equal(formatAmount(0, { signed: true }), "0,00");
  assert.deepEqual(amountParts(-123_450), { sign: "\u2212", units: "1\u202f234", mark: ",", cents: "50" });
  speak("en");
  assert.equal(formatAmount(123_450), "1,234.50");
});

test("typed amounts become cents or nothing", () => {
  for (const [text, cents] of [["12,5", 1250], ["12.50", 1250], [" 1 234 ", 123_400], ["0,05", 5], ["7,", null], ["1,234", null], ["-1", null], ["1e3", null], ["", null], ["9999999999", null]]) {
    assert.equal(parseAmount(text), cents, text);
  }
});

test("an amount written is the amount read back", () => {
  speak("fr");
  for (let cents = 0; cents < 300_000; cents += 37) assert.equal(parseAmount(formatAmount(cents)), cents);
});

test("sentences are filled and plurals follow the language", () => {
  speak("fr");
  assert.equal(t("Payer {amount}", { amount: "12,50" }), "Payer 12,50");
  assert.equal(t("Il manque {rien}"), "Il manque {rien}");
  assert.equal(t("Bonjour {constructor}"), "Bonjour {constructor}");
  assert.deepEqual([0, 1, 2].map((count) => tn("{count} vente", "{count} ventes", count)), ["0 vente", "1 vente", "2 ventes"]);
  speak("en");
  assert.deepEqual([0, 1].map((count) => tn("{count} vente", "{count} ventes", count)), ["0 ventes", "1 vente"]);
});

test("times are relative when recent", () => {
  speak("fr");
  const now = new Date(2026, 10, 24, 14, 32).getTime();
  assert.equal(formatTime(new Date(2026, 10, 24, 8, 3).getTime(), now), "aujourd’hui 8\u202fh\u202f03");
  assert.equal(formatTime(new Date(2026, 10, 23, 23, 59).getTime(), now), "hier 23\u202fh\u202f59");
  assert.match(formatTime(new Date(2026, 9, 2, 9, 0).getTime(), now), /^2 oct\.? 9/);
  assert.match(formatTime(new Date(2025, 9, 2, 9, 0).getTime(), now), /2025/);
});

test("a countdown never goes below zero", () => {
  assert.equal(formatCountdown(101.2), "1 min 42");
  assert.equal(formatCountdown(60), "1 min 00");
  assert.equal(formatCountdown(-3), "0 s");
});
