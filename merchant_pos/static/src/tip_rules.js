// What a customer may add to a sale. Pure; the service has the last word on it.

/** Of the sale, in whole percent; what they come to is said beside each. */
const PERCENTAGES = [5, 10, 15];
/** A tip is at most the sale, or so much where that is more: the service's own bound, which a test compares. */
export const SMALL_TIP_CENTS = 500;

/**
 * The largest tip on a sale, so that both together stay within one sale of this till.
 * @param {number} saleCents @param {number} largestSaleCents
 */
export const largestTipCents = (saleCents, largestSaleCents) =>
  Math.min(Math.max(saleCents, SMALL_TIP_CENTS), largestSaleCents - saleCents);

/**
 * Percentages and what they come to; none that comes to nothing, to what another does, or to too much.
 * @param {number} saleCents @param {number} largestSaleCents
 * @returns {{percent: number, cents: number}[]}
 */
export function tipChoices(saleCents, largestSaleCents) {
  const largest = largestTipCents(saleCents, largestSaleCents);
  return PERCENTAGES.map((percent) => ({ percent, cents: Math.round((saleCents * percent) / 100) })).filter(
    ({ cents }, index, all) => cents > 0 && cents <= largest && all.findIndex((one) => one.cents === cents) === index,
  );
}
