/** QR texts: ours is read, everything else is refused before any network. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { parseSaleQr, parseSaleToken, parseShortCode, saleToken } from "#ui/sale_qr.js";

const ORIGIN = "http://localhost:8401";
const SALE = "0123456789ABCDEF";
const TEXT = `HTTP://LOCALHOST:8401/P/${saleToken(SALE)}`;
const codeOf = (action) => {
  try {
    action();
  } catch (error) {
    return error.code;
  }
  return null;
};

test("a sale's QR gives its id, whatever the case", () => {
  assert.equal(parseSaleQr(TEXT, ORIGIN), SALE);
  assert.equal(parseSaleQr(` ${TEXT.toLowerCase()}\n`, ORIGIN), SALE);
  assert.equal(parseSaleToken(saleToken(SALE)), SALE);
});

test("every character of the token changed is refused", () => {
  const token = saleToken(SALE);
  for (let index = 0; index < token.length; index += 1) {
    for (const other of "0123456789ABCDEFGHJKMNPQRSTVWXYZ") {
      if (other === token[index]) continue;
      const changed = token.slice(0, index) + other + token.slice(index + 1);
      const expected = index === 0 ? "qr.version_unknown" : "qr.tampered";
      assert.equal(
        codeOf(() => parseSaleToken(changed)),
        expected,
        changed,
      );
    }
  }
});

test("a text that is not ours is foreign; one that is longer, shorter or odd is tampered", () => {
  for (const text of ["https://evil.example/P/1ABC", "BCD\n002\n1\nSCT", "", "12345", "javascript:alert(1)"]) {
    assert.equal(
      codeOf(() => parseSaleQr(text, ORIGIN)),
      "qr.foreign",
      text,
    );
  }
  assert.equal(
    codeOf(() => parseSaleQr(`${TEXT}X`, ORIGIN)),
    "qr.tampered",
  );
  assert.equal(
    codeOf(() => parseSaleQr(TEXT.slice(0, -1), ORIGIN)),
    "qr.tampered",
  );
  assert.equal(
    codeOf(() => parseSaleQr(`${TEXT}?to=1`, ORIGIN)),
    "qr.tampered",
  );
  assert.equal(
    codeOf(() => parseSaleQr(TEXT.replace("8401/", "8401.evil.example/"), ORIGIN)),
    "qr.foreign",
  );
});

test("a later version asks for the app to be updated", () => {
  assert.equal(
    codeOf(() => parseSaleToken("2WHATEVERCOMESNEXT")),
    "qr.version_unknown",
  );
});

test("a short code is six digits however it is spaced", () => {
  assert.equal(parseShortCode("123 456"), "123456");
  assert.equal(parseShortCode("123456"), "123456");
  for (const text of ["12345", "1234567", "12a456", ""]) assert.equal(parseShortCode(text), null, text);
});

test("the token is the one the service makes", () => {
  // As wallet_service/protocol/text/qr.py's sale_token writes them.
  assert.equal(saleToken("0123456789ABCDEF"), "10123456789ABCDEF52XR");
  assert.equal(saleToken("ZZZZZZZZZZZZZZZZ"), "1ZZZZZZZZZZZZZZZZDK2B");
  assert.equal(saleToken("7QK3M9XW2T5V8N1P"), "17QK3M9XW2T5V8N1PNABK");
});

test("every byte of the text changed into every other is refused, or is the same sale", () => {
  for (const sale of [SALE, "7QK3M9XW2T5V8N1P", "ZZZZZZZZZZZZZZZZ"]) {
    const text = `${ORIGIN.toUpperCase()}/P/${saleToken(sale)}`;
    const read = new Set();
    for (let place = 0; place < text.length; place += 1) {
      for (let byte = 0; byte < 256; byte += 1) {
        const changed = text.slice(0, place) + String.fromCharCode(byte) + text.slice(place + 1);
        try {
          read.add(parseSaleQr(changed, ORIGIN));
        } catch (error) {
          assert.match(error.code, /^qr\.(foreign|tampered|version_unknown)$/, changed);
        }
      }
    }
    assert.deepEqual([...read], [sale]);
  }
});

test("no character may be added, lost or exchanged with its neighbour", () => {
  const token = saleToken("7QK3M9XW2T5V8N1P");
  for (let place = 0; place < token.length; place += 1) {
    const [before, here, after] = [token.slice(0, place), token[place], token.slice(place + 1)];
    const spoilt = [before + after, before + here + here + after];
    if (after && after[0] !== here) spoilt.push(before + after[0] + here + after.slice(1));
    for (const one of spoilt) {
      const code = codeOf(() => parseSaleToken(one));
      assert.ok(code === "qr.tampered" || code === "qr.version_unknown", `${one}: ${code}`);
    }
  }
});
