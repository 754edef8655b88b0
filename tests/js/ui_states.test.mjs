/** One state, one colour, one word: the table that every face and Python read. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { stateView } from "#ui/states.js";
import states from "#ui/states.json" with { type: "json" };

const speak = (lang) => {
  globalThis.document = { documentElement: { lang } };
};

test("a state has its word in both languages, its tone and its icon", () => {
  speak("fr");
  assert.deepEqual(stateView("sale", "paid"), { word: "payé", tone: "good", icon: "check" });
  speak("en");
  assert.equal(stateView("refund", "accepted").word, "confirming");
});

test("a state nobody listed is shown as it is, never as paid", () => {
  assert.deepEqual(stateView("sale", "odd"), { word: "odd", tone: "neutral", icon: null });
});

test("of a sale, only a paid one is green", () => {
  const green = Object.keys(states.sale).filter((state) => states.sale[state].tone === "good");
  assert.deepEqual(green, ["paid"]);
});
