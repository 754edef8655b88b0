// The code of a link: read from behind "#", and gone from the address.
import assert from "node:assert/strict";
import { test } from "node:test";

import { broughtCode } from "../../wallet_service/ui/brought_code.js";

function at(hash) {
  const kept = [];
  globalThis.location = /** @type {any} */ ({ hash, pathname: "/sign-in" });
  globalThis.history = /** @type {any} */ ({ state: null, replaceState: (...said) => kept.push(said) });
  return kept;
}

test("a code is read once and does not stay in the address", () => {
  const kept = at("#abcd-efgh-jkmn-pqrs");
  assert.equal(broughtCode(), "ABCD-EFGH-JKMN-PQRS");
  assert.deepEqual(kept, [[null, "", "/sign-in"]]);
});

for (const hash of ["", "#main", "#abcd<efgh", "#" + "A".repeat(25)]) {
  test(`no code in ${JSON.stringify(hash)}`, () => {
    const kept = at(hash);
    assert.equal(broughtCode(), "");
    assert.deepEqual(kept, []);
  });
}
