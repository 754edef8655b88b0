/** What loading says: why euros wait, and what is copied by hand or read aloud. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { formatAmount, typedAmount } from "#ui/i18n.js";
import { parseAmount } from "#ui/money.js";

import { isArriving, onHoldSentence } from "../../wallet_service/faces/wallet/src/on_hold.js";
import { inFours, spelled } from "../../wallet_service/faces/wallet/src/protocol/references.js";

const speak = (lang) => {
  globalThis.document = { documentElement: { lang } };
};

/** The codes the console has words for, which a Python test holds against those the service can say. */
function reasons() {
  const view = readFileSync(new URL("../../wallet_service/faces/console/view.py", import.meta.url), "utf8");
  const [, table] = /HELD_REASONS = \{([^}]*)\}/.exec(view);
  return [...table.matchAll(/"([\w.]+)": _\(/g)].map(([, code]) => code);
}

test("every reason for which euros wait has a sentence of its own", () => {
  speak("fr");
  const unknown = onHoldSentence("something.new");
  assert.ok(reasons().length > 15);
  for (const code of reasons()) assert.notEqual(onHoldSentence(code), unknown, code);
  assert.equal(onHoldSentence(null), null);
});

test("what only the statement has yet to confirm has arrived, and nothing else has", () => {
  assert.deepEqual(reasons().filter(isArriving), ["awaiting_statement"]);
});

test("a reference is shown in fours and read aloud sign by sign", () => {
  assert.equal(inFours("RF18539007547034"), "RF18 5390 0754 7034");
  assert.equal(spelled("RF185390 0754AB"), "R F 1 8, 5 3 9 0, 0 7 5 4, A B");
});

test("an amount is copied as a bank's form takes it, and as our own does", () => {
  for (const lang of ["fr", "en"]) {
    speak(lang);
    for (const cents of [1, 1250, 100_000, 123_456_789]) {
      assert.equal(parseAmount(typedAmount(cents)), cents);
      assert.match(typedAmount(cents), /^\d+[.,]\d\d$/);
    }
  }
  assert.notEqual(typedAmount(123_450), formatAmount(123_450));
});
