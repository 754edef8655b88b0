/** A key that an officer has suspended: which of a phone's keys still signs, and what is said of the one that does not. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { DeviceAccess } from "../../wallet_service/faces/wallet/src/device_access.js";
import { makeDeviceKey } from "../../wallet_service/faces/wallet/src/device_key.js";
import { signingPasskeys } from "../../wallet_service/faces/wallet/src/passkey.js";
import { markSuspended, suspensionHere } from "../../wallet_service/faces/wallet/src/suspended_key.js";

const NOW_MS = 1_790_000_000_000;
const UNTIL_S = NOW_MS / 1000 + 60;
const [own, further] = [await makeDeviceKey(1), await makeDeviceKey(2)];
const phone = new DeviceAccess({
  service: /** @type {any} */ ({}),
  keys: /** @type {any} */ ({ all: async () => [own, further] }),
});
const device = (key, untilUnixS, state = "active") => ({
  signer_address: key.address,
  key_kind: "p256",
  state,
  suspended_until_unix_s: untilUnixS,
});

test("a suspension holds to its last second, and of active keys only", () => {
  const states = (untilUnixS, state) =>
    [NOW_MS + 59_999, NOW_MS + 60_000].map((now) => markSuspended([device(own, untilUnixS, state)], now)[0].state);
  assert.deepEqual(states(UNTIL_S, "active"), ["suspended", "active"]);
  assert.deepEqual(states(null, "active"), ["active", "active"]);
  assert.deepEqual(states(UNTIL_S, "revoked"), ["revoked", "revoked"]);
});

test("a suspended own key signs nothing; another key of the same phone does", async () => {
  const me = { account_address: own.address, devices: markSuspended([device(own, UNTIL_S)], NOW_MS) };
  assert.equal(await phone.signingKey(me), null);
  const both = markSuspended([device(own, UNTIL_S), device(further, null)], NOW_MS);
  assert.equal(await phone.signingKey({ ...me, devices: both }), further);
});

test("nor does a suspended passkey", () => {
  const passkey = { ...device(further, UNTIL_S), key_kind: "passkey" };
  assert.equal(signingPasskeys({ devices: markSuspended([passkey], NOW_MS) }).length, 0);
  assert.equal(signingPasskeys({ devices: markSuspended([passkey], UNTIL_S * 1000) }).length, 1);
});

test("the phone that holds the key says until when and whom to ask; another of the account says nothing", () => {
  const devices = markSuspended([device(own, UNTIL_S), device(further, null)], NOW_MS);
  assert.match(suspensionHere(devices, [own.address], NOW_MS) ?? "", /suspendue.*Contactez l’association\. Fin/);
  assert.equal(suspensionHere(devices, [further.address], NOW_MS), null);
  assert.equal(suspensionHere(markSuspended([device(own, UNTIL_S)], UNTIL_S * 1000), [own.address], NOW_MS), null);
});
