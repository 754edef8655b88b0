// References: made and kept before the first try, so that a repeated try does nothing twice.

/** A new 32-byte reference: the operation's name for ever. @returns {string} 0x and 64 digits */
export function newReference() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
