// The session ended while an officer was writing: they sign in over the page, what they wrote stays, and the act is
// confirmed again by them. Nothing is sent a second time by itself.
import { startAuthentication } from "@simplewebauthn/browser";

import { post, Problem, setCsrfToken } from "#ui/api.js";
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

const UNAUTHENTICATED = 401;
/* icons: fingerprint-pattern triangle-alert circle-check */

/** Whether somebody would lose words by leaving this page. @param {Document} page */
export const isWriting = (page) =>
  [...page.querySelectorAll("dialog[open], main")].some((place) =>
    [...place.querySelectorAll("input:not([type=hidden]), textarea")].some((field) =>
      field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement
        ? field.value !== field.defaultValue
        : false,
    ),
  );

/** Before htmx follows the answer's way to the sign-in page. @param {CustomEvent} event `htmx:beforeOnLoad` */
export function keepThePage(event) {
  if (event.detail.xhr.status !== UNAUTHENTICATED) return;
  event.preventDefault();
  signInOver();
}

/** One at a time, on top of whatever dialog is open. */
export function signInOver() {
  if (document.querySelector("#sign-in-over")) return;
  const alert = element("div", { role: "alert" });
  const dialog = element("dialog", { id: "sign-in-over", "aria-labelledby": "sign-in-over-title" });
  const tried = (/** @type {() => Promise<void>} */ way) => async (/** @type {Event} */ event) => {
    event.preventDefault();
    show(alert);
    try {
      await way();
      await takeUp(dialog);
    } catch (error) {
      const sentence =
        error instanceof Problem ? error.message : t("La clé d’accès n’a pas été utilisée. Rien n’a changé.");
      show(alert, element("p.band.bad", {}, icon("triangle-alert"), element("span", {}, sentence)));
    }
  };
  const input = element("input.input.code", {
    id: "sign-in-over-code",
    maxlength: "40",
    required: true,
    autocomplete: "one-time-code",
    autocapitalize: "characters",
    spellcheck: "false",
  });
  show(
    dialog,
    element(
      "div.card",
      {},
      element("h2", { id: "sign-in-over-title" }, t("Votre session est terminée")),
      element(
        "p",
        {},
        t("Rien n’a été fait. Ce que vous avez écrit est toujours là : reconnectez-vous, puis confirmez de nouveau."),
      ),
      alert,
      element(
        "button.button.wide",
        { type: "button", onclick: tried(withPasskey) },
        icon("fingerprint-pattern"),
        t("Utiliser ma clé d’accès"),
      ),
      element(
        "form.stack",
        { onsubmit: tried(() => withCode(input.value)) },
        element("div.field", {}, element("label", { for: "sign-in-over-code" }, t("Code à usage unique")), input),
        element("button.button.secondary.wide", { type: "submit" }, t("Entrer")),
      ),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

async function withPasskey() {
  const options = await post("/sign-in/passkey/options");
  const credential = await startAuthentication({ optionsJSON: options });
  await post("/sign-in/passkey/verify", { credential });
}

/** @param {string} code */
async function withCode(code) {
  const answer = await fetch("/sign-in/code", {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams({ code }),
    credentials: "same-origin",
  });
  const { pathname } = new URL(answer.url);
  if (answer.ok && pathname === "/passkey") location.assign(pathname); // such a code only registers a passkey
  if (answer.ok) return;
  throw new Problem(await answer.json());
}

/** The page's forms go on in the new session; another officer's page is another page. @param {HTMLDialogElement} dialog */
async function takeUp(dialog) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const nameOf = (/** @type {Document} */ page) => page.querySelector("[data-officer]")?.getAttribute("data-officer");
  const token = fresh.querySelector("input[name=csrf_token]")?.getAttribute("value");
  if (!token || nameOf(fresh) !== nameOf(document)) return location.reload();
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.setAttribute("value", token);
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRF-Token": token }));
  setCsrfToken(token);
  dialog.close();
  const place = document.querySelector("dialog[open] .problem-place") ?? document.querySelector("#problem");
  if (place)
    show(
      place,
      element(
        "p.band",
        { role: "status" },
        icon("circle-check"),
        element("span", {}, t("Vous êtes de nouveau là. Rien n’a été fait encore : confirmez.")),
      ),
    );
  const button = document.querySelector("dialog[open] button[type=submit]");
  if (button instanceof HTMLElement) button.focus();
  return undefined;
}
