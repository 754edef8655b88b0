// Talking to the service: the CSRF token, problems, and what it means to hear nothing.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Problem, get, post, request, serverNow, setCsrfToken } from "#ui/api.js";

let sent;
const answer = (status, body, headers = {}) => {
  globalThis.fetch = async (path, options) => {
    sent = { path, ...options };
    return new Response(body === null ? null : typeof body === "string" ? body : JSON.stringify(body), {
      status,
      headers,
    });
  };
};

beforeEach(() => {
  sent = null;
  setCsrfToken(null);
});

test("unsafe requests carry the token that a session gave, reads do not", async () => {
  answer(200, { csrf_token: "TOKEN", member: null });
  await get("/v1/session");
  assert.equal(sent.headers["X-CSRF-Token"], undefined);
  answer(202, { ref: "0x1" });
  await post("/v1/payments", { amount_cents: 5 });
  assert.equal(sent.headers["X-CSRF-Token"], "TOKEN");
  assert.equal(sent.body, '{"amount_cents":5}');
  assert.equal(sent.cache, "no-store");
});

test("a refusal keeps its code, its sentence and its values", async () => {
  answer(409, {
    code: "sale.expired",
    detail: "Rien n’a été débité.",
    values: { expires_at_unix_ms: 3 },
    correlation_id: "C",
  });
  await assert.rejects(get("/v1/sales/X"), (error) => {
    assert.ok(error instanceof Problem);
    assert.deepEqual(
      [error.code, error.status, error.message, error.correlationId, error.unknownOutcome],
      ["sale.expired", 409, "Rien n’a été débité.", "C", false],
    );
    assert.deepEqual(error.values, { expires_at_unix_ms: 3 });
    return true;
  });
});

test("no answer, a failure and an answer that is not JSON leave the outcome unknown or say so", async () => {
  globalThis.fetch = async () => {
    throw new TypeError("network");
  };
  await assert.rejects(post("/v1/payments"), (error) => error.code === "network.unreachable" && error.unknownOutcome);
  answer(502, "<html>bad gateway</html>");
  await assert.rejects(post("/v1/payments"), (error) => error.code === "network.unexpected" && error.unknownOutcome);
});

test("a success that cannot be read says nothing of what became of the request", async () => {
  answer(200, "<html>a portal of the hotel</html>");
  await assert.rejects(post("/v1/payments"), (error) => error.status === 0 && error.unknownOutcome);
});

test("an empty answer is null", async () => {
  answer(204, null);
  assert.equal(await request("DELETE", "/v1/session"), null);
});

test("the server's clock is learned from its answers", async () => {
  const ahead = Date.now() + 600_000;
  answer(200, {}, { "Alba-Server-Time": String(ahead) });
  await get("/v1/session");
  assert.ok(Math.abs(serverNow() - ahead) < 2_000);
});
