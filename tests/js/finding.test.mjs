/** The directory's page: the same search as the service's, hours and distances counted in the page. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  distanceKm,
  found,
  phoneWords,
  localMinute,
  openAt,
  search,
  wordsOf,
} from "../../wallet_service/faces/public/finding/finding.js";
import { clockText, distanceText, openText, phoneText } from "../../wallet_service/faces/public/finding/words.js";

const vectors = JSON.parse(readFileSync(new URL("../vectors/finding.json", import.meta.url), "utf8"));
const MORNING_AND_AFTERNOON = [
  [540, 750],
  [840, 1140],
];
const WEEK = [[], ...Array(4).fill(MORNING_AND_AFTERNOON), [[1080, 1560]], []];
const ROUEN = { latitude: 49.44327, longitude: 1.09982 };

for (const [text, words] of vectors.words) test(`words of ${text}`, () => assert.deepEqual(wordsOf(text), words));
for (const [phone, asked, isFound] of vectors.phones)
  test(`"${asked}" for ${phone}: ${isFound}`, () => assert.equal(found(phoneWords(phone), asked), isFound));
for (const [told, asked, isFound] of vectors.found)
  test(`"${asked}" in "${told.slice(0, 30)}": ${isFound}`, () => assert.equal(found(wordsOf(told), asked), isFound));

test("a shop is open within its spans, and says until when", () => {
  assert.deepEqual(openAt(WEEK, { day: 1, minute: 540 }), { isOpen: true, until: 750 });
  assert.deepEqual(openAt(WEEK, { day: 1, minute: 1139 }), { isOpen: true, until: 1140 });
});

test("a shop that is closed says when it opens: later, tomorrow, in some days", () => {
  const opens = (day, minute) => openAt(WEEK, { day, minute })?.opens;
  assert.deepEqual(opens(1, 750), { day: 1, minute: 840, inDays: 0 });
  assert.deepEqual(opens(1, 1140), { day: 2, minute: 540, inDays: 1 });
  assert.deepEqual(opens(6, 200), { day: 1, minute: 540, inDays: 2 });
});

test("who closes after midnight is still open on the next day's first hours", () => {
  assert.deepEqual(openAt(WEEK, { day: 6, minute: 119 }), { isOpen: true, until: 120 });
  assert.equal(openAt(WEEK, { day: 6, minute: 120 })?.isOpen, false);
});

test("a shop that tells no hours is neither open nor closed", () => {
  assert.equal(openAt(Array(7).fill([]), { day: 1, minute: 600 }), null);
  assert.equal(openText(null), "");
});

test("the hour is the region's, wherever the phone is", () => {
  const winter = Date.UTC(2026, 10, 29, 23, 30); // Sunday there in UTC, Monday in Normandy
  assert.deepEqual(localMinute(winter, "Europe/Paris"), { day: 0, minute: 30 });
  assert.deepEqual(localMinute(winter, "UTC"), { day: 6, minute: 1410 });
});

const trades = {
  10: { division: "10", group: "food", french: "Artisanat alimentaire", english: "Food crafts" },
  47: { division: "47", group: "shops", french: "Commerce de détail", english: "Retail" },
};
const shop = (name, place, more = {}) => ({
  name,
  sells: "",
  address: "",
  phone: "",
  commune: "Rouen",
  commune_code: "76540",
  trades: ["10"],
  week: WEEK,
  latitude_e5: place && Math.round(place.latitude * 1e5),
  longitude_e5: place && Math.round(place.longitude * 1e5),
  ...more,
});
const near = shop("Près", { latitude: 49.45, longitude: 1.1 });
const far = shop("Ailleurs", { latitude: 49.18, longitude: -0.37 }, { commune: "Caen", commune_code: "14118" });
const nowhere = shop("Sans lieu", null, { trades: ["47"], week: Array(7).fill([]) });
const wanted = { asked: "", group: "", commune: "", isOpenOnly: false, near: null };
const names = (change, now = { day: 1, minute: 600 }) =>
  search([far, near, nowhere], { ...wanted, ...change }, { trades, now }).map(({ listing }) => listing.name);

test("the nearest come first once somebody said where they are; without a place comes last", () => {
  assert.deepEqual(names({}), ["Ailleurs", "Près", "Sans lieu"]);
  assert.deepEqual(names({ near: ROUEN }), ["Près", "Ailleurs", "Sans lieu"]);
});

test("category, commune, words and hours narrow together", () => {
  assert.deepEqual(names({ group: "shops" }), ["Sans lieu"]);
  assert.deepEqual(names({ commune: "14118" }), ["Ailleurs"]);
  assert.deepEqual(names({ isOpenOnly: true }), ["Ailleurs", "Près"]);
  assert.deepEqual(names({ isOpenOnly: true }, { day: 0, minute: 600 }), []);
  assert.deepEqual(names({ asked: "caen", isOpenOnly: true }), ["Ailleurs"]);
});

test("a distance says how exact it is", () => {
  assert.ok(Math.abs(distanceKm(ROUEN, { latitude: 49.1829, longitude: -0.36983 }) - 110.6) < 0.5);
  assert.equal(distanceText(0.42, true), "à 400 m");
  assert.equal(distanceText(0.01, true), "à 50 m");
  assert.equal(distanceText(3.24, true), "à 3,2 km");
  assert.equal(distanceText(3.24, false), "à environ 3 km");
  assert.equal(distanceText(0.2, false), "à environ 1 km");
});

test("hours and numbers are written as people read them", () => {
  assert.equal(clockText(540), "9\u00a0h");
  assert.equal(clockText(1560), "2\u00a0h");
  assert.equal(clockText(750), "12\u00a0h\u00a030");
  assert.equal(phoneText("0261910006"), "02\u202f61\u202f91\u202f00\u202f06");
  assert.equal(phoneText("+44123456"), "+44123456");
});
