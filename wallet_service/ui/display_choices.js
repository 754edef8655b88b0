// What may be chosen of how pages look on this device, in words: the same on every face. A face lays it out.
import { language, languages, t } from "./i18n.js";
import { choose, chooseLanguage, chosen, UNCHOSEN } from "./theme.js";

/**
 * @typedef {{name: string, legend: string, options: Array<[value: string, word: string]>, chosen: string,
 *   choose: (value: string) => void}} DisplayChoice
 */

/** Languages are said in themselves. @returns {DisplayChoice[]} in the order in which they are shown */
export const displayChoices = () => [
  {
    name: "language",
    legend: t("Langue"),
    options: languages.map(([code, name, share]) => [code, share < 100 ? `${name} (${share} %)` : name]),
    chosen: language(),
    choose: chooseLanguage,
  },
  look("text", t("Taille du texte"), [
    [UNCHOSEN, t("Normale")],
    ["large", t("Grande")],
    ["largest", t("Très grande")],
  ]),
  look("theme", t("Apparence"), [
    [UNCHOSEN, t("Auto")],
    ["light", t("Clair")],
    ["dark", t("Sombre")],
  ]),
  look("contrast", t("Contraste"), [
    [UNCHOSEN, t("Auto")],
    ["less", t("Normal")],
    ["more", t("Renforcé")],
  ]),
];

/**
 * @param {"theme" | "contrast" | "text"} name
 * @param {string} legend
 * @param {Array<[value: string, word: string]>} options
 * @returns {DisplayChoice}
 */
const look = (name, legend, options) => ({
  name,
  legend,
  options,
  chosen: chosen(name),
  choose: (value) => choose(name, value),
});
