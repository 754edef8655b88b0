/** The four words of a move: the same on both phones, others for any key in between, and a code that stays with them. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { deviceLabel } from "../../wallet_service/faces/wallet/src/device_key.js";
import { idOf, newCode, parseCode, WORD_COUNT, wordsOf } from "../../wallet_service/faces/wallet/src/move.js";
import { WORDS } from "../../wallet_service/faces/wallet/src/move_words.js";

const key = (digit) => `0x${digit.repeat(128)}`;
const CODE = "A1B2-C3D4-E5F6-G7H8";

test("both phones show the same words, and a key in between shows others", async () => {
  const seen = await wordsOf(CODE, key("1"), key("2"));
  assert.equal(seen.length, WORD_COUNT);
  assert.deepEqual(await wordsOf(CODE, key("1"), key("2")), seen);
  assert.notDeepEqual(await wordsOf(CODE, key("1"), key("3")), seen, "what the old phone would show");
  assert.notDeepEqual(await wordsOf(CODE, key("3"), key("2")), seen, "what the new phone would show");
  assert.notDeepEqual(await wordsOf(CODE, key("2"), key("1")), seen);
});

test("whoever lacks the code cannot tell which words a key would give", async () => {
  const seen = await wordsOf(CODE, key("1"), key("2"));
  assert.notDeepEqual(await wordsOf("A1B2-C3D4-E5F6-G7H9", key("1"), key("2")), seen);
});

test("the service learns the hash of a code, SHA-256 with its purpose before it", async () => {
  assert.equal(await idOf(CODE), "90fd4ce1a9be0eb31fb2094ffbac2d25456325f384c78c7f850750e3fb0aa949");
  assert.notEqual(await idOf(CODE), await idOf("A1B2-C3D4-E5F6-G7H9"));
});

test("a code is sixteen characters that nobody misreads, however it is typed", () => {
  const code = newCode();
  assert.match(code, /^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
  assert.notEqual(newCode(), code);
  assert.equal(parseCode(code.toLowerCase().replaceAll("-", " ")), code);
  assert.equal(parseCode("OIL0-1111-2222-3333"), "0110-1111-2222-3333");
  assert.equal(parseCode("A1B2-C3D4"), null);
  assert.equal(parseCode(`${code}9`), null);
});

test("each byte is one word, and no word stands twice", () => {
  assert.equal(WORDS.length, 64);
  assert.equal(new Set(WORDS).size, 64);
});

test("a phone is called as its owner tells it from another", () => {
  const named = {
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1":
      "Safari, iPhone",
    "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0": "Firefox, Android",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36": "Chrome, Android",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0": "Edge, Windows",
    "something else": "Navigateur",
  };
  for (const [agent, label] of Object.entries(named)) assert.equal(deviceLabel(agent), label);
});
