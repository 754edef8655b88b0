/** Eight tabs, one line: who holds it passes on what it hears; closed, asleep or dead, another takes over. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { shareStream } from "../../wallet_service/ui/shared_stream.js";

let sources;
let channels;
let held;
let waiting;
let closers;

class Source {
  constructor(url) {
    this.url = url;
    this.listeners = {};
    sources.push(this);
  }
  addEventListener(kind, listener) {
    this.listeners[kind] = listener;
  }
  close() {
    this.isClosed = true;
  }
  hear(kind, data, id) {
    this.listeners[kind]?.({ data: JSON.stringify(data), lastEventId: id });
  }
}

/** Channels of one browser: everybody hears but who speaks; a frozen tab neither hears nor speaks. */
class Channel {
  constructor(name) {
    this.name = name;
    channels.push(this);
  }
  postMessage(data) {
    if (this.isClosed) throw new Error("Channel is closed");
    if (this.isFrozen) return;
    for (const other of channels)
      if (other !== this && other.name === this.name && !other.isFrozen) other.onmessage?.({ data });
  }
  close() {
    this.isClosed = true;
    channels = channels.filter((one) => one !== this);
  }
}

/** As the Web Locks API says: one holder a name, the others in a row, `steal` breaks the holder's. */
const locks = {
  request(name, { steal = false } = {}, work) {
    return new Promise((resolve, reject) => {
      const grant = () => {
        const mine = (held = { reject });
        void work().then(() => {
          if (held !== mine) return;
          held = null;
          waiting.shift()?.();
          resolve();
        });
      };
      if (steal && held) {
        const robbed = held;
        held = null;
        robbed.reject(new Error("AbortError"));
      }
      if (held) waiting.push(grant);
      else grant();
    });
  },
};

beforeEach((context) => {
  [sources, channels, waiting, closers, held] = [[], [], [], [], null];
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
});
afterEach(() => closers.forEach((close) => close()));

function tab() {
  const made = { heard: [], states: [], wake: () => {} };
  const close = shareStream(
    "/v1/events",
    { "payment.paid": (data, id) => made.heard.push([data.ref, id]), "stream.open": () => made.heard.push("open") },
    {
      locks,
      ChannelClass: Channel,
      EventSourceClass: Source,
      onState: (isOpen) => made.states.push(isOpen),
      silentAfterMs: 15_000,
      awake: (callback) => {
        made.wake = callback;
        return () => {};
      },
    },
  );
  closers.push(close);
  return Object.assign(made, { close, channel: channels.at(-1) });
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("eight tabs open one line, and all of them hear", async () => {
  const tabs = Array.from({ length: 8 }, tab);
  assert.equal(sources.length, 1);
  sources[0].onopen();
  sources[0].hear("payment.paid", { ref: "0x1" }, "7");
  for (const one of tabs) assert.deepEqual(one.heard.at(-1), ["0x1", "7"]);
  for (const one of tabs) assert.equal(one.states.at(-1), true);
});

test("a tab that comes later knows at once that the line is open, and reads what it may have missed", async () => {
  tab();
  sources[0].onopen();
  const late = tab();
  assert.deepEqual(late.states, [true]);
  assert.deepEqual(late.heard, ["open"]);
  assert.equal(sources.length, 1);
});

test("when its holder is closed another goes on after the last word heard", async () => {
  const [first, second] = [tab(), tab()];
  sources[0].hear("payment.paid", { ref: "0x1" }, "41");
  first.close();
  await settle();
  assert.ok(sources[0].isClosed);
  assert.equal(sources[1].url, "/v1/events?last_event_id=41");
  sources[1].hear("payment.paid", { ref: "0x2" }, "42");
  assert.deepEqual(second.heard.at(-1), ["0x2", "42"]);
});

test("a tab that wakes beside one that sleeps takes the line, and who slept waits its turn", async (context) => {
  const [asleep, awake] = [tab(), tab()];
  asleep.channel.isFrozen = true;
  awake.wake();
  context.mock.timers.tick(1_000);
  await settle();
  assert.equal(sources.length, 2);
  assert.ok(sources[0].isClosed, "there are not two lines");
  awake.close();
  await settle();
  assert.equal(sources.length, 3, "who was robbed is next");
});

test("a tab that wakes beside one that answers opens nothing", async (context) => {
  tab();
  const other = tab();
  other.wake();
  context.mock.timers.tick(2_000);
  await settle();
  assert.equal(sources.length, 1);
});

test("a browser that cannot share gives each tab its line", () => {
  const options = { locks: undefined, ChannelClass: undefined, EventSourceClass: Source, awake: () => () => {} };
  closers.push(shareStream("/v1/events", {}, { ...options, locks: null }));
  assert.equal(sources.length, 1);
});

test("who has closed the line tells nobody of its end", async () => {
  const [first, second] = [tab(), tab()];
  sources[0].onopen();
  const ended = sources[0].onerror;
  first.close();
  await settle();
  ended?.();
  assert.equal(sources.length, 2);
  sources[1].onopen();
  assert.equal(second.states.at(-1), true);
});
