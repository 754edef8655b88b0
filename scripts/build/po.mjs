// Reads the .po files the pages are translated with. Owns parsing only; knows no page.
import { existsSync, readFileSync } from "node:fs";

/** Returns {msgid: translation | [its forms]} for one .po text. Untranslated and fuzzy entries are left out. */
export function parsePo(text) {
  const catalogue = {};
  for (const block of text.split(/\n\s*\n/)) {
    const entry = readEntry(block);
    if (!entry.msgid || entry.fuzzy) continue;
    const forms = Object.keys(entry).filter((field) => field.startsWith("msgstr["));
    if (forms.length > 0) {
      if (forms.every((field) => entry[field])) catalogue[entry.msgid] = forms.map((field) => entry[field]);
    } else if (entry.msgstr) {
      catalogue[entry.msgid] = entry.msgstr;
    }
  }
  return catalogue;
}

function readEntry(block) {
  const entry = { fuzzy: false };
  let field = null;
  for (const line of block.split("\n")) {
    if (line.startsWith("#,") && line.includes("fuzzy")) entry.fuzzy = true;
    if (line.startsWith("#")) continue;
    const start = /^(msgid|msgid_plural|msgstr(?:\[\d\])?)\s+(".*")\s*$/.exec(line);
    if (start) {
      field = start[1];
      entry[field] = JSON.parse(start[2]);
    } else if (field && line.trim().startsWith('"')) {
      entry[field] += JSON.parse(line.trim());
    }
  }
  return entry;
}

/** Merges the .po files that exist, later ones winning. */
export function readCatalogue(paths) {
  const present = paths.filter((path) => existsSync(path));
  return Object.assign({}, ...present.map((path) => parsePo(readFileSync(path, "utf8"))));
}

/** A plural's rule of gettext: what C and JavaScript read alike, and nothing that could do more. */
const RULE = /^[n\d\s()?:%<>=!&|]+$/;

/** What the first header that says it has: {language: "en_GB", plural: "(n != 1)"}. A rule of other signs stops the build. */
export function headerOf(paths) {
  const lines = paths.flatMap((path) =>
    (readEntry(readFileSync(path, "utf8").split(/\n\s*\n/)[0]).msgstr ?? "").split("\n"),
  );
  const value = (pattern) => lines.map((line) => pattern.exec(line)?.[1]).find(Boolean);
  const plural = value(/^Plural-Forms:.*plural=([^;]+)/);
  if (plural && !RULE.test(plural)) throw new Error(`a plural's rule with other signs than a rule has: ${plural}`);
  return { language: value(/^Language: (\w+)/), plural };
}
