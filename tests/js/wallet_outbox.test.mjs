/** Exactly once: whatever is lost, doubled or reloaded, the service sees one order and the phone tells the truth. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { Problem } from "#ui/api.js";

import { isLive, Outbox } from "../../wallet_service/faces/wallet/src/outbox.js";

const unheard = () => new Problem({ code: "network.unreachable", status: 0, detail: "" });
const NOW_MS = 1_800_000_000_000;
const DEADLINE_S = NOW_MS / 1000 + 180;

/** Keeps clones, as IndexedDB does, so that a reload is a new Outbox over the same store. */
class MemoryStore {
  rows = new Map();
  async get(ref) {
    return structuredClone(this.rows.get(ref));
  }
  async all() {
    return structuredClone([...this.rows.values()]);
  }
  async addOnce(order, live) {
    const standing = [...this.rows.values()].find((row) => row.subject === order.subject && live(row)) ?? order;
    if (standing === order) this.rows.set(order.ref, structuredClone(order));
    return structuredClone(standing);
  }
  async change(ref, changed) {
    const order = structuredClone(this.rows.get(ref));
    const next = order ? changed(order) : null;
    if (next) this.rows.set(ref, structuredClone(next));
    return { order: structuredClone(next ?? order), isChanged: next !== null };
  }
  async remove(ref) {
    this.rows.delete(ref);
  }
}

/** A service that accepts once by reference; `script` says how each attempt goes: ok, lost (accepted, answer lost), cut. */
class FakeService {
  accepted = new Map();
  bodies = [];
  now = NOW_MS;
  constructor(script = []) {
    this.script = script;
  }
  nowUnixMs() {
    return this.now;
  }
  async post(path, body) {
    this.bodies.push(structuredClone(body));
    const step = this.script.shift() ?? "ok";
    if (step === "cut") throw unheard();
    if (step === "busy") throw new Problem({ code: "service.busy", status: 503, detail: "" });
    if (step === "refused")
      throw new Problem({ code: "payment.sale_expired", status: 422, detail: "Le code a expiré." });
    if (!this.accepted.has(body.ref)) this.accepted.set(body.ref, { ref: body.ref, state: "confirming" });
    if (step === "lost") throw unheard();
    return this.accepted.get(body.ref);
  }
  async get() {
    const step = this.script.shift() ?? "ok";
    if (step === "cut") throw unheard();
    const [only] = this.accepted.values();
    if (!only) throw new Problem({ code: "payment.not_found", status: 404, detail: "" });
    return only;
  }
}

const order = (ref = "0xaa", subject = "sale:1") => ({
  ref,
  kind: "payment",
  subject,
  path: "/v1/payments",
  body: { ref, signature: `0x02${ref}` },
  validBeforeUnixS: DEADLINE_S,
  shown: {},
});
const outboxOver = (store, api, onWait = () => {}, isSignedIn = () => true) =>
  new Outbox({ store, api, isSignedIn, wait: async (ms) => onWait(ms) });

test("an order is on the phone before the first attempt", async () => {
  const store = new MemoryStore();
  const service = new FakeService();
  service.post = async (path, body) => {
    assert.ok(store.rows.has(body.ref));
    return { ref: body.ref, state: "confirming" };
  };
  const outbox = outboxOver(store, service);
  await outbox.enqueue(order());
  assert.equal((await outbox.deliver("0xaa")).state, "sent");
});

test("cut, busy, then answered: the same bytes each time, one acceptance", async () => {
  const store = new MemoryStore();
  const service = new FakeService(["cut", "busy", "lost", "ok"]);
  const outbox = outboxOver(store, service);
  await outbox.enqueue(order());
  assert.equal((await outbox.deliver("0xaa")).state, "sent");
  assert.equal(service.bodies.length, 4);
  assert.equal(new Set(service.bodies.map((body) => JSON.stringify(body))).size, 1);
  assert.equal(service.accepted.size, 1);
});

test("nothing is sent before the session is read; then it goes", async () => {
  const store = new MemoryStore();
  const service = new FakeService();
  let isSignedIn = false;
  const reloaded = outboxOver(
    store,
    service,
    () => {},
    () => isSignedIn,
  );
  await reloaded.enqueue(order());
  assert.equal((await reloaded.deliver("0xaa")).state, "unsent");
  assert.deepEqual(service.bodies, []);
  isSignedIn = true;
  await reloaded.resume();
  assert.equal((await reloaded.deliver("0xaa")).state, "sent");
  assert.equal(service.bodies.length, 1);
});

