// What the fingers typed on the keypad, as a small pure machine. Digits fill from the cents, as on every payment terminal;
// a typed comma switches to units and decimals, so "12,5" is 12,50 and never 1,25.

export const EMPTY_ENTRY = Object.freeze({ digits: "", decimals: null });
const MAX_DIGITS = 9;

export function amountCents({ digits, decimals }) {
  if (decimals === null) return Number(digits || "0");
  return Number(digits || "0") * 100 + Number(decimals.padEnd(2, "0"));
}

/** The entry after one key: "0".."9", "00", ",", "back", "clear". A key that would pass `largestCents` changes nothing. */
export function typed(entry, key, largestCents) {
  const next = step(entry, key);
  return amountCents(next) <= largestCents && next.digits.length <= MAX_DIGITS ? next : entry;
}

function step(entry, key) {
  if (key === "clear") return EMPTY_ENTRY;
  if (key === "back") return back(entry);
  if (key === ",") return entry.decimals === null ? { digits: entry.digits, decimals: "" } : entry;
  if (!/^\d{1,2}$/.test(key)) return entry;
  if (entry.decimals === null) return { digits: (entry.digits + key).replace(/^0+/, ""), decimals: null };
  const decimals = entry.decimals + key;
  return decimals.length <= 2 ? { ...entry, decimals } : entry;
}

function back({ digits, decimals }) {
  if (decimals === null) return { digits: digits.slice(0, -1), decimals: null };
  if (decimals === "") return { digits, decimals: null };
  return { digits, decimals: decimals.slice(0, -1) };
}

/** Cents of a typed text such as "12,50", "12.5" or "1 234", or null when it is not an amount. */
export function parseAmount(text) {
  const match = /^(\d{1,7})(?:[.,](\d{0,2}))?$/.exec(text.replace(/[\s\u00a0\u202f]/g, ""));
  return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : null;
}
