// The build's reader of .po files.
import assert from "node:assert/strict";
import { test } from "node:test";

import { parsePo } from "../../scripts/build/po.mjs";

const PO = `msgid ""
msgstr ""
"Language: en\\n"

#: page.html
msgid "Bonjour"
msgstr "Hello"

msgid "Une longue "
"phrase"
msgstr ""
"A long "
"sentence"

msgid "{count} vente"
msgid_plural "{count} ventes"
msgstr[0] "{count} sale"
msgstr[1] "{count} sales"

#, fuzzy
msgid "douteux"
msgstr "doubtful"

msgid "vide"
msgstr ""
`;

test("translated messages are read, doubtful and empty ones are left out", () => {
  assert.deepEqual(parsePo(PO), {
    Bonjour: "Hello",
    "Une longue phrase": "A long sentence",
    "{count} vente": ["{count} sale", "{count} sales"],
  });
});
