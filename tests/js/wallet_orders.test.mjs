/** What the phone signs is what the person saw, for this ledger only, with a number never used before. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { makeDeviceKey } from "../../wallet_service/faces/wallet/src/device_key.js";
import { signedPayment, signedRedemption, wayToSign } from "../../wallet_service/faces/wallet/src/orders.js";
import { fromHex } from "../../wallet_service/faces/wallet/src/protocol/bytes.js";
import { paymentDigest, redemptionDigest } from "../../wallet_service/faces/wallet/src/protocol/typed_data.js";

const NOW_MS = 1_800_000_000_000;
const LEDGER = `0x${"ab".repeat(20)}`;
const SHOP = `0x${"cd".repeat(20)}`;
const PAYEE_HASH = `0x${"12".repeat(32)}`;
const CHAIN = { chain_id: 61_451, ledger: LEDGER, domain_name: "l'alba test", domain_version: "1" };
const DOMAIN = { name: CHAIN.domain_name, version: "1", chainId: CHAIN.chain_id, verifyingContract: LEDGER };

const NO_FLOORS = { per_payment_cents: 0, per_day_cents: 0 };

async function phone({ nextNonce = 3, live = [], hasKey = true, floors = NO_FLOORS, leftTodayCents = 0 } = {}) {
  const key = await makeDeviceKey(NOW_MS);
  return {
    key,
    config: { chain: CHAIN, payment_lifetime_s: 180 },
    me: {
      account_address: key.address,
      next_nonce: nextNonce,
      devices: [],
      passkey_ids: [],
      passkey_floors: floors,
      left_today_cents: leftTodayCents,
    },
    outbox: { live: async () => live },
    signingKey: async () => (hasKey ? key : null),
    nowUnixMs: () => NOW_MS,
  };
}

async function isSignedBy(key, envelope, digest) {
  const bytes = fromHex(envelope, 129);
  assert.deepEqual(bytes.slice(1, 65), key.publicKey);
  const raw = new Uint8Array(65);
  raw[0] = 4;
  raw.set(key.publicKey, 1);
  const publicKey = await crypto.subtle.importKey("raw", raw, { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, publicKey, bytes.slice(65), digest);
}

const wish = {
  kind: "payment",
  subject: "sale:S1",
  to: SHOP,
  amountCents: 1250,
  extra: { sale_id: "S1" },
  shown: { name: "Fournil" },
};

test("the signature covers payer, payee, amount, reference, deadline and number on this ledger", async () => {
  const app = await phone();
  const { body, validBeforeUnixS, shown } = await signedPayment(app, wish);
  const message = {
    from: body.from,
    to: SHOP,
    value: 1250,
    ref: body.ref,
    validBefore: body.valid_before_unix_s,
    nonce: body.nonce,
  };
  assert.ok(await isSignedBy(app.key, body.signature, paymentDigest(DOMAIN, message)));
  for (const [field, other] of Object.entries({
    to: LEDGER,
    value: 1251,
    nonce: "4",
    validBefore: validBeforeUnixS + 1,
  })) {
    assert.ok(
      !(await isSignedBy(app.key, body.signature, paymentDigest(DOMAIN, { ...message, [field]: other }))),
      field,
    );
  }
  assert.ok(!(await isSignedBy(app.key, body.signature, paymentDigest({ ...DOMAIN, chainId: 1 }, message))));
  assert.equal(body.amount_cents, 1250);
  assert.equal(body.sale_id, "S1");
  assert.equal(shown.amountCents, 1250);
});

test("the deadline is inside what the service allows, by the service's clock", async () => {
  const { body } = await signedPayment(await phone(), wish);
  const left = body.valid_before_unix_s - NOW_MS / 1000;
  assert.ok(left > 60 && left < 180);
});

test("an order still on its way keeps its number", async () => {
  const app = await phone({ nextNonce: 3, live: [{ body: { nonce: "3" } }, { body: { nonce: "5" } }] });
  assert.equal((await signedPayment(app, wish)).body.nonce, "6");
  assert.equal(
    (await signedPayment(await phone({ nextNonce: 9, live: [{ body: { nonce: "5" } }] }), wish)).body.nonce,
    "9",
  );
});

test("each order has a reference of its own", async () => {
  const app = await phone();
  assert.notEqual((await signedPayment(app, wish)).ref, (await signedPayment(app, wish)).ref);
});

test("a phone without the account's key signs nothing and says that nothing was taken", async () => {
  await assert.rejects(signedPayment(await phone({ hasKey: false }), wish), /Rien n’a été débité/);
});

test("above a floor the phone's key signs nothing: alone, or with what left the account today", async () => {
  const refused = /Rien n’a été débité. Ce montant demande une clé d’accès/;
  globalThis.localStorage = { getItem: () => null };
  await assert.rejects(
    signedPayment(await phone({ floors: { per_payment_cents: 1249, per_day_cents: 0 } }), wish),
    refused,
  );
  await assert.rejects(
    signedPayment(await phone({ floors: { per_payment_cents: 0, per_day_cents: 5000 }, leftTodayCents: 3751 }), wish),
    refused,
  );
  const below = await phone({ floors: { per_payment_cents: 1250, per_day_cents: 5000 }, leftTodayCents: 3750 });
  assert.equal((await signedPayment(below, wish)).body.amount_cents, 1250);
});

test("a redemption is signed for its amount and its payee", async () => {
  const app = await phone();
  const redemption = {
    subject: "redemption:1",
    amountCents: 5000,
    iban: "FR76",
    payeeHash: PAYEE_HASH,
    lifetimeS: 900,
    extra: {},
    shown: {},
  };
  const { body } = await signedRedemption(app, redemption);
  const message = {
    from: app.me.account_address,
    value: 5000,
    payeeHash: PAYEE_HASH,
    ref: body.ref,
    validBefore: body.valid_before_unix_s,
    nonce: body.nonce,
  };
  assert.ok(await isSignedBy(app.key, body.signature, redemptionDigest(DOMAIN, message)));
  const other = { ...message, payeeHash: `0x${"34".repeat(32)}` };
  assert.ok(!(await isSignedBy(app.key, body.signature, redemptionDigest(DOMAIN, other))));
});

test("a redemption's reference begins with its account, so that nobody else can use it up first", async () => {
  const app = await phone();
  const order = { subject: "r", amountCents: 1, payee: {}, payeeHash: PAYEE_HASH, lifetimeS: 900, shown: {} };
  const [first, second] = [await signedRedemption(app, order), await signedRedemption(app, order)];
  assert.match(first.ref, /^0x[0-9a-f]{64}$/u);
  assert.equal(first.ref.slice(0, 42), app.me.account_address.toLowerCase());
  assert.notEqual(first.ref, second.ref);
  assert.ok(!(await signedPayment(app, wish)).ref.startsWith(app.me.account_address.toLowerCase()));
});

test("the device key cannot be taken out of the browser", async () => {
  const { key } = await phone();
  assert.equal(key.privateKey.extractable, false);
  await assert.rejects(crypto.subtle.exportKey("pkcs8", key.privateKey));
});

const SIGNING_PASSKEY = {
  key_kind: "passkey",
  state: "active",
  credential_id: "AA",
  public_key: `0x${"11".repeat(64)}`,
};
const FLOORS = { per_payment_cents: 1000, per_day_cents: 0 };

for (const [title, options, devices, cents, way] of [
  ["the phone's own key below the floor", {}, [SIGNING_PASSKEY], 900, "key"],
  ["the passkey above it", {}, [SIGNING_PASSKEY], 1250, "passkey"],
  ["the passkey below it too, on a second phone that has no key", { hasKey: false }, [SIGNING_PASSKEY], 900, "passkey"],
  ["a passkey to be added above it", {}, [], 1250, "passkey_missing"],
  ["one that the ledger does not have yet", {}, [{ ...SIGNING_PASSKEY, state: "pending" }], 1250, "passkey_coming"],
  ["nothing, where neither is", { hasKey: false }, [], 900, "nothing"],
]) {
  test(`an amount is signed with ${title}`, async () => {
    const app = await phone({ floors: FLOORS, ...options });
    app.me.devices = devices;
    assert.equal(await wayToSign(app, cents), way);
  });
}
