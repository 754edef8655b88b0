// Server push in a page: kinds, replay after a break, and closing.
import assert from "node:assert/strict";
import { test } from "node:test";

import { KINDS, listen } from "#shared/events.js";

class FakeSource {
  static opened = [];
  listeners = {};
  readyState = 1;
  constructor(url) {
    this.url = url;
    FakeSource.opened.push(this);
  }
  addEventListener(kind, handler) { this.listeners[kind] = handler; }
  close() { this.readyState = 2; }
  say(kind, data, lastEventId) { this.listeners[kind]?.({ data: typeof data === "string" ? data : JSON.stringify(data), lastEventId }); }
}

const start = (handlers, options = {}) => {
  FakeSource.opened = [];
  return listen("/v1/events", handlers, { EventSourceClass: FakeSource, ...options });
};

test("each kind reaches its handler with its data and id", () => {
  const heard = [];
  start({ "payment.paid": (data, id) => heard.push([data, id]) });
  FakeSource.opened[0].say("payment.paid", { ref: "0x1" }, "7");
  FakeSource.opened[0].say("payment.paid", "not json", "8");
  assert.deepEqual(heard, [[{ ref: "0x1" }, "7"]]);
});

test("the star hears every kind the service pushes", () => {
  const heard = [];
  start({ "*": (kind) => heard.push(kind) });
  for (const kind of KINDS) FakeSource.opened[0].say(kind, {}, "1");
  assert.deepEqual(heard, KINDS);
});

test("a line closed for good is opened again after the last id", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const states = [];
  const close = start({ "*": () => {} }, { onState: (isOpen) => states.push(isOpen) });
  const [first] = FakeSource.opened;
  first.onopen();
  first.say("money.received", {}, "41");
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
  const close = start({ "*": () => {} });
  FakeSource.opened[0].readyState = 0;
  FakeSource.opened[0].onerror();
  context.mock.timers.tick(60_000);
  assert.equal(FakeSource.opened.length, 1);
  close();
});
