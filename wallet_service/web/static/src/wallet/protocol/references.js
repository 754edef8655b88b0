/**
 * References made by this phone before a first attempt, the proof code people compare, and short forms to show.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";

import { fromHex, toHex } from "./bytes.js";

/** A new 32-byte reference: the operation's name for ever. @returns {string} 0x and 64 digits */
export function newRef() {
  return toHex(crypto.getRandomValues(new Uint8Array(32)));
}

/** Five characters both the payer and the till see. @param {string} ref @returns {string} e.g. "A7-42F" */
export function proofCode(ref) {
  const digits = toHex(keccak_256(fromHex(ref, 32))).slice(2, 7).toUpperCase();
  return `${digits.slice(0, 2)}-${digits.slice(2)}`;
}

/** An ISO 11649 reference or an IBAN in groups of four. @param {string} text */
export function inFours(text) {
  return text.replace(/\s+/g, "").replace(/(.{4})(?=.)/g, "$1 ");
}
