// Names that come from elsewhere are names, never parts of every object (OWASP ASVS 5.0, 15.3.6).
import assert from "node:assert/strict";
import { test } from "node:test";

import { get } from "#ui/api.js";
import { stateView } from "#ui/states.js";

const HOSTILE = `{
  "__proto__": {"isPolluted": true},
  "constructor": {"prototype": {"isPolluted": true}},
  "values": {"__proto__": {"isPolluted": true}}
}`;
const INHERITED = ["constructor", "toString", "hasOwnProperty", "__proto__"];

const answers = (status) => {
  globalThis.fetch = async () => new Response(HOSTILE, { status });
};

test("what an answer names reaches no other object", async () => {
  answers(200);
  await get("/v1/me");
  answers(409);
  await get("/v1/me").catch((problem) => ({ ...problem.values }));
  assert.equal({}.isPolluted, undefined);
  assert.equal([].isPolluted, undefined);
});

test("a state nobody listed is shown as it is, whatever every object inherits", () => {
  for (const state of INHERITED)
    assert.deepEqual(stateView("sale", state), { word: state, tone: "neutral", icon: null });
});
