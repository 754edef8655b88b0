// Wires the buttons [data-passkey] of the console's sign-in and enrolment pages. Console's main.js calls installPasskeys().
import { startAuthentication, startRegistration } from "@simplewebauthn/browser";

import { post, setCsrfToken } from "#shared/api.js";
import { element, icon, show } from "#shared/dom.js";
import { t } from "#shared/i18n.js";

const CEREMONIES = {
  "sign-in": { path: "/sign-in/passkey", run: startAuthentication, failed: () => t("La clé d’accès n’a pas été utilisée. Rien n’a changé.") },
  register: { path: "/passkey", run: startRegistration, failed: () => t("La clé d’accès n’a pas été créée. Rien n’a changé.") },
};

export function installPasskeys(root = document) {
  for (const button of root.querySelectorAll("[data-passkey]")) button.addEventListener("click", () => perform(button));
}

async function perform(button) {
  const { path, run, failed } = CEREMONIES[button.dataset.passkey];
  if (button.dataset.csrf) setCsrfToken(button.dataset.csrf);
  button.setAttribute("aria-busy", "true");
  try {
    const options = await post(`${path}/options`);
    const credential = await run({ optionsJSON: options });
    const { next } = await post(`${path}/verify`, { credential });
    location.assign(next);
  } catch (error) {
    const sentence = error.name === "Problem" ? error.message : failed();
    const place = document.getElementById("problem");
    if (place) show(place, element("div.band.bad", { role: "alert" }, icon("triangle-alert"), sentence));
  } finally {
    button.removeAttribute("aria-busy");
  }
}
