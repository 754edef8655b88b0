// A tablet stays awake while a customer pays, and sleeps as it likes otherwise.
import assert from "node:assert/strict";
import { test } from "node:test";

import { makeScreenLock } from "../../merchant_pos/static/src/screen_lock.js";

function tablet({ isRefused = false } = {}) {
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const held = new Set();
  const locks = {
    async request() {
      if (isRefused) throw new Error("NotAllowedError");
      const lock = Object.assign(new EventTarget(), { release: async () => held.delete(lock) });
      held.add(lock);
      return lock;
    },
  };
  const show = (state) => {
    page.visibilityState = state;
    if (state === "hidden") held.clear(); // the system lets go by itself
    page.dispatchEvent(new Event("visibilitychange"));
  };
  return { lock: makeScreenLock({ locks, page }), held, show };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("one lock while it is wanted, none after", async () => {
  const { lock, held } = tablet();
  lock.want(true);
  lock.want(true);
  await settled();
  assert.equal(held.size, 1);
  lock.want(false);
  await settled();
  assert.equal(held.size, 0);
});

test("taken again when the page is shown again", async () => {
  const { lock, held, show } = tablet();
  lock.want(true);
  await settled();
  show("hidden");
  show("visible");
  await settled();
  assert.equal(held.size, 1);
});

test("given back when nobody wants it by the time it comes", async () => {
  const { lock, held } = tablet();
  lock.want(true);
  lock.want(false);
  await settled();
  assert.equal(held.size, 0);
});

test("a tablet that refuses, or cannot, sells all the same", async () => {
  const { lock } = tablet({ isRefused: true });
  lock.want(true);
  await settled();
  makeScreenLock({ locks: null, page: new EventTarget() }).want(true);
});
