/**
 * This phone's own key: P-256, made by WebCrypto, non-extractable, kept in IndexedDB. Nobody types or reads it.
 */
import { toBase64Url, toHex } from "./protocol/bytes.js";
import { addressOf, signMessage } from "./protocol/envelope.js";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const UTF8 = new TextEncoder();

/** @returns {Promise<{address: string, privateKey: CryptoKey, publicKey: Uint8Array, createdAtUnixMs: number}>} */
export async function makeDeviceKey(nowUnixMs) {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  // "raw" is 0x04 ‖ x ‖ y.
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)).slice(1);
  return { address: addressOf(publicKey), privateKey: pair.privateKey, publicKey, createdAtUnixMs: nowUnixMs };
}

export const publicKeyText = (key) => toHex(key.publicKey);

/** Prove possession of the key by signing a text. @returns {Promise<string>} base64url of r ‖ s */
export async function signText(key, text) {
  return toBase64Url(await signMessage(key.privateKey, UTF8.encode(text)));
}

/** A name for this device that its owner recognises and that tells little. */
export function deviceLabel(userAgent) {
  if (/iPhone|iPad/.test(userAgent)) return "iPhone";
  if (/Android/.test(userAgent)) return "Android";
  return "Navigateur";
}
