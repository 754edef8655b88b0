// How long something took or has lasted, as the till says it.
import { marks, t } from "#ui/i18n.js";

/** "1,2 s": how long from the customer's yes to final. @param {number} durationMs */
export function secondsText(durationMs) {
  const tenths = Math.max(1, Math.round(durationMs / 100));
  return `${Math.trunc(tenths / 10)}${marks().decimal}${tenths % 10} s`;
}

/** "42 s", "12 min" @param {number} seconds */
export function durationText(seconds) {
  if (seconds < 60) return t("{seconds} s", { seconds });
  return t("{minutes} min", { minutes: Math.trunc(seconds / 60) });
}
