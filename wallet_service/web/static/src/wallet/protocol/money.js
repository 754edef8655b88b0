/** Amounts people type, as integer cents within the bounds of protocol/money.py. How amounts are written: #shared/i18n.js. */
import { parseAmount as parseDecimal } from "#shared/i18n.js";

/** The most one operation may carry, as in protocol/money.py. */
export const MAX_AMOUNT_CENTS = 99_999_999_99;

/**
 * Reads "12", "12,5", "12.50", "12,", "1 234,50".
 * @param {string} text
 * @returns {number|null} cents, or null for anything else: sign, letters, three decimals, zero, above the maximum
 */
export function parseAmount(text) {
  const cents = parseDecimal(text.trim().replace(/[.,]$/, ""));
  return cents !== null && cents > 0 && cents <= MAX_AMOUNT_CENTS ? cents : null;
}
