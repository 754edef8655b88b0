/** What happened while nobody was looking: which lines are marked, that it is said to be seen, and what a push shows. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { Away, moneyCount, newRefs } from "../../wallet_service/faces/wallet/src/away.js";
import { canNotify, mayAsk } from "../../wallet_service/faces/wallet/src/notices.js";
import { hearPushes, tell } from "../../wallet_service/ui/push_worker.js";

const movement = (ref, kind, at, state = "paid") => ({ ref, kind, at_unix_ms: at, state });
const TOLD = [
  { kind: "money", count: 2 },
  { kind: "bank", count: 5 },
];

test("as many of the newest lines that brought money are marked as were told", () => {
  const movements = [
    movement("a", "payment_out", 9),
    movement("b", "topup", 5),
    movement("c", "payment_in", 8),
    movement("d", "payment_in", 3),
  ];
  assert.deepEqual([...newRefs(movements, TOLD)], ["c", "b"]);
  assert.equal(moneyCount(TOLD), 2);
  assert.equal(newRefs(movements, []).size, 0);
});

function away(told, isInFront = true) {
  const said = [];
  const service = {
    get: async () => ({ told }),
    post: async (path, body) => said.push([path, body]),
  };
  const badge = { clearAppBadge: async () => said.push("badge") };
  const made = new Away({
    service,
    nowUnixMs: () => 12.7,
    notify: () => said.push("told"),
    isInFront: () => isInFront,
    badge,
  });
  return { made, said };
}

test("what was told is shown, then said to be seen, and the badge goes", async () => {
  const { made, said } = away(TOLD);
  await made.read();
  assert.deepEqual(made.told, TOLD);
  assert.deepEqual(said, ["told", "badge", ["/v1/me/notices/seen", { until_unix_ms: 12 }]]);
  made.forget();
  assert.deepEqual(made.told, []);
});

test("a page nobody looks at has seen nothing", async () => {
  const { made, said } = away(TOLD, false);
  await made.read();
  assert.deepEqual(said, []);
});

test("nothing new leaves the marks of before where they are", async () => {
  const { made, said } = away([]);
  made.told = TOLD;
  await made.read();
  assert.deepEqual(made.told, TOLD);
  assert.deepEqual(said, []);
});

test("nobody is asked before their first payment, nor twice, nor where it is not possible", () => {
  const here = (permission) => ({
    PushManager: class {},
    Notification: { permission },
    navigator: { serviceWorker: {} },
  });
  const paid = [movement("a", "payment_out", 1)];
  assert.ok(mayAsk(paid, here("default")));
  assert.ok(!mayAsk([movement("a", "payment_out", 1, "confirming")], here("default")));
  assert.ok(!mayAsk([movement("a", "topup", 1)], here("default")));
  assert.ok(!mayAsk(paid, here("denied")));
  assert.ok(!mayAsk(paid, here("granted")));
  assert.ok(!canNotify({ navigator: { serviceWorker: {} } }));
});

function worker({ pages = [], answer }) {
  const shown = [];
  const listeners = {};
  return {
    shown,
    listeners,
    addEventListener: (kind, listener) => (listeners[kind] = listener),
    clients: {
      matchAll: async () => pages,
      openWindow: async (path) => shown.push(["window", path]),
    },
    navigator: { setAppBadge: async (count) => shown.push(["badge", count]) },
    registration: { showNotification: async (title) => shown.push(["title", title]) },
    fetch: async () => {
      if (!answer) throw new TypeError("no network");
      return { json: async () => answer };
    },
  };
}

test("a push shows what the service says behind the session, and counts it on the icon", async () => {
  const answer = { title: "2 mouvements sur votre compte", told: TOLD };
  const one = worker({ pages: [{ visibilityState: "hidden" }], answer });
  await tell("/v1/me/notices", one);
  assert.deepEqual(one.shown, [
    ["badge", 7],
    ["title", "2 mouvements sur votre compte"],
  ]);
});

for (const [name, answer] of [
  ["no network", undefined],
  ["no session", { code: "session.required" }],
])
  test(`with ${name} a push only says that there is news`, async () => {
    const one = worker({ answer });
    await tell("/v1/me/notices", one);
    assert.deepEqual(one.shown.at(-1), ["title", "Du nouveau · News"]);
  });

test("nobody is called for what is in front of them", async () => {
  const one = worker({ pages: [{ visibilityState: "visible" }], answer: { title: "x", told: [] } });
  await tell("/v1/me/notices", one);
  assert.deepEqual(one.shown, []);
});

test("a touch brings the open page, or opens one", async () => {
  const one = worker({});
  hearPushes("/v1/me/notices", one);
  let work;
  const event = { notification: { close() {} }, waitUntil: (promise) => (work = promise) };
  one.listeners.notificationclick(event);
  await work;
  assert.deepEqual(one.shown, [["window", "/"]]);
});
