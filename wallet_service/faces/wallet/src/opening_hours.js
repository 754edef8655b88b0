/** Opening hours as people type them: a day's spans as text, and back. Pure. */

const MINUTES_OF_A_DAY = 1_440;
const LATEST_END = MINUTES_OF_A_DAY + 6 * 60;
const SPAN = /^(\d{1,2})(?:\s*[h:.]\s*(\d{2})?)?\s*(?:-|–|—|à|to)\s*(\d{1,2})(?:\s*[h:.]\s*(\d{2})?)?\s*h?$/i;

/** "9:00-12:30, 14:00-19:00" @param {number[][]} spans */
export const hoursText = (spans) => spans.map(([start, end]) => `${clock(start)}-${clock(end)}`).join(", ");

/** @param {number} minute */
const clock = (minute) => `${Math.floor((minute % MINUTES_OF_A_DAY) / 60)}:${String(minute % 60).padStart(2, "0")}`;

/**
 * "9h-12h30, 14h-19h", "9:00 – 12:30" or nothing at all; an end before its start lies after midnight.
 * @param {string} text
 * @returns {number[][] | null} null when it cannot be read
 */
export function hoursOf(text) {
  const spans = [];
  for (const part of text.split(/[,;/]|\bet\b|\band\b/).map((one) => one.trim())) {
    if (!part) continue;
    const read = SPAN.exec(part);
    if (!read) return null;
    const start = minuteOf(read[1], read[2]);
    let end = minuteOf(read[3], read[4]);
    if (start === null || end === null) return null;
    if (end <= start) end += MINUTES_OF_A_DAY;
    if (start >= MINUTES_OF_A_DAY || end > LATEST_END) return null;
    spans.push([start, end]);
  }
  return spans.sort(([one], [other]) => one - other);
}

/** @param {string} hour @param {string | undefined} minutes */
function minuteOf(hour, minutes) {
  const [whole, part] = [Number(hour), Number(minutes ?? 0)];
  return whole > 24 || part > 59 ? null : whole * 60 + part;
}
