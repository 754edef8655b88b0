// Opens and closes the native dialogs that dangerous acts go through.

/** Buttons: data-opens="id", data-closes; data-fill="field=value" and data-say="who" fill the dialog first. */
export function startDialogs(root) {
  root.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) return open(opener);
    const closer = event.target.closest("[data-closes]");
    if (closer) return closer.closest("dialog")?.close();
    if (event.target instanceof HTMLDialogElement) event.target.close(); // a click beside the card
    return undefined;
  });
  // The browser's own sentence is in the browser's language, not in the page's.
  root.addEventListener("input", ({ target }) => sayTooShort(target));
  root.addEventListener("invalid", ({ target }) => sayTooShort(target), true);
}

function sayTooShort(field) {
  if (!field.dataset?.tooShort) return;
  const isShort = field.value.trim().length < field.minLength;
  field.setCustomValidity(isShort ? field.dataset.tooShort : "");
}

function open(opener) {
  const dialog = document.getElementById(opener.dataset.opens);
  if (!dialog) return;
  const [name, value] = (opener.dataset.fill ?? "").split("=");
  if (name) dialog.querySelector(`[name="${CSS.escape(name)}"]`).value = value;
  const said = dialog.querySelector("[data-said]");
  if (said) said.textContent = opener.dataset.say ?? "";
  dialog.querySelectorAll(".problem-place").forEach((place) => place.replaceChildren());
  dialog.showModal();
  dialog.querySelector("textarea, input:not([type=hidden])")?.focus();
}
