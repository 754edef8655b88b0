/** The session is opened again once, by the key, and never hides a refusal. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Problem } from "#ui/api.js";

import { isFinalRefusal, Service } from "../../wallet_service/faces/wallet/src/service.js";

let answers;
let requests;
const answer = (status, body) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });

beforeEach(() => {
  answers = [];
  requests = [];
  globalThis.fetch = async (path, options) => {
    requests.push(`${options.method} ${path}`);
    return answers.shift();
  };
});

test("after a lost session the key opens a new one and the request is sent again", async () => {
  const service = new Service();
  let opened = 0;
  service.renewSession = async () => Boolean((opened += 1));
  answers = [answer(401, { code: "session.required" }), answer(200, { ok: true })];
  assert.deepEqual(await service.get("/v1/me"), { ok: true });
  assert.equal(opened, 1);
  assert.deepEqual(requests, ["GET /v1/me", "GET /v1/me"]);
});

test("two requests that lose the session together open one new session", async () => {
  const service = new Service();
  let opened = 0;
  service.renewSession = async () => {
    opened += 1;
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  };
  const lost = () => answer(401, { code: "session.required" });
  answers = [lost(), lost(), answer(200, {}), answer(200, {})];
  await Promise.all([service.get("/v1/me"), service.get("/v1/me/movements")]);
  assert.equal(opened, 1);
});

test("a device that cannot sign in hears the refusal", async () => {
  answers = [answer(401, { code: "session.required", detail: "Connectez-vous." })];
  await assert.rejects(new Service().get("/v1/me"), { code: "session.required" });
});

test("every silence is told, a refusal is none", async () => {
  const service = new Service();
  let silences = 0;
  service.onSilence = () => (silences += 1);
  answers = [answer(503, { code: "x" }), answer(409, { code: "x" })];
  await assert.rejects(service.get("/v1/me/movements"));
  await assert.rejects(service.post("/v1/payments"));
  assert.equal(silences, 0);
  globalThis.fetch = async () => {
    throw new TypeError("network");
  };
  await assert.rejects(service.get("/v1/me/movements"), { status: 0 });
  assert.equal(silences, 1);
});

test("which refusals are final", () => {
  const problem = (status, code = "x") => new Problem({ status, code, detail: "" });
  for (const status of [400, 403, 404, 409, 422]) assert.ok(isFinalRefusal(problem(status)), String(status));
  for (const status of [0, 401, 408, 429, 500, 503]) assert.ok(!isFinalRefusal(problem(status)), String(status));
  assert.ok(!isFinalRefusal(problem(403, "session.csrf")), "a stale token is no refusal of the order");
  assert.ok(isFinalRefusal(problem(503, "payment.stopped")), "a stop is told at once");
  assert.ok(!isFinalRefusal(new TypeError("a fault of ours")));
});
