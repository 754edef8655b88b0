// What a till asks its point of sale for during one sale, and what it shows of what is pushed.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { SCREEN_KINDS } from "../../merchant_pos/static/src/screen_kinds.js";

const NOW = Date.now();
const QR = "<svg/>";
const whole = (more = {}) => ({
  id: "S1",
  amount_cents: 1250,
  tip_cents: 0,
  label: null,
  short_code: "482913",
  state: "open",
  created_at_unix_ms: NOW,
  expires_at_unix_ms: NOW + 120_000,
  accepted_at_unix_ms: null,
  paid_at_unix_ms: null,
  proof_code: null,
  refunded_cents: 0,
  payer_label: null,
  refusal_code: null,
  refusal_detail: null,
  refunds: [],
  qr_svg: QR,
  ...more,
});
const pushedOf = ({
  id,
  amount_cents,
  tip_cents,
  short_code,
  state,
  created_at_unix_ms,
  expires_at_unix_ms,
  accepted_at_unix_ms,
  paid_at_unix_ms,
  proof_code,
  refunded_cents,
}) => ({
  id,
  amount_cents,
  tip_cents,
  short_code,
  state,
  created_at_unix_ms,
  expires_at_unix_ms,
  accepted_at_unix_ms,
  paid_at_unix_ms,
  proof_code,
  refunded_cents,
});
const CONNECTION = { online: true, server_time_unix_ms: NOW, block_age_s: 1 };

let requests = [];
let sources = [];
const pageListeners = {};
let asked = []; // the bodies of sales
let service; // what the service would answer of the sale now

/** Just enough of a page for till.js: no screen. */
function makePage() {
  const stored = new Map([["alba_till_sound", "off"]]);
  const node = () => ({
    append() {},
    setAttribute() {},
    classList: { add() {}, remove() {}, toggle() {} },
    dataset: {},
    style: {},
    textContent: "",
  });
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  Object.assign(globalThis, {
    requestAnimationFrame: (draw) => draw(),
    localStorage: {
      getItem: (name) => stored.get(name) ?? null,
      setItem: (name, text) => stored.set(name, text),
      removeItem: (name) => stored.delete(name),
    },
    addEventListener() {},
    setInterval: () => 0,
    document: {
      documentElement: { lang: "fr" },
      body: node(),
      visibilityState: "visible",
      addEventListener: (kind, callback) => (pageListeners[kind] ??= []).push(callback),
      getElementById: () => node(),
      createElement: node,
      querySelector: () => null,
    },
    fetch: async (path, { method, body: sent }) => {
      requests.push(`${method} ${path}`);
      if (path === "/api/sales") asked.push(JSON.parse(sent));
      const book = { sales: service ? [service] : [], refunds: [], complete_since_unix_ms: null };
      const answers = {
        "GET /api/state": {
          csrf_token: "t",
          paired: true,
          till: { label: "Caisse 1", merchant_name: "Fournil" },
          time_zone: "Europe/Paris",
          largest_sale_cents: 100_000,
          currency: null,
          environment: "demo",
          problem: null,
          book,
          connection: CONNECTION,
        },
        "POST /api/sales": whole(),
        "GET /api/other-sales": [whole({ ...PAID, id: "S9", refunds: [] })],
        "GET /api/sales/S9": service,
        "GET /api/sales/S1": service,
      };
      return new Response(JSON.stringify(answers[`${method} ${path}`]), { status: 200 });
    },
    EventSource: class {
      static CLOSED = 2;
      listeners = {};
      constructor() {
        sources.push(this);
      }
      addEventListener(kind, handler) {
        this.listeners[kind] = handler;
      }
      close() {}
    },
  });
}

makePage();
const { Till } = await import("../../merchant_pos/static/src/till.js");
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const push = async (kind, data) => {
  sources.at(-1).listeners[kind]({ data: JSON.stringify(data) });
  await settled();
};

beforeEach(() => {
  requests = [];
  asked = [];
  sources = [];
  service = null;
  localStorage.removeItem("alba_till_current_sale");
});

async function tillWithOpenSale() {
  const till = new Till(() => {});
  await till.load();
  for (const key of ["1", "2", ",", "5", "0"]) till.type(key);
  await till.charge();
  service = whole();
  requests = [];
  return till;
}

