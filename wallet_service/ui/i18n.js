// Words and amounts of the pages. The key of a text is its French sentence; others come from the .po files at build: a
// language's, and over it the plain wording (FALC) for who asked for it. What a catalogue lacks is said as without it.
import made from "#catalogue";

/** Parts of the catalogues by name. @type {{first?: Record<string, () => Promise<any>>, rest?: Record<string, () => Promise<any>>}} */
const parts = made;
/** French -> the page's language, and its plain wording: words, or their singular and plural.
 * @type {Array<Record<string, string | [string, string]>>} */
const learnt = [Object.create(null), Object.create(null)];

export const language = () => (globalThis.document?.documentElement.lang === "en" ? "en" : "fr");

/** Adds a part of the page's wording; French is in the code and has none. @param {"first" | "rest"} part */
async function learn(part) {
  const isPlain = globalThis.document?.documentElement.dataset?.words === "plain";
  const loads = [parts[part]?.[language()], isPlain && parts[part]?.[`${language()}@plain`]];
  await Promise.all(loads.map(async (load, at) => load && Object.assign(learnt[at], (await load()).default)));
}

/** @param {string} french */
const wordingOf = (french) => learnt[1][french] ?? learnt[0][french];

/** The words of what is loaded on demand. @type {Promise<void> | null} */
let restLearnt = null;
/** Before a part of a face is shown. A part that did not come is asked for again. */
export const restOfWords = () =>
  (restLearnt ??= learn("rest").catch((error) => {
    restLearnt = null;
    throw error;
  }));

await learn("first");

/** @typedef {Record<string, string | number>} Values what fills the {places} of a sentence */

/** @param {string} text @param {Values} values */
const fill = (text, values) =>
  text.replace(/\{(\w+)\}/g, (placeholder, name) => (Object.hasOwn(values, name) ? String(values[name]) : placeholder));

/** French sets a space before double marks and inside guillemets; no line may break there. @param {string} text */
export const unbroken = (text) => text.replace(/ ([?!:;»€%])/g, "\u00a0$1").replace(/« /g, "«\u00a0");

/**
 * `Payer {amount}` with {amount: "12,50"}: the French text, or as the page's catalogues say it.
 * @param {string} french
 * @param {Values} [values]
 */
export function t(french, values = {}) {
  const translated = wordingOf(french);
  return unbroken(fill(typeof translated === "string" ? translated : french, values));
}

/**
 * `{count} vente`, `{count} ventes`, 3. French counts 0 and 1 as one, English only 1.
 * @param {string} one
 * @param {string} many
 * @param {number} count
 * @param {Values} [values]
 */
export function tn(one, many, count, values = {}) {
  const english = language() === "en";
  const single = english ? count === 1 : Math.abs(count) < 2;
  const translated = wordingOf(one);
  const pair = Array.isArray(translated) ? translated : [one, many];
  return unbroken(fill(single ? pair[0] : pair[1], { count, ...values }));
}

const THIN_SPACE = "\u202f";
const MINUS = "\u2212";

/** Cents to {sign, units, mark, cents}: "1 234" "," "50"; money is never a float. @param {number} amountCents */
export function amountParts(amountCents) {
  const absolute = Math.abs(amountCents);
  const separator = language() === "en" ? "," : THIN_SPACE;
  return {
    sign: amountCents < 0 ? MINUS : "",
    units: String(Math.trunc(absolute / 100)).replace(/\B(?=(\d{3})+$)/g, separator),
    mark: language() === "en" ? "." : ",",
    cents: String(absolute % 100).padStart(2, "0"),
  };
}

/**
 * "12,50"; isSigned writes "+ 12,50" or "− 12,50".
 * @param {number} amountCents
 * @param {{isSigned?: boolean}} [options]
 */
export function formatAmount(amountCents, { isSigned = false } = {}) {
  const { sign, units, mark, cents } = amountParts(amountCents);
  const shownSign = isSigned && amountCents !== 0 ? `${amountCents < 0 ? MINUS : "+"}${THIN_SPACE}` : sign;
  return `${shownSign}${units}${mark}${cents}`;
}

/** "1234,50", as a form takes it: without the signs that only please the eye. @param {number} amountCents */
export function typedAmount(amountCents) {
  const { units, mark, cents } = amountParts(amountCents);
  return `${units.replace(/\D/g, "")}${mark}${cents}`;
}

/**
 * The unit's name for that many cents: what is below two is one in French, only one is one in English.
 * @param {{unit_one: string, unit_many: string} | null | undefined} currency as /v1/config gives it
 * @param {number} amountCents
 */
export function unitName(currency, amountCents) {
  const isOne = language() === "en" ? Math.abs(amountCents) === 100 : Math.abs(amountCents) < 200;
  return (isOne ? currency?.unit_one : currency?.unit_many) ?? "";
}
