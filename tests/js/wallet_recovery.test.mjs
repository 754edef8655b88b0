/** Which key of a phone signs for an account once a recovery has ended the account's own. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { DeviceAccess } from "../../wallet_service/faces/wallet/src/device_access.js";
import { makeDeviceKey } from "../../wallet_service/faces/wallet/src/device_key.js";

const [own, further] = [await makeDeviceKey(1), await makeDeviceKey(2)];
const phone = new DeviceAccess({
  service: /** @type {any} */ ({}),
  keys: /** @type {any} */ ({ all: async () => [own, further] }),
});
const device = (key, state) => ({ signer_address: key.address, state });

test("the account's own key signs, known as a device or not", async () => {
  const me = { account_address: own.address, devices: [] };
  assert.equal(await phone.signingKey(me), own);
  assert.equal(await phone.signingKey({ ...me, devices: [device(own, "active")] }), own);
});

test("ended by a recovery it signs no more, and the new one does", async () => {
  const me = { account_address: own.address, devices: [device(own, "revoked"), device(further, "active")] };
  assert.equal(await phone.signingKey(me), further);
  assert.equal(await phone.signingKey({ ...me, devices: [device(own, "revoked"), device(further, "pending")] }), null);
  // Linked a moment ago is not lost: home says which of the two it is.
  assert.equal(await phone.isBeingLinked({ ...me, devices: [device(further, "pending")] }), true);
  assert.equal(await phone.isBeingLinked({ ...me, devices: [device(further, "active")] }), false);
  assert.equal(await phone.isBeingLinked(me), false);
});
