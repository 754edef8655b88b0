// Every kind that is pushed has, on the page of whoever it is pushed to, a handler that does something; and no page
// waits for a kind that nobody pushes to it. That each kind is really published is tests/unit/protocol/test_event_kinds.py's.
import assert from "node:assert/strict";
import { test } from "node:test";

import { KINDS, KINDS_FOR, STREAM_KINDS } from "#ui/event_kinds.js";
import { pushedHandlers as consoleHandlers } from "../../wallet_service/faces/console/src/pushed.js";
import { pushedHandlers as publicHandlers } from "../../wallet_service/faces/public/src/pushed.js";
import { pushedHandlers as walletHandlers } from "../../wallet_service/faces/wallet/src/pushed.js";

/** A page's handlers, and what they did. */
const pages = {
  member: (did) =>
    walletHandlers({
      outbox: { learn: async (ref) => did.push(`learn ${ref}`), deliver: async (ref) => did.push(`deliver ${ref}`) },
      notify: ({ kind }) => did.push(`notify ${kind}`),
      learnStops: () => did.push("learn stops"),
      readSoon: () => did.push("read"),
    }),
  console: (did) => consoleHandlers(() => did.push("look")),
  public: (did) => publicHandlers(() => did.push("look")),
};

for (const [audience, handlersOf] of Object.entries(pages)) {
  test(`the ${audience}'s page handles every kind pushed to it, and waits for no other`, () => {
    const handled = Object.keys(handlersOf([])).filter((kind) => !STREAM_KINDS.includes(kind));
    assert.deepEqual(handled.sort(), [...KINDS_FOR[audience]].sort());
  });

  test(`each handler of the ${audience}'s page does something`, async () => {
    const did = [];
    for (const [kind, handler] of Object.entries(handlersOf(did))) {
      did.length = 0;
      await handler({ ref: "0x1" });
      assert.notEqual(did.length, 0, kind);
    }
  });

  test(`the ${audience}'s page reads everything again when too much was missed`, async () => {
    const did = [];
    await handlersOf(did)["stream.reload"]({});
    assert.equal(did.length, 1);
  });
}

test("what became of a payment is known to the outbox before any screen hears of it", async () => {
  const did = [];
  const handlers = pages.member(did);
  await handlers["payment.paid"]({ ref: "0x1" });
  assert.deepEqual(did, ["learn 0x1", "notify payment.paid", "read"]);
  did.length = 0;
  await handlers["payment.refused"]({ ref: "0x2" });
  assert.deepEqual(did, ["deliver 0x2", "notify payment.refused", "read"]);
});

test("no kind is without an audience", () => {
  assert.deepEqual([...KINDS].sort(), [...new Set([...STREAM_KINDS, ...Object.values(KINDS_FOR).flat()])].sort());
  assert.ok(KINDS_FOR.till.length > 0);
});
