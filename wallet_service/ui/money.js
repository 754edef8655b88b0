// Amounts people type, as integer cents within the bounds of protocol/text/money.py. How amounts are written: i18n.js.

/** The most one operation may carry, as in protocol/text/money.py. */
export const MAX_AMOUNT_CENTS = 99_999_999_99;

const SPACES = /[\s\u00a0\u202f]/g;
const TYPED = /^(\d{1,8})(?:[.,](\d{0,2}))?$/;

/**
 * Reads "12", "12,5", "12.50", "12,", "1 234,50".
 * @param {string} text
 * @returns {number|null} cents, or null for anything else: sign, letters, three decimals, zero, above the maximum
 */
export function parseAmount(text) {
  const match = TYPED.exec(text.replace(SPACES, ""));
  if (!match) return null;
  const cents = Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0"));
  return cents > 0 && cents <= MAX_AMOUNT_CENTS ? cents : null;
}
