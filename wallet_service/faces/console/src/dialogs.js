// Opens and closes the native dialogs that dangerous acts go through.
import { nearest } from "#ui/dom.js";

/**
 * Buttons: data-opens="id", data-closes; data-fill="field=value" and data-say="who" fill the dialog first.
 * @param {Document} root
 */
export function startDialogs(root) {
  root.addEventListener("click", (event) => {
    const opener = nearest(event, "[data-opens]");
    if (opener) return open(opener);
    const closer = nearest(event, "[data-closes]");
    if (closer) return closer.closest("dialog")?.close();
    if (event.target instanceof HTMLDialogElement) event.target.close(); // a click beside the card
    return undefined;
  });
  // The browser's own sentence is in the browser's language, not in the page's.
  root.addEventListener("input", ({ target }) => sayTooShort(target));
  root.addEventListener("invalid", ({ target }) => sayTooShort(target), true);
}

/** @param {EventTarget | null} field */
function sayTooShort(field) {
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) || !field.dataset.tooShort) return;
  const isShort = field.value.trim().length < field.minLength;
  field.setCustomValidity(isShort ? field.dataset.tooShort : "");
}

/** @param {HTMLElement} opener */
function open(opener) {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById(opener.dataset.opens ?? ""));
  if (!dialog) return;
  const [name, value] = (opener.dataset.fill ?? "").split("=");
  /** @param {string} selector @returns {any} */
  const field = (selector) => dialog.querySelector(selector);
  if (name) field(`[name="${CSS.escape(name)}"]`).value = value;
  const target = dialog.querySelector("[data-said]");
  if (target) target.textContent = opener.dataset.say ?? "";
  dialog.querySelectorAll(".problem-place").forEach((container) => container.replaceChildren());
  dialog.showModal();
  field("textarea, input:not([type=hidden])")?.focus();
}