const ACCEPTED = { state: "accepted", accepted_at_unix_ms: NOW + 1_000, proof_code: "7K-4QP" };
const PAID = { ...ACCEPTED, state: "paid", paid_at_unix_ms: NOW + 2_000 };

test("a page handles every kind its point of sale pushes", () => {
  assert.deepEqual(Object.keys(new Till(() => {}).pushedHandlers()).sort(), [...SCREEN_KINDS].sort());
});

test("one sale from open to paid is read once, for the payer's name", async () => {
  const till = await tillWithOpenSale();
  await push("sale", pushedOf(service));
  service = whole({ ...ACCEPTED, payer_label: "Camille R.", qr_svg: null });
  await push("sale", pushedOf(service));
  assert.equal(till.stage, "accepted");
  service = { ...service, ...PAID };
  await push("sale", pushedOf(service));
  assert.equal(till.stage, "paid");
  assert.equal(till.sale.payer_label, "Camille R.");
  assert.equal(till.today.netCents, 1250);
  assert.deepEqual(requests, ["GET /api/sales/S1"]);
});

test("paid is shown from the push alone, while the name is still on its way", async () => {
  const till = await tillWithOpenSale();
  await push("sale", pushedOf(whole(PAID)));
  assert.equal(till.stage, "paid");
});

test("a payment refused after all opens the sale again with its reason", async () => {
  const till = await tillWithOpenSale();
  service = whole({ ...ACCEPTED, payer_label: "Camille R." });
  await push("sale", pushedOf(service));
  service = whole({ refusal_code: "payment.refused_on_chain", refusal_detail: "Rien n’a été débité." });
  await push("sale", pushedOf(service));
  assert.equal(till.stage, "open");
  assert.equal(till.sale.refusal_detail, "Rien n’a été débité.");
  assert.equal(till.sale.qr_svg, QR);
});

test("a sale pushed before the answer to its opening keeps its QR", async () => {
  const till = new Till(() => {});
  await till.load();
  till.type("5");
  const charging = till.charge();
  sources.at(-1).listeners.sale({ data: JSON.stringify(pushedOf(whole())) });
  await charging;
  assert.equal(till.stage, "open");
  assert.equal(till.sale.qr_svg, QR);
  assert.deepEqual(requests, ["GET /api/state", "POST /api/sales"]);
});

test("sales of another tablet enter the list unread, and are read when a person opens them", async () => {
  const till = new Till(() => {});
  await till.load();
  requests = [];
  service = whole();
  await push("sale", pushedOf(service));
  assert.equal(till.saleById("S1").state, "open");
  assert.deepEqual(requests, []);
  till.show("S1");
  await settled();
  assert.deepEqual(requests, ["GET /api/sales/S1"]);
  assert.equal(till.sale.qr_svg, QR);
});

test("a refund is followed from what is pushed", async () => {
  const till = await tillWithOpenSale();
  service = whole({ ...PAID, payer_label: "Camille R." });
  await push("sale", pushedOf(service));
  requests = [];
  const refund = {
    id: "R1",
    sale_id: "S1",
    client_reference: "0x",
    amount_cents: 500,
    state: "requested",
    refusal_code: null,
    proof_code: null,
    requested_at_unix_ms: NOW,
    decided_at_unix_ms: null,
  };
  await push("refund", refund);
  assert.deepEqual(
    till.sale.refunds.map(({ state }) => state),
    ["requested"],
  );
  await push("refund", { ...refund, state: "paid", decided_at_unix_ms: NOW });
  await push("sale", pushedOf({ ...service, refunded_cents: 500 }));
  assert.equal(till.sale.refunded_cents, 500);
  assert.deepEqual([till.today.netCents, till.today.refundsCount], [750, 1]);
  assert.deepEqual(requests, []);
});

