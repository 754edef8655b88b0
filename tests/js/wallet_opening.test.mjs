/** Before a wallet is opened: where its key would not last, and where somebody was on their way to. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isEvictedTab, isInApp } from "../../wallet_service/faces/wallet/src/in_app_browser.js";
import { keepWanted, takeWanted } from "../../wallet_service/faces/wallet/src/wanted.js";

const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const SAFARI = `${IPHONE} Version/18.5 Mobile/15E148 Safari/604.1`;
const CHROME = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36";
const DESK = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15";

for (const inside of [
  `${IPHONE} Mobile/15E148 Instagram 380.0.0.0 (iPhone14,5; iOS 18_5)`,
  `${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/520.0]`,
  `${IPHONE} Mobile/15E148 Safari Line/15.1.0`,
  `${IPHONE} Mobile/15E148 WhatsApp/25.1`,
  "Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) AppleWebKit/537.36 Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36",
])
  test(`inside another app: ${inside.slice(-40)}`, () => assert.ok(isInApp(inside)));

for (const real of [SAFARI, CHROME, DESK])
  test(`a browser of its own: ${real.slice(-40)}`, () => assert.ok(!isInApp(real)));

test("a tab of Safari on a phone or a tablet forgets; an installed app, and a desk, do not", () => {
  assert.ok(isEvictedTab({ userAgent: SAFARI, standalone: false }));
  assert.ok(isEvictedTab({ userAgent: SAFARI }));
  assert.ok(isEvictedTab({ userAgent: DESK, maxTouchPoints: 5 }));
  assert.ok(!isEvictedTab({ userAgent: SAFARI, standalone: true }));
  assert.ok(!isEvictedTab({ userAgent: DESK, maxTouchPoints: 0 }));
  assert.ok(!isEvictedTab({ userAgent: CHROME, maxTouchPoints: 5 }));
});

function storage() {
  const kept = new Map();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, text) => kept.set(name, text),
    removeItem: (name) => kept.delete(name),
  };
}

test("who signs in from a sale is back at the sale, once", () => {
  const tab = storage();
  keepWanted("/P/1ABCDEFGHJKMNPQRS1234", tab);
  keepWanted("/sign-in", tab);
  keepWanted("/", tab);
  assert.equal(takeWanted(tab), "/P/1ABCDEFGHJKMNPQRS1234");
  assert.equal(takeWanted(tab), "/");
});
