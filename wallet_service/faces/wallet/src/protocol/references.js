/**
 * The proof code people compare, and short forms to show.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";

import { fromHex, toHex } from "./bytes.js";

/** Five characters both the payer and the till see. @param {string} ref @returns {string} e.g. "A7-42F" */
export function proofCode(ref) {
  const digits = toHex(keccak_256(fromHex(ref, 32)))
    .slice(2, 7)
    .toUpperCase();
  return `${digits.slice(0, 2)}-${digits.slice(2)}`;
}

/** The same read aloud sign by sign, a breath after each four: "R F 1 8, 5 3 9 0". @param {string} text */
export function spelled(text) {
  return inFours(text)
    .split(" ")
    .map((four) => [...four].join(" "))
    .join(", ");
}

/** An ISO 11649 reference or an IBAN in groups of four. @param {string} text */
export function inFours(text) {
  return text.replace(/\s+/g, "").replace(/(.{4})(?=.)/g, "$1 ");
}
