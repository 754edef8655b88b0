// References: made and kept before the first try, so that a repeated try does nothing twice.

/** A new 32-byte reference: the operation's name for ever. @returns {string} 0x and 64 digits */
export function newReference() {
  return `0x${randomHex(32)}`;
}

/**
 * One that begins with the account's address, as the ledger wants those it records: nobody else can use it up first.
 * @param {string} account 0x and 40 digits
 */
export function newOwnReference(account) {
  return `${account.toLowerCase()}${randomHex(12)}`;
}

/** @param {number} bytes */
function randomHex(bytes) {
  const drawn = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(drawn, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
