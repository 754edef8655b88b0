/** Words and times of the wallet: those of #shared/i18n.js, with the spaces French typography keeps together. */
import * as shared from "#shared/i18n.js";

export { amountParts, formatAmount, formatCountdown, language } from "#shared/i18n.js";

/** No line may begin with a mark that French sets after a space. */
const bound = (text) => text.replace(/ ([?!:;»€%])/g, "\u00a0$1").replace(/« /g, "«\u00a0");

export const t = (french, values) => bound(shared.t(french, values));
export const tn = (one, many, count, values) => bound(shared.tn(one, many, count, values));

/** "8 h 12" or "08:12", the day left out. */
export function hourOf(unixMs) {
  const at = new Date(unixMs);
  if (shared.language() === "en") return at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return `${at.getHours()}\u00a0h\u00a0${String(at.getMinutes()).padStart(2, "0")}`;
}

/** "aujourd’hui 8 h 12", its hour airy enough to be read at arm's length. */
export const formatTime = (unixMs, nowUnixMs) => shared.formatTime(unixMs, nowUnixMs).replaceAll("\u202fh\u202f", "\u00a0h\u00a0");

/** The start of a member's id, as one says it to the association: "7K3M 9QXZ". It finds the member in the console. */
export const memberNumber = (id) => `${id.slice(0, 4)}\u00a0${id.slice(4, 8)}`;
