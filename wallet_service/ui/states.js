// One state, one colour, one word, everywhere: those of states.json, which Python reads too.
import { element, icon } from "./dom.js";
import { said } from "./i18n.js";
import made from "#states" with { type: "json" };

/** @typedef {{fr: string, en: string, tone: string, icon: string | null}} Shown */
/** @type {Record<string, Record<string, Shown>>} */
const states = made;

/**
 * How a state is shown. One that nobody listed is shown as it is, in the neutral tone: never as paid.
 * @param {string} subject "sale", "refund", "movement" ...
 * @param {string} state
 * @returns {{word: string, tone: string, icon: string | null}} tone is a class of the style sheets
 */
export function stateView(subject, state) {
  const shown = Object.hasOwn(states[subject], state) ? states[subject][state] : null;
  return shown
    ? { word: said(shown.fr, shown.en), tone: shown.tone, icon: shown.icon }
    : { word: state, tone: "neutral", icon: null };
}

/** The pill of a state. @param {string} subject @param {string} state */
export function statePill(subject, state) {
  const { word, tone, icon: iconName } = stateView(subject, state);
  return element(`span.pill.${tone}`, {}, iconName && icon(iconName), word);
}
