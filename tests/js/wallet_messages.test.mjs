/** Every French sentence of the wallet has its English one, with the same places; none is left over. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { parsePo } from "../../scripts/build/po.mjs";

const FACES = new URL("../../wallet_service/faces/", import.meta.url);
const read = (path) => readFileSync(new URL(path, FACES), "utf8");
const catalogue = parsePo(read("locales/en/LC_MESSAGES/wallet.po"));
/** What two faces say is in a file of its own; the wallet's words are built from both. */
const known = { ...parsePo(read("locales/en/LC_MESSAGES/shared.po")), ...catalogue };

function sourceSentences() {
  const folder = new URL("wallet/src/", FACES);
  const scripts = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".js"));
  const found = new Set();
  for (const name of scripts) {
    const text = readFileSync(new URL(name, folder), "utf8");
    for (const match of text.matchAll(/\bt\(\s*"((?:[^"\\]|\\.)*)"/g)) found.add(match[1]);
    for (const match of text.matchAll(/\btn\(\s*"([^"]*)"/g)) found.add(match[1]);
  }
  for (const match of read("wallet/templates/shell.html").matchAll(/_\("([^"]*)"/g)) found.add(match[1]);
  for (const match of read("wallet/routers/pages.py").matchAll(/gettext\("([^"]*)"/g)) found.add(match[1]);
  return found;
}

/** Of a sentence that is easy to read. Source: the European rules for easy-to-read texts ask for short ones. */
const MOST_WORDS = 14;
const placesOf = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

test("every sentence is translated", () => {
  const sentences = sourceSentences();
  assert.ok(sentences.size > 200);
  assert.deepEqual(
    [...sentences].filter((sentence) => !(sentence in known)),
    [],
  );
});

test("no translation is left over", () => {
  const sentences = sourceSentences();
  assert.deepEqual(
    Object.keys(catalogue).filter((sentence) => !sentences.has(sentence)),
    [],
  );
});

test("a translation has the places of its sentence", () => {
  for (const [french, english] of Object.entries(catalogue)) {
    for (const text of [english].flat()) assert.deepEqual(placesOf(text), placesOf(french), french);
  }
});

test("no sentence for residents speaks of the machinery", () => {
  const forbidden = /\b(blockchain|hash|gas|bloc|block|wallet address|adresse de portefeuille|nonce)\b/i;
  for (const [french, english] of Object.entries(catalogue)) {
    for (const text of [french, english].flat()) assert.doesNotMatch(text, forbidden);
  }
});

test("words for buttons that pay carry the amount", () => {
  for (const sentence of ["Payer {amount}", "Rembourser {amount}", "Retirer {amount}"])
    assert.ok(sourceSentences().has(sentence));
});

for (const language of ["fr", "en"]) {
  test(`the plain wording of ${language} says known sentences, with their places and in short ones`, () => {
    const plain = parsePo(read(`locales/${language}@plain/LC_MESSAGES/wallet.po`));
    const sentences = sourceSentences();
    assert.ok(Object.keys(plain).length > 25);
    for (const [french, said] of Object.entries(plain)) {
      assert.ok(sentences.has(french), french);
      assert.deepEqual(placesOf(said), placesOf(french), french);
      for (const part of said.split(/[.?!:] /)) assert.ok(part.split(/[\s\u00a0]+/).length <= MOST_WORDS, part);
    }
  });
}
