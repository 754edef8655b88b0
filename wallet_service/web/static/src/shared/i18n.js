// Words and numbers of the pages. The key of a text is its French sentence; English comes from the .po files at build.
import catalogue from "#catalogue";

export const language = () => (globalThis.document?.documentElement.lang === "en" ? "en" : "fr");

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (place, name) => (Object.hasOwn(values, name) ? String(values[name]) : place));

/** `Payer {amount}` with {amount: "12,50"}: the French text, or its English when the page is in English. */
export function t(french, values = {}) {
  const translated = language() === "en" && Object.hasOwn(catalogue, french) ? catalogue[french] : undefined;
  return fill(typeof translated === "string" ? translated : french, values);
}

/** `{count} vente`, `{count} ventes`, 3. French counts 0 and 1 as one, English only 1. */
export function tn(one, many, count, values = {}) {
  const english = language() === "en";
  const single = english ? count === 1 : Math.abs(count) < 2;
  const pair = english && Array.isArray(catalogue[one]) ? catalogue[one] : [one, many];
  return fill(single ? pair[0] : pair[1], { count, ...values });
}

const THIN_SPACE = "\u202f";
const MINUS = "\u2212";

/** Cents to {sign, units, mark, cents}: "1 234" "," "50"; money is never a float. */
export function amountParts(amountCents) {
  const absolute = Math.abs(amountCents);
  const units = String(Math.trunc(absolute / 100)).replace(/\B(?=(\d{3})+$)/g, language() === "en" ? "," : THIN_SPACE);
  return { sign: amountCents < 0 ? MINUS : "", units, mark: language() === "en" ? "." : ",", cents: String(absolute % 100).padStart(2, "0") };
}

/** "12,50"; signed: true writes "+ 12,50" or "− 12,50". */
export function formatAmount(amountCents, { signed = false } = {}) {
  const { sign, units, mark, cents } = amountParts(amountCents);
  const shownSign = signed && amountCents !== 0 ? `${amountCents < 0 ? MINUS : "+"}${THIN_SPACE}` : sign;
  return `${shownSign}${units}${mark}${cents}`;
}

/** Typed text ("12,5", "1 200.00") to cents; null when it is not an amount with at most two decimals. */
export function parseAmount(text) {
  const plain = String(text).replace(/[\s\u00a0\u202f]/g, "").replace(",", ".");
  const match = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(plain);
  return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : null;
}

/** "14 h 32" today, "hier 14 h 32", else "24 nov. 14 h 32"; local time. */
export function formatTime(unixMs, nowUnixMs = Date.now()) {
  const moment = new Date(unixMs);
  const clock = language() === "en"
    ? moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })
    : `${moment.getHours()}${THIN_SPACE}h${THIN_SPACE}${String(moment.getMinutes()).padStart(2, "0")}`;
  const midnight = (value) => new Date(new Date(value).setHours(0, 0, 0, 0)).getTime();
  const days = Math.round((midnight(nowUnixMs) - midnight(unixMs)) / 86_400_000);
  if (days === 0) return t("aujourd’hui {clock}", { clock });
  if (days === 1) return t("hier {clock}", { clock });
  const sameYear = moment.getFullYear() === new Date(nowUnixMs).getFullYear();
  const date = moment.toLocaleDateString(language() === "en" ? "en-GB" : "fr-FR", { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) });
  return `${date} ${clock}`;
}

/** "1 min 42" of seconds left; never negative. */
export function formatCountdown(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  const minutes = Math.trunc(left / 60);
  return minutes ? `${minutes} min ${String(left % 60).padStart(2, "0")}` : `${left} s`;
}
