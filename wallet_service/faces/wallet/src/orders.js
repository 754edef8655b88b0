/**
 * Signs what the person has just confirmed, as an order for the outbox. Signs nothing by itself: a screen calls it from
 * the tap on the button that carries the amount.
 */
import { t } from "#ui/i18n.js";
import { newOwnReference, newReference } from "#ui/references.js";

import { UserFacingError } from "./components.js";
import { signDigest } from "./protocol/envelope.js";
import { fromHex } from "./protocol/bytes.js";
import { letPasskeysSign, needsPasskey, signingPasskeys, signWithPasskey } from "./passkey.js";
import { proofCode } from "./protocol/references.js";
import { paymentDigest, redemptionDigest } from "./protocol/typed_data.js";

/** Inside the service's longest allowed lifetime, whatever the network took. */
const DEADLINE_MARGIN_S = 10;
const DEFAULT_LIFETIME_S = 180;

export const domainOf = ({ chain }) => ({
  name: chain.domain_name,
  version: chain.domain_version,
  chainId: chain.chain_id,
  verifyingContract: chain.ledger,
});

/** With this phone's key; with the passkey where the ledger asks for it, or on a phone that has no key of the account. */
async function signed(app, digest, amountCents) {
  const isPasskeyAsked = needsPasskey(app.me, amountCents);
  const key = isPasskeyAsked ? null : await app.signingKey();
  if (key) return signDigest(key, digest);
  if (isPasskeyAsked || signingPasskeys(app.me).length > 0) return signWithPasskey(await passkeysFor(app), digest);
  throw new UserFacingError(
    t("Rien n’a été débité. Ce téléphone ne peut pas encore signer pour ce compte : utilisez celui qui l’a ouvert."),
  );
}

/**
 * How an amount would be signed here and now, for the screen to say it before the tap.
 * @returns {Promise<"key" | "passkey" | "passkey_coming" | "passkey_missing" | "nothing">}
 */
export async function wayToSign(app, amountCents) {
  const isPasskeyAsked = needsPasskey(app.me, amountCents);
  if (!isPasskeyAsked && (await app.signingKey())) return "key";
  if (signingPasskeys(app.me).length > 0) return "passkey";
  if (!isPasskeyAsked) return "nothing";
  return app.me.devices.some((device) => device.key_kind === "passkey") ? "passkey_coming" : "passkey_missing";
}

async function passkeysFor(app) {
  const passkeys = signingPasskeys(app.me);
  if (passkeys.length > 0) return passkeys;
  await letPasskeysSign(app);
  throw new UserFacingError(
    app.me.devices.some((device) => device.key_kind === "passkey")
      ? t("Rien n’a été débité. Votre clé d’accès attend encore le registre : réessayez dans un instant.")
      : t("Rien n’a été débité. Ce montant demande une clé d’accès : ajoutez-en une dans « Moi »."),
  );
}

/** The service's next nonce, or the one after those of this phone's orders that it may not have seen. */
async function nextNonce(app) {
  const waiting = (await app.outbox.live()).map((order) => BigInt(order.body.nonce) + 1n);
  const nonces = [BigInt(app.me.next_nonce), ...waiting];
  return nonces.reduce((most, nonce) => (nonce > most ? nonce : most)).toString();
}

const deadline = (app, lifetimeS) => Math.floor(app.nowUnixMs() / 1000) + lifetimeS - DEADLINE_MARGIN_S;

/**
 * @param {any} app
 * @param {{kind: "payment"|"refund", subject: string, to: string, amountCents: number, extra: object, shown: object}} wish
 * @returns {Promise<object>} an order for Outbox.place
 */
export async function signedPayment(app, { kind, subject, to, amountCents, extra, shown }) {
  const ref = newReference();
  const validBeforeUnixS = deadline(app, app.config.payment_lifetime_s ?? DEFAULT_LIFETIME_S);
  const nonce = await nextNonce(app);
  const from = app.me.account_address;
  const digest = paymentDigest(domainOf(app.config), {
    from,
    to,
    value: amountCents,
    ref,
    validBefore: validBeforeUnixS,
    nonce,
  });
  const signature = await signed(app, digest, amountCents);
  return {
    ref,
    kind,
    subject,
    path: "/v1/payments",
    body: {
      from,
      to,
      amount_cents: amountCents,
      ref,
      valid_before_unix_s: validBeforeUnixS,
      nonce,
      signature,
      ...extra,
    },
    validBeforeUnixS,
    shown: { ...shown, amountCents, proofCode: proofCode(ref) },
  };
}

/**
 * @param {any} app
 * @param {{subject: string, amountCents: number, payee: {iban: string, holder: string}, payeeHash: string, lifetimeS: number, extra?: object, shown: object}} wish
 */
export async function signedRedemption(app, { subject, amountCents, payee, payeeHash, lifetimeS, extra, shown }) {
  const validBeforeUnixS = deadline(app, lifetimeS);
  const nonce = await nextNonce(app);
  const from = app.me.account_address;
  const ref = newOwnReference(from);
  fromHex(payeeHash, 32);
  const digest = redemptionDigest(domainOf(app.config), {
    from,
    value: amountCents,
    payeeHash,
    ref,
    validBefore: validBeforeUnixS,
    nonce,
  });
  const signature = await signed(app, digest, amountCents);
  return {
    ref,
    kind: "redemption",
    subject,
    path: "/v1/me/redemptions",
    body: {
      amount_cents: amountCents,
      ...payee,
      ref,
      nonce,
      valid_before_unix_s: validBeforeUnixS,
      signature,
      ...extra,
    },
    validBeforeUnixS,
    shown: { ...shown, amountCents, proofCode: proofCode(ref) },
  };
}
