// Forms whose act is confirmed [data-confirmed]: the passkey is asked for this very form, then the form is sent.
import { setCsrfToken } from "#ui/api.js";
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";
import { confirmAct } from "#ui/officer_passkey.js";
import { signInOver } from "./sign_in_over.js";

/** What only carries the confirmation, or the page's token, is no part of the act. */
const NOT_OF_THE_ACT = new Set(["csrf_token", "confirmation"]);

/** Hears `htmx:confirm`, which htmx says before it sends anything. @param {CustomEvent} event */
export function confirmFirst(event) {
  const form = event.detail.elt;
  if (!(form instanceof HTMLFormElement) || form.dataset.confirmed === undefined) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") === "true") return;
  void confirmed(form, event.detail.issueRequest);
}

/** @param {HTMLFormElement} form @param {(isConfirmed: boolean) => void} send */
async function confirmed(form, send) {
  const container = /** @type {HTMLElement} */ (form.querySelector(".problem-place"));
  container.replaceChildren();
  form.setAttribute("aria-busy", "true");
  try {
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("confirmation"));
    field.value = await confirmAct(actOf(form));
    send(true);
    field.value = "";
  } catch (error) {
    if (error.status === 401) return signInOver();
    const sentence =
      error.name === "Problem" ? error.message : t("Rien n’a été fait : la clé d’accès n’a pas confirmé. Réessayez.");
    show(container, element("div.band.bad", { role: "alert" }, icon("triangle-alert"), element("span", {}, sentence)));
  } finally {
    form.removeAttribute("aria-busy");
  }
}

/** @param {HTMLFormElement} form */
function actOf(form) {
  const token = /** @type {HTMLInputElement} */ (form.elements.namedItem("csrf_token"));
  setCsrfToken(token.value);
  const fields = [...new FormData(form)].flatMap(([name, value]) =>
    typeof value === "string" && !NOT_OF_THE_ACT.has(name) ? [/** @type {[string, string]} */ ([name, value])] : [],
  );
  return { method: "POST", path: new URL(form.action).pathname, fields };
}
