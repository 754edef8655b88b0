// Server push in a page: kinds, replay after a break, and closing.
import assert from "node:assert/strict";
import { test } from "node:test";

import { listen } from "#ui/events.js";
import { openStream } from "#ui/stream.js";

class FakeSource {
  static opened = [];
  listeners = {};
  readyState = 1;
  constructor(url) {
    this.url = url;
    FakeSource.opened.push(this);
  }
  addEventListener(kind, handler) {
    this.listeners[kind] = handler;
  }
  close() {
    this.readyState = 2;
  }
  emit(kind, data, lastEventId) {
    this.listeners[kind]?.({ data: typeof data === "string" ? data : JSON.stringify(data), lastEventId });
  }
}

const start = (handlers, options = {}) => {
  FakeSource.opened = [];
  return listen("/v1/events", handlers, { EventSourceClass: FakeSource, ...options });
};

test("each kind reaches its handler with its data and id", () => {
  const received = [];
  start({ "payment.paid": (data, id) => received.push([data, id]) });
  FakeSource.opened[0].emit("payment.paid", { ref: "0x1" }, "7");
  FakeSource.opened[0].emit("payment.paid", "not json", "8");
  assert.deepEqual(received, [[{ ref: "0x1" }, "7"]]);
});

test("the first word of a stream is remembered though no handler asks for it", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  start({ "payment.paid": () => {} });
  FakeSource.opened[0].emit("stream.open", {}, "12");
  FakeSource.opened[0].readyState = 2;
  FakeSource.opened[0].onerror();
  context.mock.timers.tick(500);
  assert.equal(FakeSource.opened[1].url, "/v1/events?last_event_id=12");
});

test("a line closed for good is opened again after the last id", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const states = [];
  const close = start({ "money.received": () => {} }, { onState: (isOpen) => states.push(isOpen) });
  const [first] = FakeSource.opened;
  first.onopen();
  first.emit("money.received", {}, "41");
  first.readyState = 2;
  first.onerror();
  context.mock.timers.tick(500);
  assert.equal(FakeSource.opened.length, 2);
  assert.equal(FakeSource.opened[1].url, "/v1/events?last_event_id=41");
  assert.deepEqual(states, [true, false]);
  close();
  FakeSource.opened[1].onerror();
  context.mock.timers.tick(60_000);
  assert.equal(FakeSource.opened.length, 2);
});

test("while the browser re-connects by itself nothing is opened beside it", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const close = start({ "money.received": () => {} });
  FakeSource.opened[0].readyState = 0;
  FakeSource.opened[0].onerror();
  context.mock.timers.tick(60_000);
  assert.equal(FakeSource.opened.length, 1);
  close();
});

test("a line that says nothing for too long counts as cut and is opened again", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  let nowMs = 0;
  context.mock.method(performance, "now", () => nowMs);
  const tick = (ms) => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      nowMs += 1_000;
      context.mock.timers.tick(1_000);
    }
  };
  const states = [];
  FakeSource.opened = [];
  const close = openStream(
    "/api/events",
    { sale: () => {} },
    { EventSourceClass: FakeSource, onState: (isOpen) => states.push(isOpen), silentAfterMs: 15_000 },
  );
  tick(10_000);
  FakeSource.opened[0].emit("sale", {}, "1");
  tick(10_000);
  assert.equal(FakeSource.opened.length, 1);
  tick(10_000);
  assert.deepEqual(states, [false]);
  assert.equal(FakeSource.opened.length, 2);
  assert.equal(FakeSource.opened[0].readyState, 2);
  close();
  tick(60_000);
  assert.equal(FakeSource.opened.length, 2);
});

test("a page that wakes up opens its line afresh after the last id, and the one it slept with is closed", () => {
  let wake;
  const states = [];
  FakeSource.opened = [];
  const close = openStream(
    "/v1/events",
    { "money.received": () => {} },
    {
      EventSourceClass: FakeSource,
      onState: (isOpen) => states.push(isOpen),
      awake: (callback) => {
        wake = callback;
        return () => (wake = null);
      },
    },
  );
  const [asleep] = FakeSource.opened;
  asleep.emit("money.received", {}, "7");
  wake();
  assert.deepEqual([asleep.readyState, FakeSource.opened.length], [2, 2]);
  assert.equal(FakeSource.opened[1].url, "/v1/events?last_event_id=7");
  asleep.onerror(); // of the old line, too late
  FakeSource.opened[1].onopen();
  assert.deepEqual(states, [true]);
  close();
  assert.equal(wake, null);
});

test("a beat alone keeps a line alive, and it is heard without being asked for", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  let nowMs = 0;
  context.mock.method(performance, "now", () => nowMs);
  const close = start({ "money.received": () => {} }, { silentAfterMs: 15_000, awake: () => () => {} });
  for (let passedS = 0; passedS < 60; passedS += 1) {
    nowMs += 1_000;
    context.mock.timers.tick(1_000);
    if (passedS % 5 === 0) FakeSource.opened[0].emit("stream.beat", {}, "");
  }
  assert.equal(FakeSource.opened.length, 1);
  close();
});
