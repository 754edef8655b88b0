// The words of each language, as the pages' scripts get them: which catalogues there are, and what a face needs of each.
// A language is a folder of .po files; none is named here but the code's own.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { marksIn } from "../../wallet_service/ui/marks.js";
import { headerOf, readCatalogue } from "./po.mjs";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** What follows a word of the command line, as a path; nothing without that word. */
export function option(word) {
  const at = process.argv.indexOf(word);
  return at < 0 ? [] : [path.resolve(process.argv[at + 1])];
}

/** The trades' French names: the third column of the territory's table. */
export const TRADES = readFileSync(path.join(ROOT, "wallet_service/territory/sectors.csv"), "utf8")
  .split("\n")
  .map((line) => ({ fr: /^\d+,\w+,("[^"]*"|[^,]*)/.exec(line)?.[1].replaceAll('"', "") }));

/** Where catalogues are: a language's ("en"), or another wording's of one ("fr@plain"). */
const FOLDERS = [
  path.join(ROOT, "wallet_service/faces/locales"),
  path.join(ROOT, "merchant_pos/locales"),
  ...option("--locales"),
];
const LOCALES = FOLDERS.flatMap((folder) => readdirSync(folder));
/** What is said of one face or two; a file of another name is of them all. */
const DOMAINS = ["shared", "wallet", "console", "till"];

/** Every file of a language, a face's own last: where two say the same otherwise, its own words win. */
export function messagesFor(locale, names) {
  const folders = FOLDERS.map((folder) => path.join(folder, locale, "LC_MESSAGES")).filter(existsSync);
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => path.join(folder, name)));
  const rank = (file) => names.indexOf(path.basename(file, ".po"));
  const catalogues = files.filter((file) => file.endsWith(".po")).sort((one, other) => rank(one) - rank(other));
  return catalogues.filter((file) => rank(file) >= 0 || !DOMAINS.includes(path.basename(file, ".po")));
}
export const CATALOGUES = [...new Set(LOCALES)]
  .filter((name) => /^[a-z]{2}(@[a-z]+)?$/.test(name) && messagesFor(name, DOMAINS).length > 0)
  .sort();
/** French stands in the code; the others are the folders. Python finds the same: wallet_service/languages. */
const LANGUAGES = ["fr", ...CATALOGUES.filter((name) => !name.includes("@") && name !== "fr")];

/** How a page comes by its words: a script of their own each, which only pages in that wording load. */
export function catalogueOf(modules) {
  const parts = ["first", "rest"].map((part) => {
    const made = CATALOGUES.filter((locale) => `#words-${part}-${locale}` in modules);
    const loads = made.map((locale) => `"${locale}": () => import("#words-${part}-${locale}")`);
    return `${part}: { ${loads.join(", ")} }`;
  });
  return `export default { languages: ${JSON.stringify(LANGUAGES.map(described))}, ${parts.join(", ")} };`;
}

/** A language's code, its own name, how much of what English says it says too (percent), its region and its marks. */
function described(code) {
  const name = new Intl.DisplayNames([code], { type: "language" }).of(code);
  const [whole, own] = ["en", code].map((locale) => Object.keys(readCatalogue(messagesFor(locale, DOMAINS))));
  const translated = code === "fr" ? whole : whole.filter((french) => own.includes(french));
  const { language = code } = code === "fr" ? { language: "fr-FR" } : headerOf(messagesFor(code, DOMAINS));
  const share = Math.floor((100 * translated.length) / whole.length);
  const region = language.replace("_", "-");
  return [code, name.charAt(0).toUpperCase() + name.slice(1), share, region, marksIn(region)];
}

/** A script: a language's words and its plural's rule; another wording has its language's. */
export function wordsOf(locale, words) {
  const { plural } = headerOf(messagesFor(locale, DOMAINS));
  const rule = plural && !locale.includes("@") ? `export const form = (n) => Number(${plural});` : "";
  return `export default ${JSON.stringify(words)}; ${rule}`;
}

/** The French of data that also has its English: states, trades. Only another language needs a catalogue for it. */
const frenchOf = (data) =>
  typeof data === "object" && data !== null ? (data.fr ? [data.fr] : Object.values(data).flatMap(frenchOf)) : [];

/** The entries of a catalogue whose French stands, as a string, in one of the scripts, or in data. */
export function translationsFor(files, catalogue, data) {
  const strings = new Set(frenchOf(data));
  for (const file of files.filter((name) => name.endsWith(".js") && existsSync(name))) {
    for (const [literal] of readFileSync(file, "utf8").matchAll(/"(?:[^"\\\n]|\\.)*"/g)) {
      try {
        strings.add(JSON.parse(literal));
      } catch {
        // no string of JSON: no sentence of ours either
      }
    }
  }
  return Object.fromEntries(Object.entries(catalogue).filter(([french]) => strings.has(french)));
}
