/** In a demonstration a browser makes its own push address and asks no browser maker; elsewhere it does ask. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { isOn, subscribe, unsubscribe } from "../../wallet_service/ui/push_subscription.js";

const STAND_IN = "http://127.0.0.1:8404";
let asked = [];

beforeEach(() => {
  asked = [];
  const kept = new Map();
  let subscription = null;
  const pushManager = {
    subscribe: async ({ applicationServerKey }) => {
      asked.push(applicationServerKey);
      return (subscription = { endpoint: "https://push.example/1", unsubscribe: async () => (subscription = null) });
    },
    getSubscription: async () => subscription,
  };
  const serviceWorker = { ready: Promise.resolve({ pushManager }), getRegistration: async () => ({ pushManager }) };
  Object.defineProperty(globalThis, "navigator", { value: { serviceWorker }, configurable: true });
  Object.assign(globalThis, {
    PushManager: class {},
    Notification: { permission: "granted", requestPermission: async () => "granted" },
    localStorage: {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, text) => kept.set(name, text),
      removeItem: (name) => kept.delete(name),
    },
  });
});

const at = (standIn) => async () => ({ pushKey: "BKey", standIn });

test("with a stand-in the address is made here, stays the same, and is forgotten", async () => {
  const endpoint = await subscribe(at(STAND_IN));
  assert.match(endpoint, /^http:\/\/127\.0\.0\.1:8404\/[0-9a-f-]{36}$/);
  assert.equal(await subscribe(at(STAND_IN)), endpoint);
  assert.deepEqual([await isOn(), asked], [true, []]);
  const told = [];
  await unsubscribe(async (address) => told.push(address));
  assert.deepEqual([told, await isOn()], [[endpoint], false]);
});

test("another demonstration's address is not taken for this one's", async () => {
  const before = await subscribe(at(STAND_IN));
  assert.notEqual(await subscribe(at("http://127.0.0.1:9404")), before);
});

test("without one the browser's own service is asked", async () => {
  assert.equal(await subscribe(at("")), "https://push.example/1");
  assert.deepEqual([await isOn(), asked], [true, ["BKey"]]);
});

test("whoever refuses notices has no address anywhere", async () => {
  globalThis.Notification.requestPermission = async () => "denied";
  await assert.rejects(subscribe(at(STAND_IN)), { name: "PushRefused" });
  assert.equal(localStorage.getItem("alba.push-stand-in"), null);
});
