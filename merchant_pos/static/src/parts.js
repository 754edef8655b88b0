// Small pieces of the till's screens: buttons, sheets over the stage, a sentence about a refusal.
import { notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";

/**
 * @param {string} kind classes of the style sheet: "large", "secondary", "quiet", "danger"
 * @param {string} text
 * @param {() => void} onclick
 * @param {{iconElement?: Element | null, [attribute: string]: any}} [options]
 */
export function button(kind, text, onclick, { iconElement = null, ...attributes } = {}) {
  const className = kind ? `.${kind}` : "";
  return element(
    `button.button${className}`,
    { type: "button", onclick, ...attributes },
    iconElement,
    element("span", {}, text),
  );
}

/** A sheet over the stage; it leaves the page when it is closed. @param {string} titleId @param {...any} children @returns {HTMLDialogElement} */
export function openSheet(titleId, ...children) {
  const dialog = /** @type {HTMLDialogElement} */ (
    element("dialog.sheet", { "aria-labelledby": titleId }, ...children)
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * The title of a sheet, what stands beside it, and the button that closes the sheet it is in.
 * @param {string} titleId
 * @param {string} title
 * @param {...any} beside
 */
export function sheetHead(titleId, title, ...beside) {
  /** @param {any} event */
  const close = ({ currentTarget }) => currentTarget.closest("dialog").close();
  return element(
    "header.sheet-head",
    {},
    element("h2", { id: titleId }, title),
    ...beside,
    element("button.icon-button", { type: "button", "aria-label": t("Fermer"), onclick: close }, icon("x")),
  );
}

/** An SVG as the address of a picture: data, so that no script in it could run. @param {string} svg */
export const svgSource = (svg) =>
  `data:image/svg+xml;base64,${btoa(String.fromCharCode(...new TextEncoder().encode(svg)))}`;

/** The container a form's refusal is shown in. @param {string | null} id */
export const problemContainer = (id = null) => element("div.notice-place", { id, role: "alert" });

/** @param {Element} container @param {Error} problem */
export const showRefusal = (container, problem) => show(container, refusal(problem.message));

/** @param {string} sentence */
export const refusal = (sentence) => notice("bad", "circle-alert", sentence);

/** Facts by name; those without a value are left out. @param {any[]} rows [name, value], or nothing */
export function factList(rows) {
  const shown = rows.filter((row) => row && row[1]);
  return element(
    "dl.figures",
    {},
    shown.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
  );
}

/** What the till has to say at this moment, if anything. @param {{state: {notice: {tone: string, text: string} | null}}} till */
export function noticeLine({ state: { notice: current } }) {
  if (!current) return null;
  return current.tone === "bad" ? refusal(current.text) : notice("", "info", current.text);
}
/* icons: info circle-alert */

/** @param {number} cents of an amount, that are a tip */
export const tipWords = (cents) => t("dont pourboire {amount}", { amount: formatAmount(cents) });
