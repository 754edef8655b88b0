// What the fingers typed on the keypad, as a small pure machine. Digits fill from the cents, as on every payment terminal;
// a typed comma switches to units and decimals, so "12,5" is 12,50 and never 1,25.

/** @typedef {{digits: string, decimals: string | null}} Entry decimals is null until a comma is typed */

/** @type {Entry} */
export const EMPTY_ENTRY = Object.freeze({ digits: "", decimals: null });
const MAX_DIGITS = 9;

/** @param {Entry} entry */
export function amountCents({ digits, decimals }) {
  if (decimals === null) return Number(digits || "0");
  return Number(digits || "0") * 100 + Number(decimals.padEnd(2, "0"));
}

/**
 * The entry after one key. What is typed is what is shown, also when it is more than a sale may be: a digit left out in
 * silence would make another amount of it.
 * @param {Entry} entry
 * @param {string} key "0".."9", "00", ",", "back", "clear"
 */
export function typed(entry, key) {
  const next = step(entry, key);
  return next.digits.length <= MAX_DIGITS ? next : entry;
}

/** Whether a key was a digit and could not be taken. @param {Entry} before @param {string} key @param {Entry} after */
export const isDropped = (before, key, after) => before === after && /^\d{1,2}$/.test(key) && amountCents(before) > 0;

/** @param {Entry} entry @param {string} key @returns {Entry} */
function step(entry, key) {
  if (key === "clear") return EMPTY_ENTRY;
  if (key === "back") return back(entry);
  if (key === ",") return entry.decimals === null ? { digits: entry.digits, decimals: "" } : entry;
  if (!/^\d{1,2}$/.test(key)) return entry;
  if (entry.decimals === null) return { digits: (entry.digits + key).replace(/^0+/, ""), decimals: null };
  const decimals = entry.decimals + key;
  return decimals.length <= 2 ? { ...entry, decimals } : entry;
}

/** @param {Entry} entry @returns {Entry} */
function back({ digits, decimals }) {
  if (decimals === null) return { digits: digits.slice(0, -1), decimals: null };
  if (decimals === "") return { digits, decimals: null };
  return { digits, decimals: decimals.slice(0, -1) };
}
