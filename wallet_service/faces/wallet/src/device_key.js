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

/** What stands in a user agent, and the word for it: the first that is found, as the service reads a session's browser. */
const FAMILIES = [
  ["Edg", "Edge"],
  ["OPR/", "Opera"],
  ["SamsungBrowser", "Samsung Internet"],
  ["Firefox", "Firefox"],
  ["FxiOS", "Firefox"],
  ["CriOS", "Chrome"],
  ["Chrome", "Chrome"],
  ["Safari", "Safari"],
];
const SYSTEMS = [
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Android", "Android"],
  ["Windows", "Windows"],
  ["CrOS", "ChromeOS"],
  ["Macintosh", "Mac"],
  ["Linux", "Linux"],
];

/** A name for this device that its owner recognises and that tells little: "Firefox, Android". @param {string} userAgent */
export function deviceLabel(userAgent) {
  const words = [FAMILIES, SYSTEMS].map((known) => known.find(([mark]) => userAgent.includes(mark))?.[1]);
  return words.filter(Boolean).join(", ") || "Navigateur";
}
