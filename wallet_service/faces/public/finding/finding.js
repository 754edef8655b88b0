// What finds a shop: words that forgive, hours, distance. Pure; directory/decisions.py searches the same way, and
// tests/vectors/finding.json holds both to it. A distance is counted here: where somebody stands is sent to nobody.

/** @typedef {import("#ui/api_types.js").ListingAnswer} Listing */
/** @typedef {import("#ui/api_types.js").TradeAnswer} Trade */
/** @typedef {{latitude: number, longitude: number}} Place */

const FORGIVING_FROM_LETTERS = 5;
const SMALL_WORDS = new Set("a au aux c d de des du en et for in l la le les n of ou s the un une".split(" "));
const EARTH_RADIUS_KM = 6_371.0088;
export const MINUTES_OF_A_DAY = 1_440;
const DAYS = 7;
const DEGREE_E5 = 100_000;
/** Fewer digits are a house or a postcode. */
const PHONE_FROM_DIGITS = 6;

/** A text's words without case, accents, ligatures and signs. @param {string} text */
export const foldedWords = (text) =>
  text
    .toLowerCase()
    .replaceAll("œ", "oe")
    .replaceAll("æ", "ae")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .split(/[^a-z0-9]+/)
    .filter(Boolean);

/** The same, and what an apostrophe parts together as well: "d'Elbeuf" is d, elbeuf, delbeuf. @param {string} text */
export const wordsOf = (text) => [...new Set([...foldedWords(text), ...foldedWords(text.replace(/['’]/g, ""))])];

/**
 * Every word a listing may be found by.
 * @param {Listing} listing
 * @param {Record<string, Trade>} trades by division
 */
export function haystack(listing, trades) {
  const labels = listing.trades.flatMap((division) =>
    trades[division] ? [trades[division].french, trades[division].english] : [],
  );
  const told = wordsOf([listing.name, listing.sells, listing.commune, listing.address, ...labels].join(" "));
  return [...told, ...phoneWords(listing.phone)];
}

/** A number's digits, from here and from abroad. @param {string} phone @returns {string[]} */
export function phoneWords(phone) {
  const digits = phone.replace(/^\+/, "");
  if (phone.startsWith("+33")) return [digits, `0${digits.slice(2)}`];
  if (digits.startsWith("0")) return [digits, `33${digits.slice(1)}`];
  return digits ? [digits] : [];
}

/** What was asked, folded; what looks like a telephone number as one word, however it is grouped. @param {string} asked */
function askedWords(asked) {
  const digits = asked.replace(/[^0-9]/g, "");
  if (digits.length >= PHONE_FROM_DIGITS && /^[\s0-9.\-()/+]*$/.test(asked)) return [digits];
  return foldedWords(asked).filter((wanted) => !SMALL_WORDS.has(wanted));
}

/** Whether each asked word begins one of the words, or is one of them but for a slip. @param {string[]} words @param {string} asked */
export const found = (words, asked) => askedWords(asked).every((wanted) => words.some((word) => fits(word, wanted)));

/** @param {string} word @param {string} wanted */
function fits(word, wanted) {
  if (word.startsWith(wanted) || word === wanted.replace(/s$/, "")) return true;
  const isForgiven = wanted.length >= FORGIVING_FROM_LETTERS && !/^\d+$/.test(wanted); // a number is right or another
  return isForgiven && isSlip(word.slice(0, wanted.length + 1), wanted);
}

/** One letter wrong, missing, added, or two neighbours swapped. @param {string} word @param {string} wanted */
export function isSlip(word, wanted) {
  let at = 0;
  while (at < word.length && at < wanted.length && word[at] === wanted[at]) at += 1;
  const isOneAway =
    word.slice(at + 1).startsWith(wanted.slice(at + 1)) ||
    word.slice(at).startsWith(wanted.slice(at + 1)) ||
    word.slice(at + 1).startsWith(wanted.slice(at));
  if (isOneAway) return true;
  const isSwapped = wanted.length > at + 1 && word[at] === wanted[at + 1] && word[at + 1] === wanted[at];
  return isSwapped && word.slice(at + 2).startsWith(wanted.slice(at + 2));
}

/** Along the earth's surface. @param {Place} one @param {Place} other */
export function distanceKm(one, other) {
  const radians = (/** @type {number} */ degrees) => (degrees * Math.PI) / 180;
  const halfHeight = radians(other.latitude - one.latitude) / 2;
  const halfWidth = radians(other.longitude - one.longitude) / 2;
  const chord =
    Math.sin(halfHeight) ** 2 +
    Math.cos(radians(one.latitude)) * Math.cos(radians(other.latitude)) * Math.sin(halfWidth) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** Weekday (0 Monday) and minute of the day, there. @param {number} unixMs @param {string} timeZone */
export function localMinute(unixMs, timeZone) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(unixMs);
  const told = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  const day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(told.weekday);
  return { day, minute: Number(told.hour) * 60 + Number(told.minute) };
}

/**
 * Whether a shop is open at a minute of its week, until which minute of the day, or when it opens next.
 * @param {number[][][]} week
 * @param {{day: number, minute: number}} now
 * @returns {{isOpen: true, until: number} | {isOpen: false, opens: {day: number, minute: number, inDays: number}} | null}
 *   null when no hours are told
 */
export function openAt(week, { day, minute }) {
  if (week.every((spans) => spans.length === 0)) return null;
  const yesterday = week[(day + DAYS - 1) % DAYS];
  const late = yesterday.find(([, end]) => end - MINUTES_OF_A_DAY > minute);
  if (late) return { isOpen: true, until: late[1] - MINUTES_OF_A_DAY };
  const span = week[day].find(([start, end]) => start <= minute && minute < end);
  if (span) return { isOpen: true, until: span[1] };
  for (let inDays = 0; inDays <= DAYS; inDays += 1) {
    const there = (day + inDays) % DAYS;
    const next = week[there].find(([start]) => inDays > 0 || start > minute);
    if (next) return { isOpen: false, opens: { day: there, minute: next[0], inDays } };
  }
  return null;
}

/**
 * @typedef {{asked: string, group: string, commune: string, isOpenOnly: boolean, near: Place | null}} Wanted
 * @typedef {{listing: Listing, km: number | null}} Hit
 */

/**
 * Those that are wanted: the nearest first when somebody said where they are, else by name.
 * @param {Listing[]} listings
 * @param {Wanted} wanted
 * @param {{trades: Record<string, Trade>, now: {day: number, minute: number}}} known
 * @returns {Hit[]}
 */
export function search(listings, wanted, { trades, now }) {
  const hits = listings
    .filter((listing) => !wanted.commune || listing.commune_code === wanted.commune)
    .filter((listing) => !wanted.group || listing.trades.some((trade) => trades[trade]?.group === wanted.group))
    .filter((listing) => !wanted.isOpenOnly || openAt(listing.week, now)?.isOpen)
    .filter((listing) => found(haystack(listing, trades), wanted.asked))
    .map((listing) => ({ listing, km: kmFrom(wanted.near, listing) }));
  if (wanted.near) hits.sort((one, other) => (one.km ?? Infinity) - (other.km ?? Infinity));
  return hits;
}

/** @param {Place | null} near @param {Listing} listing */
function kmFrom(near, listing) {
  const there = placeOf(listing);
  return near && there ? distanceKm(near, there) : null;
}

/** Where a shop is, or its commune's middle; null when not even that is known. @param {Listing} listing */
export const placeOf = ({ latitude_e5: latitude, longitude_e5: longitude }) =>
  latitude === null || longitude === null ? null : { latitude: latitude / DEGREE_E5, longitude: longitude / DEGREE_E5 };
