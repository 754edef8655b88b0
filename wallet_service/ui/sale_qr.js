/**
 * What a scanned text is: `{ORIGIN}/P/1{SALE_ID}{CHECK}` of this service, or something to refuse before any network.
 * Same rules as wallet_service/protocol/text/qr.py. The text names a sale and nothing else: who and how much come from the
 * service alone.
 */
import { sha256 } from "@noble/hashes/sha2.js";

/** Crockford's base32: no I, L, O, U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SALE_ID = /^[0-9A-HJKMNP-TV-Z]{16}$/;
const KNOWN_VERSION = "1";
const CHECK_CHARACTERS = 4;
const SALE_ID_CHARACTERS = 16;
const SHORT_CODE = /^\d{6}$/;
const UTF8 = new TextEncoder();

/** Refusals, with stable codes: qr.foreign, qr.tampered, qr.version_unknown. */
export class QrRefused extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** The first 20 bits of SHA-256 over version and sale id, as four base32 digits. @param {string} versionAndId */
export function checkOf(versionAndId) {
  const hash = sha256(UTF8.encode(versionAndId));
  const bits = (hash[0] << 16) | (hash[1] << 8) | hash[2];
  let text = "";
  for (let index = 0; index < CHECK_CHARACTERS; index += 1) text += ALPHABET[(bits >> (19 - index * 5)) & 31];
  return text;
}

/** The path part after /P/. @param {string} token @returns {string} the sale id; throws QrRefused */
export function parseSaleToken(token) {
  const text = token.toUpperCase();
  if (!/^[0-9A-Z]+$/.test(text)) throw new QrRefused("qr.tampered");
  if (text[0] !== KNOWN_VERSION) throw new QrRefused("qr.version_unknown");
  const saleId = text.slice(1, 1 + SALE_ID_CHARACTERS);
  const isWhole = SALE_ID.test(saleId) && text.slice(1 + SALE_ID_CHARACTERS) === checkOf(KNOWN_VERSION + saleId);
  if (!isWhole) throw new QrRefused("qr.tampered");
  return saleId;
}

/** @param {string} saleId @returns {string} the token of its QR: version, id, check */
export const saleToken = (saleId) => KNOWN_VERSION + saleId + checkOf(KNOWN_VERSION + saleId);

/**
 * @param {string} text what the camera read
 * @param {string} walletOrigin e.g. "https://wallet.example"
 * @returns {string} the sale id; throws QrRefused
 */
export function parseSaleQr(text, walletOrigin) {
  const upper = text.trim().toUpperCase();
  const prefix = `${walletOrigin.toUpperCase()}/P/`;
  if (!upper.startsWith(prefix)) throw new QrRefused("qr.foreign");
  return parseSaleToken(upper.slice(prefix.length));
}

/** Six digits, however they were spaced. @param {string} text @returns {string|null} */
export function parseShortCode(text) {
  const digits = text.replace(/[\s\u00a0\u202f-]/g, "");
  return SHORT_CODE.test(digits) ? digits : null;
}
