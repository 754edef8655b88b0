// Reads the .po files the pages are translated with. Owns parsing only; knows no page.
import { existsSync, readFileSync } from "node:fs";

/** Returns {msgid: translation | [singular, plural]} for one .po text. Untranslated and fuzzy entries are left out. */
export function parsePo(text) {
  const catalogue = {};
  for (const block of text.split(/\n\s*\n/)) {
    const entry = readEntry(block);
    if (!entry.msgid || entry.fuzzy) continue;
    if (entry["msgstr[0]"] !== undefined) {
      if (entry["msgstr[0]"] && entry["msgstr[1]"]) catalogue[entry.msgid] = [entry["msgstr[0]"], entry["msgstr[1]"]];
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
