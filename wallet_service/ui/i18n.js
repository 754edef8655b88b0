// Words and amounts of the pages. The key of a text is its French sentence; others come from the .po files at build: a
// language's, and over it the plain wording (FALC) for who asked for it. What a catalogue lacks is said as without it.
import made from "#catalogue";

import { marksIn } from "./marks.js";

/** A language's code, its own name, how much is translated (percent), its region, and its marks where they are built.
 * @typedef {[code: string, name: string, share: number, region: string, marks?: ReturnType<typeof marksIn>]} Language */
/** Parts of the catalogues by name. @type {{languages?: Language[], first?: Record<string, () => Promise<any>>,
 * rest?: Record<string, () => Promise<any>>}} */
const parts = made;
/** French -> the page's language, and its plain wording: words, or the forms a number takes.
 * @type {Array<Record<string, string | string[]>>} */
const learnt = [Object.create(null), Object.create(null)];

/** Every language that has a catalogue, French first. @type {Language[]} */
export const languages = parts.languages ?? [];

/** The page's, as the server chose it. */
export const language = () => globalThis.document?.documentElement.lang || "fr";

/** With its region, as dates and numbers are written. */
export const locale = () => languages.find(([code]) => code === language())?.[3] ?? language();

/** Which form a number takes, by the catalogue's own rule. @type {((count: number) => number) | null} */
let formOf = null;

/** Adds a part of the page's wording; French is in the code and has none. @param {"first" | "rest"} part */
async function learn(part) {
  const isPlain = globalThis.document?.documentElement.dataset?.words === "plain";
  const loads = [parts[part]?.[language()], isPlain && parts[part]?.[`${language()}@plain`]];
  await Promise.all(
    loads.map(async (load, at) => {
      if (!load) return;
      const words = await load();
      Object.assign(learnt[at], words.default);
      formOf = words.form ?? formOf;
    }),
  );
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
 * `{count} vente`, `{count} ventes`, 3: the form that the catalogue asks for. French counts 0 and 1 as one.
 * @param {string} one
 * @param {string} many
 * @param {number} count
 * @param {Values} [values]
 */
export function tn(one, many, count, values = {}) {
  const forms = wordingOf(one);
  const isFrench = !Array.isArray(forms);
  const said = isFrench ? [one, many] : forms;
  const at = isFrench || !formOf ? Number(Math.abs(count) >= 2) : formOf(Math.abs(count));
  return unbroken(fill(said[Math.min(at, said.length - 1)], { count, ...values }));
}

/** What stands in data in two languages, in any. @param {string} french @param {string} english */
export const said = (french, english) => (language() === "en" ? english : t(french));

const THIN_SPACE = "\u202f";
const MINUS = "\u2212";

/** Between thousands and before decimals; asked of the browser only where nothing was built. */
export const marks = () => languages.find(([code]) => code === language())?.[4] ?? marksIn(locale());

/** Cents to {sign, units, mark, cents}: "1 234" "," "50"; money is never a float. @param {number} amountCents */
export function amountParts(amountCents) {
  const absolute = Math.abs(amountCents);
  const { group, decimal } = marks();
  return {
    sign: amountCents < 0 ? MINUS : "",
    units: String(Math.trunc(absolute / 100)).replace(/\B(?=(\d{3})+$)/g, group),
    mark: decimal,
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
  const isOne = new Intl.PluralRules(locale()).select(Math.abs(amountCents) / 100) === "one";
  return (isOne ? currency?.unit_one : currency?.unit_many) ?? "";
}
