// Amounts as they are said, and which voice may say them.
import assert from "node:assert/strict";
import { test } from "node:test";

const page = { documentElement: { lang: "fr" } };
globalThis.document = page;
const kept = new Map();
globalThis.localStorage = {
  getItem: (name) => kept.get(name) ?? null,
  setItem: (name, value) => kept.set(name, value),
  removeItem: (name) => kept.delete(name),
};
const { spokenPlace } = await import("../../wallet_service/faces/wallet/src/spoken_place.js");
const { chooseSpoken, isSpoken, localVoice, spokenAmount } =
  await import("../../wallet_service/faces/wallet/src/speech.js");

const CURRENCY = { unit_one: "galet", unit_many: "galets" };
const voice = (lang, localService, isDefault = false) => ({ lang, localService, default: isDefault });

test("an amount is said as people say it, without the signs that only please the eye", () => {
  const said = (cents) => spokenAmount(cents, CURRENCY).replaceAll("\u00a0", " ");
  assert.equal(said(1_250), "12 galets et 50 centimes");
  assert.equal(said(123_400), "1234 galets");
  assert.equal(said(105), "1 galet et 5 centimes");
  assert.equal(said(-200), "moins 2 galets");
});

test("only a voice of the device speaks, in the page's language, its own choice first", () => {
  const far = voice("fr-FR", false, true);
  const near = voice("fr-FR", true);
  const chosen = voice("fr_CA", true, true);
  assert.equal(localVoice([far], "fr"), null);
  assert.equal(localVoice([far, near], "fr"), near);
  assert.equal(localVoice([far, near, chosen], "fr"), chosen);
  assert.equal(localVoice([near, voice("frr-DE", true, true)], "en"), null);
  assert.equal(localVoice([voice("frr-DE", true, true)], "fr"), null);
});

test("who has not asked for it has no button", () => {
  assert.equal(isSpoken(), false);
  assert.equal(spokenPlace({ add: () => assert.fail("nothing to leave") }, "balance"), null);
  chooseSpoken(true);
  assert.equal(isSpoken(), true);
  chooseSpoken(false);
  assert.equal(isSpoken(), false);
});