test("an amount above the largest sale stays as typed, is said, and is not charged", async () => {
  const till = new Till(() => {});
  await till.load();
  requests = [];
  for (const key of ["6", "0", "0", "0", "00"]) till.type(key);
  assert.deepEqual([till.state.entry.digits, till.isTooLarge], ["600000", true]);
  assert.match(till.state.notice.text, /Au plus 1.000,00 par vente/);
  await till.charge();
  assert.deepEqual([till.stage, requests], ["keypad", []]);
  till.type("back");
  till.type("back");
  assert.deepEqual([till.isTooLarge, till.state.notice], [false, null]);
});

test("words for a sale go with it, through a reload with the same reference, and with it alone", async () => {
  const till = new Till(() => {});
  await till.load();
  till.type("5");
  till.setLabel("Table 4");
  const { fetch } = globalThis;
  globalThis.fetch = async (path, options) => {
    if (path === "/api/sales") asked.push(JSON.parse(options.body));
    return path === "/api/sales" ? new Promise(() => {}) : fetch(path, options);
  };
  void till.charge();
  await settled();
  globalThis.fetch = fetch;
  const reloaded = new Till(() => {});
  await reloaded.load();
  await settled();
  assert.equal(asked[0].label, "Table 4");
  assert.deepEqual(asked[1], asked[0]);
  reloaded.newSale();
  reloaded.type("7");
  await reloaded.charge();
  assert.equal(asked[2].label, "");
});

test("where tips are offered the customer chooses before the sale opens, and the sum is one", async () => {
  localStorage.setItem("alba_till_tips", "true");
  const till = new Till(() => {});
  await till.load();
  for (const key of ["1", "2", "5", "0"]) till.type(key);
  requests = [];
  await till.charge();
  assert.deepEqual([till.stage, requests], ["tip", []]);
  till.leaveTip();
  assert.deepEqual([till.stage, till.state.entry.digits], ["keypad", "1250"]);
  await till.charge();
  await till.chooseTip(100);
  assert.equal(till.stage, "open");
  assert.deepEqual([asked[0].amount_cents, asked[0].tip_cents], [1350, 100]);
  till.held.takeReading(whole({ amount_cents: 1350, tip_cents: 100, state: "expired" }), performance.now());
  await till.retry();
  assert.deepEqual([asked[1].amount_cents, asked[1].tip_cents], [1350, 100], "the customer chose already");
  localStorage.removeItem("alba_till_tips");
});

test("what was said of the last try is not shown beside the next one's QR", async () => {
  const till = new Till(() => {});
  await till.load();
  till.type("5");
  till.state.notice = { tone: "bad", text: "Aucun QR n’est ouvert : les paiements sont suspendus." };
  await till.charge();
  assert.deepEqual([till.stage, till.state.notice], ["open", null]);
});

test("a refusal for a stop goes with the stop", async () => {
  const till = new Till(() => {});
  await till.load();
  till.type("5");
  await push("connection", { ...CONNECTION, payments_stopped: true });
  till.state.notice = { tone: "bad", text: "Aucun QR n’est ouvert : les paiements sont suspendus." };
  await push("connection", { ...CONNECTION, payments_stopped: false });
  assert.deepEqual([till.state.paymentsStopped, till.state.notice], [false, null]);
});

test("an open sale and a stop are never shown together: none is opened in a stop", async () => {
  const till = new Till(() => {});
  await till.load();
  await push("connection", { ...CONNECTION, payments_stopped: true });
  till.type("5");
  await till.charge();
  assert.deepEqual([till.stage, till.state.paymentsStopped], ["open", false]);
});

test("a tablet that wakes up opens its line afresh", async () => {
  const till = await tillWithOpenSale();
  const before = sources.length;
  service = whole(PAID);
  for (const callback of pageListeners.visibilitychange) callback();
  assert.ok(sources.length > before);
  await push("stream", { connected: true });
  assert.equal(till.stage, "paid", "and knows what happened while it slept");
});

test("what another till has sold is shown and never counted in this one's figures", async () => {
  const till = new Till(() => {});
  await till.load();
  await till.others.read();
  assert.equal(till.saleById("S9").amount_cents, 1250);
  service = whole({ ...PAID, id: "S9", refunded_cents: 500 });
  await till.readSale("S9");
  assert.equal(till.saleById("S9").refunded_cents, 500);
  assert.deepEqual([till.today.netCents, till.today.salesCount], [0, 0]);
});
