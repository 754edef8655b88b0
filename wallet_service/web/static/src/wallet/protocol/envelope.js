/**
 * Account addresses of P-256 keys, and the signature envelope 0x02 ‖ x ‖ y ‖ r ‖ s. The private key stays inside
 * WebCrypto: this module only asks it to sign, and brings s to the lower half, without which the ledger refuses.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";

import { joinBytes, toHex, toInteger, toWord } from "./bytes.js";

export const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = P256_ORDER >> 1n;
export const P256_ENVELOPE_KIND = 0x02;
const PUBLIC_KEY_BYTES = 64;
const SIGNATURE_BYTES = 64;
const ALGORITHM = { name: "ECDSA", hash: "SHA-256" };

/** @param {Uint8Array} publicKey x ‖ y, 64 bytes @returns {string} 0x and 40 lower-case digits */
export function addressOf(publicKey) {
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw new RangeError("a public key is x and y, 64 bytes");
  return toHex(keccak_256(publicKey).slice(-20));
}

/** @param {Uint8Array} signature r ‖ s, 64 bytes @returns {Uint8Array} the same with s <= order / 2 */
export function normaliseLowS(signature) {
  if (signature.length !== SIGNATURE_BYTES) throw new RangeError("a signature is r and s, 64 bytes");
  const s = toInteger(signature.slice(32));
  return s > HALF_ORDER ? joinBytes(signature.slice(0, 32), toWord(P256_ORDER - s)) : signature;
}

/** @param {Uint8Array} publicKey @param {Uint8Array} signature r ‖ s @returns {string} the envelope, 129 bytes as 0x text */
export function p256Envelope(publicKey, signature) {
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw new RangeError("a public key is x and y, 64 bytes");
  return toHex(joinBytes(Uint8Array.of(P256_ENVELOPE_KIND), publicKey, normaliseLowS(signature)));
}

/** ECDSA-SHA256 of `message` by WebCrypto, low-s. @param {CryptoKey} privateKey @param {Uint8Array} message @returns {Promise<Uint8Array>} r ‖ s */
export async function signMessage(privateKey, message) {
  return normaliseLowS(new Uint8Array(await crypto.subtle.sign(ALGORITHM, privateKey, message)));
}

/** @param {{privateKey: CryptoKey, publicKey: Uint8Array}} key @param {Uint8Array} digest 32 bytes @returns {Promise<string>} */
export async function signDigest(key, digest) {
  if (digest.length !== 32) throw new RangeError("a digest is 32 bytes");
  return p256Envelope(key.publicKey, await signMessage(key.privateKey, digest));
}
