// Pieces several faces share: amounts, the mark, sentences that matter, choices. Knows no address of a service.
import { drawing, element, icon } from "./dom.js";
import { amountParts, formatAmount } from "./i18n.js";

/**
 * An amount with small cents and its unit; spoken whole.
 * @param {number} cents
 * @param {string} unit
 * @param {string} size huge | big | ""
 */
export function amount(cents, unit = "", size = "") {
  const parts = amountParts(cents);
  return element(
    `span.amount${size ? `.${size}` : ""}`,
    {},
    element(
      "span",
      { "aria-hidden": "true" },
      parts.sign,
      parts.units,
      element("span.cents", {}, parts.mark, parts.cents),
    ),
    unit && element("span.unit", { "aria-hidden": "true" }, " ", unit),
    element("span.visually-hidden", {}, `${formatAmount(cents)}${unit ? ` ${unit}` : ""}`),
  );
}

/** The mark: two chalk arches. */
export function mark() {
  return drawing(
    "svg",
    { viewBox: "0 0 64 64", class: "sign", "aria-hidden": "true" },
    drawing("rect", { class: "tile", width: 64, height: 64, rx: 15 }),
    drawing("path", { class: "arches", d: "M10 45c4-15 8-24 15-24 5 0 8 4 10 9 2-3 4-5 7-5 6 0 9 9 12 20z" }),
  );
}

/**
 * A sentence that matters.
 * @param {string} kind "" (calm), wait, bad or good
 * @param {string} iconName
 * @param {...any} children
 */
export function notice(kind, iconName, ...children) {
  return element(`div.notice-line${kind ? `.${kind}` : ""}`, {}, icon(iconName), element("div.grow", {}, ...children));
}

/**
 * One of a few, side by side.
 * @param {string} name of the radio buttons
 * @param {Array<[value: string, word: string]>} options a language is said in itself
 * @param {string} chosen
 * @param {(value: string) => void} onChoose
 */
export function segments(name, options, chosen, onChoose) {
  /** @param {[value: string, word: string]} option */
  const segment = ([value, word]) =>
    element(
      "label.segment",
      {},
      element("input", { type: "radio", name, value, checked: value === chosen, onchange: () => onChoose(value) }),
      element("span", { lang: name === "language" ? value : null }, word),
    );
  return element("div.segments", {}, options.map(segment));
}

/** Browsers let a page vibrate only after a touch, and call it an error before. @param {number | number[]} pattern in ms */
export function vibrate(pattern) {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(pattern);
}
