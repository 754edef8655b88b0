// When a page is in front of a person again: once for each waking, never while it is hidden.
import assert from "node:assert/strict";
import { test } from "node:test";

import { onAwake } from "#ui/awake.js";

function surroundings(context) {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const frame = new EventTarget();
  const clock = { ms: 1_000_000 };
  let wakings = 0;
  const stop = onAwake(() => (wakings += 1), { page, frame, nowMs: () => clock.ms });
  return { page, frame, clock, stop, count: () => wakings };
}

test("shown again, restored, thawed: one waking, however many signs of it", (context) => {
  const { page, frame, count, clock } = surroundings(context);
  page.dispatchEvent(new Event("visibilitychange"));
  page.dispatchEvent(new Event("resume"));
  frame.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  assert.equal(count(), 1);
  clock.ms += 5_000;
  frame.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false })); // the first showing is no waking
  assert.equal(count(), 1);
  page.dispatchEvent(new Event("visibilitychange"));
  assert.equal(count(), 2);
});

test("a page that is hidden is not awake", (context) => {
  const { page, count } = surroundings(context);
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
  assert.equal(count(), 0);
});

test("a device that slept with the page in front is told by its clock", (context) => {
  const { clock, count } = surroundings(context);
  for (let look = 0; look < 5; look += 1) {
    clock.ms += 2_000;
    context.mock.timers.tick(2_000);
  }
  assert.equal(count(), 0);
  clock.ms += 60_000;
  context.mock.timers.tick(2_000);
  assert.equal(count(), 1);
});

test("nothing is heard any more once it was stopped", (context) => {
  const { page, clock, stop, count } = surroundings(context);
  stop();
  page.dispatchEvent(new Event("visibilitychange"));
  clock.ms += 60_000;
  context.mock.timers.tick(2_000);
  assert.equal(count(), 0);
});
