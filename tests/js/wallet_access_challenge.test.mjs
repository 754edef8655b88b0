/** A passkey asked to sign in signs no payment, whatever the service asks for. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { toBase64Url } from "../../wallet_service/faces/wallet/src/protocol/bytes.js";
import { paymentDigest } from "../../wallet_service/faces/wallet/src/protocol/typed_data.js";
import { onlyForAccess } from "../../wallet_service/faces/wallet/src/access_challenge.js";

const PREFIX = new TextEncoder().encode("alba access:");
const DOMAIN = { name: "l'alba", version: "1", chainId: 1, verifyingContract: `0x${"ab".repeat(20)}` };
const PAYMENT = {
  from: `0x${"11".repeat(20)}`,
  to: `0x${"22".repeat(20)}`,
  value: 100_000,
  ref: `0x${"33".repeat(32)}`,
  validBefore: 1_900_000_000,
  nonce: "0",
};

const asked = (bytes) => ({ challenge: toBase64Url(bytes), rpId: "localhost", userVerification: "required" });

test("a sign-in is answered as it was asked for", () => {
  const options = asked(new Uint8Array([...PREFIX, ...new Uint8Array(32).fill(7)]));
  assert.equal(onlyForAccess(options), options);
});

test("a service that hands over a payment's digest gets no signature", () => {
  const digest = paymentDigest(DOMAIN, PAYMENT);
  assert.throws(() => onlyForAccess(asked(digest)), /not for access/u);
});

test("nor does one that begins the words and ends with a digest's length", () => {
  for (const length of [0, 1, PREFIX.length - 1, PREFIX.length]) {
    assert.throws(() => onlyForAccess(asked(PREFIX.slice(0, length))), /not for access/u);
  }
  const almost = new Uint8Array([...PREFIX, ...new Uint8Array(32)]);
  almost[0] ^= 1;
  assert.throws(() => onlyForAccess(asked(almost)), /not for access/u);
});
