// Words, amounts and times as people read them, in French or English. Amounts are integer cents; times are the server's.
import english from "#catalogue";

const NARROW_SPACE = "\u202f";
const MINUS = "\u2212";
const language = globalThis.document?.documentElement.lang === "en" ? "en" : "fr";

const filled = (text, values) => spaced(text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? ""));

/** French puts a space before double marks and inside guillemets; it must not break a line. */
export function spaced(text) {
  return text.replace(/ ([:;?!»])/g, "\u00a0$1").replace(/« /g, "«\u00a0");
}

export const currentLanguage = () => language;

/** The French text is the key; English comes from locales/en/LC_MESSAGES/till.po. */
export function t(french, values = {}) {
  const translated = language === "en" ? english[french] : null;
  return filled(typeof translated === "string" ? translated : french, values);
}

/** One or many. In French zero is singular. */
export function tn(one, many, count, values = {}) {
  const forms = language === "en" && Array.isArray(english[one]) ? english[one] : [one, many];
  const singular = language === "en" ? count === 1 : count < 2;
  return filled(forms[singular ? 0 : 1], { count, ...values });
}

/** {sign, units, mark, cents} of 123450 -> "", "1 234", ",", "50". */
export function amountParts(amountCents, shownLanguage = language) {
  const whole = Math.abs(amountCents);
  const units = String(Math.trunc(whole / 100)).replace(/\B(?=(\d{3})+$)/g, shownLanguage === "en" ? "," : NARROW_SPACE);
  return {
    sign: amountCents < 0 ? MINUS : "", units, mark: shownLanguage === "en" ? "." : ",", cents: String(whole % 100).padStart(2, "0"),
  };
}

export function amountText(amountCents, shownLanguage = language) {
  const { sign, units, mark, cents } = amountParts(amountCents, shownLanguage);
  return `${sign}${units}${mark}${cents}`;
}

let timeZone = "Europe/Paris";
export function setTimeZone(name) { timeZone = name; }

function timeParts(unixMs, withDate) {
  const options = { timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  if (withDate) Object.assign(options, { year: "numeric", month: "long", day: "numeric" });
  const parts = new Intl.DateTimeFormat(language, options).formatToParts(new Date(unixMs));
  return Object.fromEntries(parts.map(({ type, value }) => [type, value]));
}

/** "14 h 32" in French, "14:32" in English; with seconds "14 h 32 min 08". */
export function timeText(unixMs, withSeconds = false) {
  const { hour, minute, second } = timeParts(unixMs, false);
  if (language === "en") return withSeconds ? `${hour}:${minute}:${second}` : `${hour}:${minute}`;
  return withSeconds ? `${hour}\u00a0h\u00a0${minute}\u00a0min\u00a0${second}` : `${hour}\u00a0h\u00a0${minute}`;
}

export function dateText(unixMs) {
  const { day, month, year } = timeParts(unixMs, true);
  return `${day} ${month} ${year}`;
}

export function sameDay(firstUnixMs, secondUnixMs) {
  return dateText(firstUnixMs) === dateText(secondUnixMs);
}

/** "1,2 s": how long from the customer's yes to final. */
export function secondsText(durationMs, shownLanguage = language) {
  const tenths = Math.max(1, Math.round(durationMs / 100));
  return `${Math.trunc(tenths / 10)}${shownLanguage === "en" ? "." : ","}${tenths % 10} s`;
}

/** "1 min 05" above a minute, "42 s" under. */
export function countdownText(leftMs) {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  return `${Math.trunc(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")}`;
}

export function durationText(seconds) {
  if (seconds < 60) return t("{seconds} s", { seconds });
  return t("{minutes} min", { minutes: Math.trunc(seconds / 60) });
}
