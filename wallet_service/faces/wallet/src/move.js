/**
 * Moving a wallet to another phone: the code, what of it the service learns, and the four words both phones show. Pure
 * but for chance and hashing.
 *
 * Must not: send the code anywhere. Whoever stands in between, the service included, then cannot tell which words a
 * key of their own would give.
 */
import { bytesOfWords, WORDS } from "./move_words.js";
import { fromHex, joinBytes, toHex } from "./protocol/bytes.js";

const UTF8 = new TextEncoder();
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford: nothing that is misread
const CODE_CHARACTERS = 16; // 80 bits
const GROUP = 4;
export const WORD_COUNT = 4;
const MISREAD = { O: "0", I: "1", L: "1", U: "V" };

/** A new code, as people type it: XXXX-XXXX-XXXX-XXXX. */
export function newCode() {
  const chance = crypto.getRandomValues(new Uint8Array(CODE_CHARACTERS));
  return grouped([...chance].map((byte) => ALPHABET[byte % ALPHABET.length]).join(""));
}

/** @param {string} typed @returns {string | null} null when it is no code */
export function parseCode(typed) {
  const plain = [...typed.toUpperCase()]
    .map((letter) => MISREAD[letter] ?? letter)
    .filter((letter) => ALPHABET.includes(letter))
    .join("");
  return plain.length === CODE_CHARACTERS ? grouped(plain) : null;
}

const grouped = (text) => text.match(new RegExp(`.{${GROUP}}`, "g"))?.join("-") ?? text;

/** What the service knows a move, or an invitation, by. @param {string} code @param {"move" | "keyholder"} [what] */
export async function idOf(code, what = "move") {
  const digest = await crypto.subtle.digest("SHA-256", UTF8.encode(`alba-${what}:${code}`));
  return toHex(new Uint8Array(digest)).replace(/^0x/, "");
}

/**
 * The words both phones show.
 * @param {string} code known to the two phones alone
 * @param {string} oldPublicKey 0x hex
 * @param {string} newPublicKey 0x hex
 * @returns {Promise<string[]>}
 */
export async function wordsOf(code, oldPublicKey, newPublicKey) {
  const key = await crypto.subtle.importKey("raw", UTF8.encode(code), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  const keys = joinBytes(UTF8.encode("alba-move-words:"), fromHex(oldPublicKey, 64), fromHex(newPublicKey, 64));
  const mark = new Uint8Array(await crypto.subtle.sign("HMAC", key, /** @type {any} */ (keys)));
  return bytesOfWords(mark, WORD_COUNT).map((at) => WORDS[at]);
}
