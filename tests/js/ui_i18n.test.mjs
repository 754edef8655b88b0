// Words and numbers of the pages, as people read them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { amountParts, formatAmount, t, tn, unitName } from "#ui/i18n.js";

const speak = (lang) => {
  globalThis.document = { documentElement: { lang } };
};

test("amounts are written from whole cents in both languages", () => {
  speak("fr");
  assert.equal(formatAmount(1250), "12,50");
  assert.equal(formatAmount(123_456_789), "1\u202f234\u202f567,89");
  assert.equal(formatAmount(5), "0,05");
  assert.equal(formatAmount(-460, { isSigned: true }), "\u2212\u202f4,60");
  assert.equal(formatAmount(5000, { isSigned: true }), "+\u202f50,00");
  assert.equal(formatAmount(0, { isSigned: true }), "0,00");
  assert.deepEqual(amountParts(-123_450), { sign: "\u2212", units: "1\u202f234", mark: ",", cents: "50" });
  speak("en");
  assert.equal(formatAmount(123_450), "1,234.50");
});

test("sentences are filled and plurals follow the language", () => {
  speak("fr");
  assert.equal(t("Payer {amount}", { amount: "12,50" }), "Payer 12,50");
  assert.equal(t("Il manque {rien}"), "Il manque {rien}");
  assert.equal(t("Bonjour {constructor}"), "Bonjour {constructor}");
  assert.deepEqual(
    [0, 1, 2].map((count) => tn("{count} vente", "{count} ventes", count)),
    ["0 vente", "1 vente", "2 ventes"],
  );
  speak("en");
  assert.deepEqual(
    [0, 1].map((count) => tn("{count} vente", "{count} ventes", count)),
    ["0 vente", "1 vente"],
    "what has no English is French, and counted as French counts",
  );
});

test("a double mark never starts a line", () => {
  speak("fr");
  assert.equal(t("« Payé » ? Oui : fini"), "«\u00a0Payé\u00a0»\u00a0? Oui\u00a0: fini");
});

test("the unit has its number: below two is one in French, only one is one in English", () => {
  const currency = { unit_one: "galet", unit_many: "galets" };
  speak("fr");
  assert.deepEqual(
    [0, 199, 200, -500].map((cents) => unitName(currency, cents)),
    ["galet", "galet", "galets", "galets"],
  );
  speak("en");
  assert.deepEqual(
    [0, 100, 199].map((cents) => unitName(currency, cents)),
    ["galets", "galet", "galets"],
  );
  assert.equal(unitName(null, 100), "");
});
