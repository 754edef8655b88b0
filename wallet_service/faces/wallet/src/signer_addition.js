/**
 * The account's word for a further key, which the ledger asks for: signed by this phone's key, or by a passkey where
 * this phone has none that signs. Whoever only has a session gives nobody the power to pay.
 */
import { UserFacingError } from "./components.js";
import { t } from "#ui/i18n.js";

import { domainOf } from "./orders.js";
import { signingPasskeys, signWithPasskey } from "./passkey.js";
import { toInteger } from "./protocol/bytes.js";
import { signDigest } from "./protocol/envelope.js";
import { signerAdditionDigest } from "./protocol/typed_data.js";

/** The ledger's numbers for signers. */
export const P256_SIGNER = 2;
export const PASSKEY_SIGNER = 3;
const VALID_S = 24 * 3_600;
const NONCE_BYTES = 32;

/**
 * @param {any} app
 * @param {string} signer the new key's address
 * @param {number} signerKind P256_SIGNER or PASSKEY_SIGNER
 * @param {{maxPayment?: number, maxPerDay?: number, expiresAt?: number}} [limits] of the new key; none: all the power
 * @returns {Promise<{valid_before_unix_s: number, nonce: string, signature: string}>} as the API takes it
 */
export async function signAddition(app, signer, signerKind, limits = {}) {
  const validBefore = Math.floor(app.nowUnixMs() / 1000) + VALID_S;
  const nonce = toInteger(crypto.getRandomValues(new Uint8Array(NONCE_BYTES))).toString();
  const message = { account: app.me.account_address, signer, signerKind, validBefore, nonce, ...limits };
  const digest = signerAdditionDigest(domainOf(app.config), message);
  const key = await app.signingKey();
  const passkeys = signingPasskeys(app.me);
  if (!key && passkeys.length === 0)
    throw new UserFacingError(t("Ce téléphone ne porte pas de clé de ce compte : il ne peut pas en relier un autre."));
  const signature = key ? await signDigest(key, digest) : await signWithPasskey(passkeys, digest);
  return { valid_before_unix_s: validBefore, nonce, signature };
}
