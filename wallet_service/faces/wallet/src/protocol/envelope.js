/**
 * Account addresses of P-256 keys, and the signature envelopes 0x02 ‖ x ‖ y ‖ r ‖ s of this phone's key and
 * 0x03 ‖ x ‖ y ‖ r ‖ s ‖ assertion of a passkey. The private key stays inside WebCrypto or the authenticator: this
 * module only asks it to sign, and brings s to the lower half, without which the ledger refuses.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";

import { joinBytes, toHex, toInteger, toWord } from "./bytes.js";

export const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = P256_ORDER >> 1n;
export const P256_ENVELOPE_KIND = 0x02;
export const PASSKEY_ENVELOPE_KIND = 0x03;
const PUBLIC_KEY_BYTES = 64;
const SIGNATURE_BYTES = 64;
const WORD_BYTES = 32;
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

/** r ‖ s of an ASN.1 signature (SEC 1, C.8), as WebAuthn gives it. @param {Uint8Array} der @returns {Uint8Array} 64 bytes */
export function signatureOfDer(der) {
  /** @param {number} at */
  const integer = (at) => {
    if (der[at] !== 0x02) throw new RangeError("not an ASN.1 integer");
    return { value: toWord(toInteger(der.slice(at + 2, at + 2 + der[at + 1]))), end: at + 2 + der[at + 1] };
  };
  if (der[0] !== 0x30 || der[1] !== der.length - 2) throw new RangeError("not an ASN.1 signature");
  const r = integer(2);
  const s = integer(r.end);
  if (s.end !== der.length) throw new RangeError("not an ASN.1 signature");
  return joinBytes(r.value, s.value);
}

/**
 * @param {Uint8Array} publicKey x ‖ y
 * @param {Uint8Array} signature r ‖ s
 * @param {{authenticatorData: Uint8Array, clientDataJson: Uint8Array}} assertion as the authenticator signed it
 * @returns {string} the envelope as 0x text: abi.encode(bytes, string, uint256, uint256) after the signature
 */
export function passkeyEnvelope(publicKey, signature, { authenticatorData, clientDataJson }) {
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw new RangeError("a public key is x and y, 64 bytes");
  /** @param {Uint8Array} bytes */
  const padded = (bytes) =>
    joinBytes(toWord(bytes.length), bytes, new Uint8Array((WORD_BYTES - (bytes.length % WORD_BYTES)) % WORD_BYTES));
  const [first, second] = [padded(authenticatorData), padded(clientDataJson)];
  const head = [
    4 * WORD_BYTES,
    4 * WORD_BYTES + first.length,
    placeOf(clientDataJson, '"challenge"'),
    placeOf(clientDataJson, '"type"'),
  ];
  return toHex(
    joinBytes(
      Uint8Array.of(PASSKEY_ENVELOPE_KIND),
      publicKey,
      normaliseLowS(signature),
      ...head.map(toWord),
      first,
      second,
    ),
  );
}

/** In bytes, which is what the ledger counts in. @param {Uint8Array} bytes @param {string} ascii */
function placeOf(bytes, ascii) {
  const offset = String.fromCharCode(...bytes).indexOf(ascii);
  if (offset < 0) throw new RangeError(`client data without ${ascii}`);
  return offset;
}

/** ECDSA-SHA256 of `message` by WebCrypto, low-s. @param {CryptoKey} privateKey @param {Uint8Array<any>} message @returns {Promise<Uint8Array>} r ‖ s */
export async function signMessage(privateKey, message) {
  return normaliseLowS(new Uint8Array(await crypto.subtle.sign(ALGORITHM, privateKey, message)));
}

/** @param {{privateKey: CryptoKey, publicKey: Uint8Array}} key @param {Uint8Array} digest 32 bytes @returns {Promise<string>} */
export async function signDigest(key, digest) {
  if (digest.length !== 32) throw new RangeError("a digest is 32 bytes");
  return p256Envelope(key.publicKey, await signMessage(key.privateKey, digest));
}
