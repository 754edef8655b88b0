// How the directory's page says hours, distances and ways of being paid. Pure.
import { language, locale, said, t, tn } from "#ui/i18n.js";

import { MINUTES_OF_A_DAY } from "./finding.js";

/** @typedef {import("#ui/api_types.js").ListingAnswer} Listing */
/** @typedef {import("#ui/api_types.js").TradeAnswer} Trade */

const KM_WITH_METRES = 1;
const KM_WITH_TENTHS = 20;

export const dayNames = () => [
  t("lundi"),
  t("mardi"),
  t("mercredi"),
  t("jeudi"),
  t("vendredi"),
  t("samedi"),
  t("dimanche"),
];

/** Ways of being paid, by the service's word. @returns {Record<string, string>} */
export const wayWords = () => ({ till: t("en caisse"), web: t("en ligne"), invoice: t("sur facture") });

/** Icons of the groups of trades, as faces/shell/listing_words.py has them. @type {Record<string, string>} */
export const GROUP_ICONS = {
  food: "wheat",
  shops: "shopping-basket",
  hospitality: "utensils",
  culture: "book-open",
  crafts: "hammer",
  services: "wrench",
  public: "landmark",
  suppliers: "truck",
};
/* icons: wheat shopping-basket utensils book-open hammer wrench landmark truck */

/** "9 h", "12 h 30"; "9:00" in others. @param {number} minute */
export function clockText(minute) {
  const hour = Math.floor((minute % MINUTES_OF_A_DAY) / 60);
  const rest = String(minute % 60).padStart(2, "0");
  if (language() !== "fr") return `${hour}:${rest}`;
  return rest === "00" ? `${hour}\u00a0h` : `${hour}\u00a0h\u00a0${rest}`;
}

/** "à 400 m", "à 3,2 km", "à 48 km" @param {number} km @param {boolean} isExact of the door, not of the commune */
export function distanceText(km, isExact) {
  if (isExact && km < KM_WITH_METRES) return t("à {distance} m", { distance: Math.max(50, Math.round(km * 20) * 50) });
  const digits = km < KM_WITH_TENTHS && isExact ? 1 : 0;
  const shown = new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(
    Math.max(km, isExact ? 0.1 : 1),
  );
  return isExact ? t("à {distance} km", { distance: shown }) : t("à environ {distance} km", { distance: shown });
}

/** @param {ReturnType<typeof import("./finding.js").openAt>} state @returns {string} empty when no hours are told */
export function openText(state) {
  if (!state) return "";
  if (state.isOpen) return t("Ouvert jusqu’à {clock}", { clock: clockText(state.until) });
  const { day, minute, inDays } = state.opens;
  const clock = clockText(minute);
  if (inDays === 0) return t("Fermé, ouvre à {clock}", { clock });
  if (inDays === 1) return t("Fermé, ouvre demain à {clock}", { clock });
  return t("Fermé, ouvre {day} à {clock}", { day: dayNames()[day], clock });
}

/** "Boulangerie, Restauration" @param {Listing} listing @param {Record<string, Trade>} trades */
export const tradesText = (listing, trades) =>
  listing.trades
    .filter((division) => trades[division])
    .map((division) => said(trades[division].french, trades[division].english))
    .join(", ");

/** @param {number} count */
export const countText = (count) => tn("{count} professionnel", "{count} professionnels", count);

/** "02 61 91 00 06" of a French number; another as it was typed. @param {string} number */
export const phoneText = (number) => (/^0\d{9}$/.test(number) ? (number.match(/\d\d/g) ?? []).join("\u202f") : number);
