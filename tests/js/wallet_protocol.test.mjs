/** The wallet's bytes are those of the golden vectors, which Python and Solidity check too. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { newReference } from "#ui/references.js";

import { fromHex, joinBytes, toHex, toInteger } from "../../wallet_service/faces/wallet/src/protocol/bytes.js";
import {
  addressOf,
  normaliseLowS,
  P256_ORDER,
  p256Envelope,
  passkeyEnvelope,
  signatureOfDer,
  signDigest,
} from "../../wallet_service/faces/wallet/src/protocol/envelope.js";
import { proofCode } from "../../wallet_service/faces/wallet/src/protocol/references.js";
import {
  domainSeparator,
  paymentDigest,
  paymentStructHash,
  recoveryVetoDigest,
  recoveryVetoStructHash,
  redemptionDigest,
  redemptionStructHash,
  signerAdditionDigest,
  signerAdditionStructHash,
} from "../../wallet_service/faces/wallet/src/protocol/typed_data.js";

const read = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
const files = [
  { file: read("payments"), digestOf: paymentDigest, structHashOf: paymentStructHash },
  { file: read("redemptions"), digestOf: redemptionDigest, structHashOf: redemptionStructHash },
  { file: read("vetoes"), digestOf: recoveryVetoDigest, structHashOf: recoveryVetoStructHash },
  { file: read("additions"), digestOf: signerAdditionDigest, structHashOf: signerAdditionStructHash },
];

for (const { file, digestOf, structHashOf } of files) {
  test(`${file.primary_type}: domain, struct hash and digest of every golden vector`, () => {
    assert.ok(file.vectors.length >= 15);
    assert.equal(toHex(domainSeparator(file.domain)), file.domain_separator);
    for (const vector of file.vectors) {
      assert.equal(toHex(structHashOf(vector.message)), vector.struct_hash, vector.name);
      assert.equal(toHex(digestOf(file.domain, vector.message)), vector.digest, vector.name);
    }
  });

  test(`${file.primary_type}: address and envelope of every P-256 vector`, () => {
    const vectors = file.vectors.filter((vector) => vector.kind === "p256");
    assert.ok(vectors.length >= 5);
    for (const vector of vectors) {
      const publicKey = joinBytes(fromHex(vector.public_key.x), fromHex(vector.public_key.y));
      assert.equal(addressOf(publicKey), vector.signer.toLowerCase(), vector.name);
      if (!vector.valid) continue;
      const envelope = fromHex(vector.envelope, 129);
      assert.equal(p256Envelope(publicKey, envelope.slice(65)), vector.envelope, vector.name);
    }
  });

  test(`${file.primary_type}: a high-s signature is brought to the low one of the same r`, () => {
    const high = file.vectors.find((vector) => vector.name === "p256 high s");
    const signature = fromHex(high.envelope, 129).slice(65);
    const low = normaliseLowS(signature);
    assert.equal(toInteger(low.slice(32)), P256_ORDER - toInteger(signature.slice(32)));
    assert.deepEqual(low.slice(0, 32), signature.slice(0, 32));
    assert.ok(toInteger(low.slice(32)) <= P256_ORDER / 2n);
  });
}

test("WebCrypto's own signature over the digest as message verifies and is always low-s", async () => {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)).slice(1);
  const digest = fromHex(files[0].file.vectors[0].digest, 32);
  for (let round = 0; round < 24; round += 1) {
    const envelope = fromHex(await signDigest({ privateKey: pair.privateKey, publicKey }, digest), 129);
    assert.equal(envelope[0], 2);
    assert.deepEqual(envelope.slice(1, 65), publicKey);
    const signature = envelope.slice(65);
    assert.ok(toInteger(signature.slice(32)) <= P256_ORDER / 2n);
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    assert.ok(await crypto.subtle.verify(algorithm, pair.publicKey, signature, digest));
  }
});

test("a reference is 32 random bytes and its proof code five characters of its hash", () => {
  const ref = newReference();
  assert.match(ref, /^0x[0-9a-f]{64}$/);
  assert.notEqual(ref, newReference());
  assert.match(proofCode(ref), /^[0-9A-F]{2}-[0-9A-F]{3}$/);
  // keccak256 of 32 zero bytes is 290decd9..., as every Ethereum tool says.
  assert.equal(proofCode(`0x${"00".repeat(32)}`), "29-0DE");
});

test("bytes that are not what they claim are refused", () => {
  assert.throws(() => fromHex("0xabc"), TypeError);
  assert.throws(() => fromHex("abcd"), TypeError);
  assert.throws(() => fromHex("0xabcd", 3), RangeError);
  assert.throws(() => addressOf(new Uint8Array(65)), RangeError);
});

const webauthn = read("webauthn").vectors.filter((vector) => vector.valid);
const pointOf = ({ public_key: { x, y } }) => joinBytes(fromHex(x), fromHex(y));

test("passkey: the envelope of every assertion Chromium's authenticators gave", () => {
  assert.ok(webauthn.length > 5);
  for (const vector of webauthn) {
    const signature = joinBytes(fromHex(vector.raw_signature.r, 32), fromHex(vector.raw_signature.s, 32));
    const assertion = {
      authenticatorData: fromHex(vector.authenticator_data),
      clientDataJson: new TextEncoder().encode(vector.client_data_json),
    };
    assert.equal(passkeyEnvelope(pointOf(vector), signature, assertion), vector.envelope, vector.name);
  }
});

test("passkey: r and s of an ASN.1 signature, short and with a leading zero", () => {
  const high = Uint8Array.of(0x80, ...new Uint8Array(31));
  const der = joinBytes(Uint8Array.of(0x30, 38, 0x02, 33, 0), high, Uint8Array.of(0x02, 1, 7));
  assert.equal(toHex(signatureOfDer(der)), toHex(joinBytes(high, new Uint8Array(31), Uint8Array.of(7))));
  for (const broken of [der.slice(1), der.slice(0, -1), joinBytes(der, Uint8Array.of(0)), new Uint8Array(0)]) {
    assert.throws(() => signatureOfDer(broken), RangeError);
  }
});
