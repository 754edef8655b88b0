// Times, days and durations as people read them. Moments are unix milliseconds; whose clock they come from is the caller's.
import { language, locale, t } from "./i18n.js";

const MS_PER_DAY = 86_400_000;

/** Undefined is the device's own zone. @type {string | undefined} */
let timeZone;
/** A till's times are its shop's, wherever the tablet thinks it is. @param {string | undefined} name of the IANA database */
export function setTimeZone(name) {
  timeZone = name;
}

/** Costly to make, and a list writes hundreds of times with the same few. @type {Map<string, Intl.DateTimeFormat>} */
const writers = new Map();

/** @param {string} where @param {Record<string, string | undefined>} options */
function writer(where, options) {
  const key = [where, timeZone, ...Object.entries(options)].join();
  const made = writers.get(key) ?? new Intl.DateTimeFormat(where, { timeZone, ...options });
  writers.set(key, made);
  return made;
}

/** @param {number} unixMs @returns {Record<string, string>} */
function partsOf(unixMs) {
  const day = { year: "numeric", month: "2-digit", day: "2-digit" };
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  const parts = writer("en-GB", { ...day, ...clock }).formatToParts(unixMs);
  return Object.fromEntries(parts.map(({ type, value }) => [type, value]));
}

/** @param {number} unixMs */
const dayNumber = (unixMs) => {
  const { year, month, day } = partsOf(unixMs);
  return Date.UTC(Number(year), Number(month) - 1, Number(day)) / MS_PER_DAY;
};

/** @param {number} firstUnixMs @param {number} secondUnixMs */
export const sameDay = (firstUnixMs, secondUnixMs) => dayNumber(firstUnixMs) === dayNumber(secondUnixMs);

/** "2026-07-14", as programs and date fields write a day. @param {number} unixMs */
export function isoDay(unixMs) {
  const { year, month, day } = partsOf(unixMs);
  return `${year}-${month}-${day}`;
}

/**
 * "14 h 32" in French, "14:32" in others; hasSeconds "14 h 32 min 08"; isPadded false "8 h 12" in French.
 * @param {number} unixMs
 * @param {{hasSeconds?: boolean, isPadded?: boolean}} [options]
 */
export function timeText(unixMs, { hasSeconds = false, isPadded = true } = {}) {
  const { hour, minute, second } = partsOf(unixMs);
  if (language() !== "fr") return hasSeconds ? `${hour}:${minute}:${second}` : `${hour}:${minute}`;
  const shownHour = isPadded ? hour : String(Number(hour));
  return `${shownHour}\u00a0h\u00a0${minute}${hasSeconds ? `\u00a0min\u00a0${second}` : ""}`;
}

/** "14 juillet 2026" @param {number} unixMs */
export function dateText(unixMs) {
  return writer(locale(), { day: "numeric", month: "long", year: "numeric" }).format(unixMs);
}

/** "aujourd’hui 8 h 32", "hier 8 h 32", else "24 nov. 8 h 32", with its year when that is another. @param {number} unixMs */
export function formatTime(unixMs, nowUnixMs = Date.now()) {
  const clock = timeText(unixMs, { isPadded: false });
  const days = dayNumber(nowUnixMs) - dayNumber(unixMs);
  if (days === 0) return t("aujourd’hui {clock}", { clock });
  if (days === 1) return t("hier {clock}", { clock });
  const year = partsOf(unixMs).year === partsOf(nowUnixMs).year ? undefined : "numeric";
  return `${writer(locale(), { day: "numeric", month: "short", year }).format(unixMs)} ${clock}`;
}

/** "1 min 42" of seconds left; never negative. @param {number} seconds */
export function formatCountdown(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  const minutes = Math.trunc(left / 60);
  return minutes ? `${minutes} min ${String(left % 60).padStart(2, "0")}` : `${left} s`;
}