test("two taps make one order", async () => {
  const store = new MemoryStore();
  const service = new FakeService();
  const outbox = outboxOver(store, service);
  const [first, second] = await Promise.all([outbox.enqueue(order("0xaa")), outbox.enqueue(order("0xbb"))]);
  assert.equal(first.ref, second.ref);
  await outbox.deliver(first.ref);
  assert.deepEqual([...service.accepted.keys()], [first.ref]);
});

test("a reload in the middle sends the stored bytes again and finds the acceptance", async () => {
  const store = new MemoryStore();
  const service = new FakeService(["lost"]);
  let isReloaded = false;
  const before = outboxOver(store, service, () => {
    isReloaded = true;
    return new Promise(() => {});
  });
  before.enqueue(order());
  while (!isReloaded) await new Promise((resolve) => setImmediate(resolve));
  const after = outboxOver(store, service);
  assert.equal((await after.liveFor("sale:1")).ref, "0xaa");
  await after.resume();
  assert.equal((await after.deliver("0xaa")).state, "sent");
  assert.equal(service.accepted.size, 1);
  assert.deepEqual(service.bodies[0], service.bodies[1]);
});

test("a business refusal is final and says why; the sale may then be tried again", async () => {
  const store = new MemoryStore();
  const service = new FakeService(["refused"]);
  const outbox = outboxOver(store, service);
  await outbox.enqueue(order());
  const refused = await outbox.deliver("0xaa");
  assert.equal(refused.state, "refused");
  assert.equal(refused.problem.detail, "Le code a expiré.");
  assert.equal((await outbox.enqueue(order("0xbb"))).ref, "0xbb");
});

test("past its deadline an order is dead only when the service says it never had it", async () => {
  const store = new MemoryStore();
  const service = new FakeService(["cut", "cut", "ok"]);
  const outbox = outboxOver(store, service, () => {
    service.now = (DEADLINE_S + 60) * 1000;
  });
  await outbox.enqueue(order());
  assert.equal((await outbox.deliver("0xaa")).state, "lapsed");
  assert.equal(service.bodies.length, 1, "never sent after its deadline");
});

test("past its deadline an order whose answer was lost is found", async () => {
  const store = new MemoryStore();
  const service = new FakeService(["lost", "cut", "ok"]);
  const outbox = outboxOver(store, service, () => {
    service.now = (DEADLINE_S + 60) * 1000;
  });
  await outbox.enqueue(order());
  assert.equal((await outbox.deliver("0xaa")).state, "sent");
});

test("a push makes it paid, and nothing unmakes it", async () => {
  const store = new MemoryStore();
  const outbox = outboxOver(store, new FakeService());
  await outbox.enqueue(order());
  await outbox.deliver("0xaa");
  assert.equal((await outbox.learn("0xaa", { state: "paid", final_at_unix_ms: 1 })).state, "paid");
  assert.equal((await outbox.learn("0xaa", { state: "refused" })).state, "paid");
  assert.equal(isLive(await outbox.get("0xaa")), false);
});

test("a redemption's fate is asked for by its reference, however many came after it", async () => {
  const requests = [];
  const service = new FakeService(["cut"]);
  const all = Array.from({ length: 120 }, (_, index) => ({ ref: `0x${index}`, state: "locked" }));
  service.get = async (path) => {
    requests.push(path);
    const found = all.find(({ ref }) => path === `/v1/me/redemptions/${ref}`);
    // A list is a page of the newest: the one asked for is not in it.
    return found ?? all.slice(-50);
  };
  const outbox = outboxOver(new MemoryStore(), service, () => {
    service.now = (DEADLINE_S + 60) * 1000;
  });
  // As a phone may still hold it from before: with a path to the list.
  await outbox.enqueue({
    ...order("0x3"),
    kind: "redemption",
    path: "/v1/me/redemptions",
    statusPath: "/v1/me/redemptions",
  });
  const found = await outbox.deliver("0x3");
  assert.deepEqual([found.state, found.answer.state], ["sent", "locked"]);
  assert.deepEqual(requests, ["/v1/me/redemptions/0x3"]);
});

test("only the service's own word for a reference it never had makes an order dead", async () => {
  const codes = ["page.not_found", "redemption.unknown"];
  const service = new FakeService(["cut"]);
  service.get = async () => {
    throw new Problem({ code: codes.shift(), status: 404, detail: "" });
  };
  const states = [];
  const outbox = outboxOver(new MemoryStore(), service, async () => {
    service.now = (DEADLINE_S + 60) * 1000;
    states.push((await outbox.get("0xaa")).state);
  });
  await outbox.enqueue(order());
  assert.equal((await outbox.deliver("0xaa")).state, "lapsed");
  assert.deepEqual(states, ["unsent", "unsent"]);
});

