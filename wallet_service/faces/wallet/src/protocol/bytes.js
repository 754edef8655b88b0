/**
 * Bytes and hexadecimal text, checked. Owns no meaning: a 32-byte word here is only a 32-byte word.
 */

/** @param {Uint8Array} bytes @returns {string} lower-case hexadecimal with 0x */
export function toHex(bytes) {
  let text = "0x";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/**
 * @param {string} text 0x and an even count of hexadecimal digits
 * @param {number} [length] how many bytes it must hold
 * @returns {Uint8Array}
 */
export function fromHex(text, length) {
  if (typeof text !== "string" || !/^0x(?:[0-9a-fA-F]{2})*$/.test(text)) throw new TypeError("not hexadecimal text");
  const bytes = new Uint8Array((text.length - 2) / 2);
  if (length !== undefined && bytes.length !== length) throw new RangeError(`expected ${length} bytes`);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Number.parseInt(text.slice(2 + at * 2, 4 + at * 2), 16);
  return bytes;
}

/** @param {...Uint8Array} parts @returns {Uint8Array} */
export function joinBytes(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** @param {Uint8Array} bytes big-endian @returns {bigint} */
export function toInteger(bytes) {
  return bytes.length === 0 ? 0n : BigInt(toHex(bytes));
}

/** A uint256 as 32 big-endian bytes. @param {bigint|number|string} value @returns {Uint8Array} */
export function toWord(value) {
  const integer = BigInt(value);
  if (integer < 0n || integer >= 1n << 256n) throw new RangeError("outside uint256");
  return fromHex(`0x${integer.toString(16).padStart(64, "0")}`);
}

/** @param {string} text base64url, padded or not @returns {Uint8Array} */
export function fromBase64Url(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "")), (letter) =>
    letter.charCodeAt(0),
  );
}

/** @param {Uint8Array} bytes @returns {string} base64url without padding */
export function toBase64Url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}
