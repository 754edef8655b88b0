// How a locale writes a number, as the Unicode CLDR has it. The build asks for every language: a phone needs a tenth of a
// second for its first.
const THIN_SPACE = "\u202f";

/** What stands between thousands and before decimals. @param {string} locale @returns {{group: string, decimal: string}} */
export function marksIn(locale) {
  const written = new Intl.NumberFormat(locale, { useGrouping: "always" }).formatToParts(1_234_567.5);
  const { group, decimal } = Object.fromEntries(written.map(({ type, value }) => [type, value]));
  return { group: group.replace("\u00a0", THIN_SPACE), decimal };
}