test("a push that overtakes the answer stands", async () => {
  const store = new MemoryStore();
  const service = new FakeService();
  const outbox = outboxOver(store, service);
  service.post = async (path, body) => {
    const answer = { ref: body.ref, state: "confirming" };
    await outbox.learn(body.ref, { ref: body.ref, state: "paid" });
    return answer;
  };
  await outbox.enqueue(order());
  assert.equal((await outbox.deliver("0xaa")).state, "paid");
  assert.equal((await outbox.get("0xaa")).state, "paid");
});

test("what a restored service no longer knows is sent again, the same bytes, and a refusal of it says nothing", async () => {
  const service = new FakeService();
  const outbox = outboxOver(new MemoryStore(), service);
  await outbox.enqueue(order());
  await outbox.deliver("0xaa");
  service.accepted.clear();
  service.script = ["ok", "refused"];
  const refused = await outbox.deliver("0xaa");
  assert.deepEqual([refused.state, refused.problem], ["sent", null]);
  assert.equal((await outbox.deliver("0xaa")).state, "sent");
  assert.equal(service.accepted.size, 1);
  assert.equal(service.bodies.length, 3);
  for (const body of service.bodies) assert.deepEqual(body, order().body);
});

/** Two ends of what BroadcastChannel is between tabs. */
function channels() {
  const ends = [{}, {}];
  ends.forEach((end, at) => {
    end.postMessage = (data) => queueMicrotask(() => ends[1 - at].onmessage?.({ data }));
  });
  return ends;
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("an order paid in one tab is paid in the other, at once", async () => {
  const store = new MemoryStore();
  const service = new FakeService();
  const [here, there] = channels();
  const ports = { store, api: service, isSignedIn: () => true, wait: async () => {} };
  const first = new Outbox({ ...ports, channel: here });
  const second = new Outbox({ ...ports, channel: there });
  const heard = [];
  second.listen((changed) => heard.push(changed.state));
  await first.enqueue(order());
  await first.deliver("0xaa");
  await first.learn("0xaa", { state: "paid" });
  await settled();
  assert.equal(heard.at(-1), "paid");
  assert.equal(
    (await second.learn("0xaa", { state: "confirming" })).state,
    "paid",
    "and the other does not take it back",
  );
});

test("without network nothing is sent, and what was never sent can be cancelled", async () => {
  const store = new MemoryStore();
  const service = new FakeService();
  let hasNetwork = false;
  const outbox = new Outbox({
    store,
    api: service,
    isSignedIn: () => true,
    hasNetwork: () => hasNetwork,
    wait: () => new Promise((resolve) => setTimeout(resolve, 1)),
  });
  await outbox.enqueue(order());
  assert.equal((await outbox.giveUp("0xaa")).state, "cancelled");
  hasNetwork = true;
  assert.equal((await outbox.deliver("0xaa")).state, "cancelled");
  assert.deepEqual(service.bodies, []);
  assert.equal((await outbox.enqueue(order("0xbb"))).ref, "0xbb", "the sale may be paid after all");
  assert.equal((await outbox.deliver("0xbb")).state, "sent");
});

test("an order that may have left is not sent again once given up, and ends as the service says", async () => {
  for (const [script, end] of [
    [["lost", "ok"], "sent"],
    [["cut", "ok", "ok"], "lapsed"],
  ]) {
    const service = new FakeService(script);
    const outbox = new Outbox({
      store: new MemoryStore(),
      api: service,
      isSignedIn: () => true,
      wait: async () => {
        assert.equal((await outbox.giveUp("0xaa")).isWithdrawn, true);
        if (service.script.length === 1) service.now = (DEADLINE_S + 60) * 1000;
      },
    });
    await outbox.enqueue(order());
    assert.equal((await outbox.deliver("0xaa")).state, end);
    assert.equal(service.bodies.length, 1);
  }
});

test("an order of an earlier release, which does not say whether it was tried, is never called cancelled", async () => {
  const store = new MemoryStore();
  const outbox = outboxOver(store, new FakeService(), () => new Promise(() => {}));
  const { isTried, ...older } = { ...order(), state: "unsent", createdAtUnixMs: NOW_MS, answer: null, problem: null };
  assert.equal(isTried, undefined);
  store.rows.set("0xaa", older);
  const given = await outbox.giveUp("0xaa");
  assert.deepEqual([given.state, given.isWithdrawn], ["unsent", true]);
});

test("whoever waits for the next try is woken when the network is back", async () => {
  const service = new FakeService(["cut", "ok"]);
  let waits = 0;
  const outbox = outboxOver(new MemoryStore(), service, () => {
    waits += 1;
    return new Promise(() => {});
  });
  await outbox.enqueue(order());
  const delivered = outbox.deliver("0xaa");
  while (!waits) await settled();
  await outbox.resume();
  assert.equal((await delivered).state, "sent");
});
