/** Splitting a bill: whole cents, none lost. Pure. */

/**
 * @param {number} totalCents
 * @param {number} count how many people it is split between
 * @returns {number[]} shares that sum to the total; the first ones carry the odd cents. Empty when a share would be nothing
 */
export function sharesOf(totalCents, count) {
  if (count < 1 || totalCents < count) return [];
  const least = Math.floor(totalCents / count);
  const odd = totalCents - least * count;
  return Array.from({ length: count }, (_, index) => least + (index < odd ? 1 : 0));
}

/**
 * What each asked person is to pay.
 * @param {{cents: number, people: number, isSplit: boolean, isMeIn: boolean}} wish `cents`: of each, or of all when split;
 * `people`: how many are asked; `isMeIn`: whoever asks pays a share as well, which nobody is asked for
 * @returns {number[]} one amount a person, in their order; empty when that cannot be
 */
export function askedAmounts({ cents, people, isSplit, isMeIn }) {
  if (people < 1) return [];
  if (!isSplit) return Array(people).fill(cents);
  const shares = sharesOf(cents, people + (isMeIn ? 1 : 0));
  // The odd cents are the asker's own first: nobody is asked for more than their part.
  return isMeIn ? shares.slice(1) : shares;
}
