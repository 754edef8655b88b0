/** What asks who one is now: the phone answers by itself where that is enough, the passkey where the service wants it. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { withFreshSession } from "../../wallet_service/faces/wallet/src/passkey.js";

const refusal = (code) => Object.assign(new Error(code), { code });
const ACCESS = btoa("alba access:and more").replaceAll("=", "");

/** A phone whose service refuses the act until it was shown what it wants; the browser's passkey answers. */
function phone({ wants, passkeys = [], hasKey = true }) {
  const done = [];
  const left = [...wants];
  const act = async () => {
    if (left.length > 0) throw refusal(left[0]);
    return "done";
  };
  const shown = (what, codes) => {
    done.push(what);
    if (codes.includes(left[0])) left.shift();
  };
  const app = {
    me: { passkey_ids: passkeys },
    device: {
      signIn: async () => {
        if (hasKey) shown("phone", ["session.too_old"]);
        return hasKey;
      },
    },
    service: {
      post: async (path) => {
        if (path.endsWith("/options")) return { challenge: ACCESS };
        return shown("passkey", ["session.too_old", "access.passkey_wanted", "freeze.passkey_needed"]);
      },
    },
  };
  return { app, act, done };
}

const credential = {
  id: "c",
  rawId: new ArrayBuffer(1),
  type: "public-key",
  response: {
    clientDataJSON: new ArrayBuffer(1),
    authenticatorData: new ArrayBuffer(1),
    signature: new ArrayBuffer(1),
  },
  getClientExtensionResults: () => ({}),
};
Object.defineProperty(globalThis, "PublicKeyCredential", { value() {}, configurable: true });
Object.defineProperty(globalThis, "navigator", {
  value: { credentials: { get: async () => credential } },
  configurable: true,
});

test("a session that is old is answered by the phone alone, with a passkey and without", async () => {
  for (const passkeys of [[], ["c"]]) {
    const { app, act, done } = phone({ wants: ["session.too_old"], passkeys });
    assert.equal(await withFreshSession(app, act), "done");
    assert.deepEqual(done, ["phone"]);
  }
});

test("what wants the passkey gets it, after the phone where the session was old too", async () => {
  for (const code of ["access.passkey_wanted", "freeze.passkey_needed"]) {
    const { app, act, done } = phone({ wants: ["session.too_old", code], passkeys: ["c"] });
    assert.equal(await withFreshSession(app, act), "done");
    assert.deepEqual(done, ["phone", "passkey"]);
  }
});

test("a browser without a key of its own shows the passkey", async () => {
  const { app, act, done } = phone({ wants: ["session.too_old"], passkeys: ["c"], hasKey: false });
  assert.equal(await withFreshSession(app, act), "done");
  assert.deepEqual(done, ["passkey"]);
});

test("any other refusal is said, and nobody is asked for a finger", async () => {
  const { app, act, done } = phone({ wants: ["access.last_way_in"], passkeys: ["c"] });
  await assert.rejects(withFreshSession(app, act), { code: "access.last_way_in" });
  assert.deepEqual(done, []);
});
