/** Splitting a bill loses no cent; codes of people are told from others; everybody is offered once. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { everybody, whomToAsk } from "../../wallet_service/faces/wallet/src/people.js";
import { personPath } from "../../wallet_service/faces/wallet/src/person_qr.js";
import { askedAmounts, sharesOf } from "../../wallet_service/faces/wallet/src/shares.js";

test("shares are whole cents, differ by one at most, and sum to the total", () => {
  for (let total = 1; total < 400; total += 7)
    for (let count = 1; count <= 12; count += 1) {
      const shares = sharesOf(total, count);
      if (total < count) {
        assert.deepEqual(shares, []);
        continue;
      }
      assert.equal(shares.length, count);
      assert.equal(
        shares.reduce((all, one) => all + one, 0),
        total,
      );
      assert.ok(Math.max(...shares) - Math.min(...shares) <= 1);
    }
});

test("whoever asks pays the odd cents of a bill they share", () => {
  const wish = { cents: 1_000, people: 2, isSplit: true, isMeIn: true };
  assert.deepEqual(askedAmounts(wish), [333, 333]);
  assert.deepEqual(askedAmounts({ ...wish, isMeIn: false }), [500, 500]);
  assert.deepEqual(askedAmounts({ ...wish, isSplit: false }), [1_000, 1_000]);
  assert.deepEqual(askedAmounts({ ...wish, people: 0 }), []);
  assert.deepEqual(askedAmounts({ ...wish, cents: 2 }), []);
});

test("a person's code and an ask's link are known by their form, on our own origin only", () => {
  const origin = "https://alba.example";
  const code = "0123456789ABCDEF";
  const id = "0123456789ABCDEFGHJKMNPQRS";
  assert.equal(personPath(`HTTPS://ALBA.EXAMPLE/C/${code}`, origin), `/C/${code}`);
  assert.equal(personPath(` https://alba.example/r/${id.toLowerCase()} `, origin), `/R/${id}`);
  for (const other of [
    `https://evil.example/C/${code}`,
    `https://alba.example.evil/C/${code}`,
    `https://alba.example/C/${code}/x`,
    `https://alba.example/C/${code}0`,
    `https://alba.example/P/${code}`,
    `https://alba.example/R/${code}`,
    `https://alba.example/C/`,
    "CAMILLE",
  ])
    assert.equal(personPath(other, origin), null, other);
});

test("favourites come first, then recent people, and two of one name stay two", () => {
  const contact = (id, name, isFavourite) => ({ id, name, is_professional: false, is_favourite: isFavourite });
  const recent = (ref, name, contactId) => ({
    movement_ref: ref,
    name,
    is_professional: false,
    at_unix_ms: 1,
    contact_id: contactId,
  });
  const shown = everybody({
    contacts: [contact("1", "Ana B.", true), contact("2", "Ana B.", false), contact("3", "Zoé T.", false)],
    recents: [recent("0xa", "Zoé T.", "3"), recent("0xb", "Ana B.", "1"), recent("0xc", "Ana B.", null)],
  });
  assert.deepEqual(
    shown.map((one) => one.key),
    ["contact:1", "movement:0xa", "movement:0xc", "contact:2"],
  );
});

test("a resident asks people and the shops they keep, not every shop they paid", () => {
  const book = {
    contacts: [{ id: "kept", name: "Fournil", is_professional: true, is_favourite: false }],
    recents: [
      { movement_ref: "1", name: "Marée", is_professional: true, at_unix_ms: 3 },
      { movement_ref: "2", name: "Fournil", is_professional: true, at_unix_ms: 2, contact_id: "kept" },
      { movement_ref: "3", name: "Chloé V.", is_professional: false, at_unix_ms: 1 },
    ],
  };
  const asked = (tier) => whomToAsk(book, tier).map((one) => one.name);
  assert.deepEqual(asked("verified"), ["Fournil", "Chloé V."]);
  for (const tier of ["visitor", "professional"]) assert.deepEqual(asked(tier), ["Marée", "Fournil", "Chloé V."]);
});
