// Officers' passkeys: the buttons [data-passkey] of the sign-in and enrolment pages, and confirming an act.
import { startAuthentication, startRegistration } from "@simplewebauthn/browser";

import { post, setCsrfToken } from "#ui/api.js";
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

/** @type {Record<string, {path: string, run: (options: {optionsJSON: any}) => Promise<unknown>, failed: () => string}>} */
const CEREMONIES = {
  "sign-in": {
    path: "/sign-in/passkey",
    run: startAuthentication,
    failed: () => t("La clé d’accès n’a pas été utilisée. Rien n’a changé."),
  },
  register: {
    path: "/passkey",
    run: startRegistration,
    failed: () => t("La clé d’accès n’a pas été créée. Rien n’a changé."),
  },
};

export function installPasskeys(root = document) {
  /** @type {NodeListOf<HTMLElement>} */
  const buttons = root.querySelectorAll("[data-passkey]");
  for (const button of buttons) button.addEventListener("click", () => perform(button));
}

/** @param {HTMLElement} button */
async function perform(button) {
  const { path, run, failed } = CEREMONIES[button.dataset.passkey ?? ""];
  if (button.dataset.csrf) setCsrfToken(button.dataset.csrf);
  button.setAttribute("aria-busy", "true");
  try {
    const more = button.dataset.confirmed === undefined ? {} : await confirmation(`${path}/options`);
    const options = await post(`${path}/options`, {}, { more });
    const credential = await run({ optionsJSON: options });
    const { next } = await post(`${path}/verify`, { credential });
    location.assign(next);
  } catch (error) {
    const sentence = error.name === "Problem" ? error.message : failed();
    const container = document.getElementById("problem");
    if (container) show(container, element("div.band.bad", { role: "alert" }, icon("triangle-alert"), sentence));
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/**
 * Shows the passkey for one act, said in full: what the service then lets through is this act and no other.
 * @param {{method: string, path: string, fields: Array<[string, string]>}} act
 * @returns {Promise<string>} goes with the act
 */
export async function confirmAct(act) {
  const options = await post("/confirmations/options", act);
  const credential = await startAuthentication({ optionsJSON: options });
  const { confirmation: ticket } = await post("/confirmations/verify", { credential });
  return ticket;
}

/** @param {string} path of an act without a form @returns {Promise<Record<string, string>>} headers */
async function confirmation(path) {
  return { "X-Confirmation": await confirmAct({ method: "POST", path, fields: [] }) };
}
