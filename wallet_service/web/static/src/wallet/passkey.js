/** Register a passkey for the signed-in member. The browser asks for the finger, the face or the code; we see only the result. */
import { startRegistration } from "@simplewebauthn/browser";

import { element, icon } from "#shared/dom.js";

import { runBusy, Told } from "./components.js";
import { t } from "./words.js";

/** The button that adds one, and the place of its refusal. @param {() => void} onAdded after the member was read again */
export function addPasskey(app, onAdded) {
  const alert = element("div", { role: "alert" });
  const button = element("button.button.secondary.wide", { type: "button" }, icon("fingerprint-pattern"), t("Ajouter une clé d’accès"));
  button.addEventListener("click", () => runBusy(button, alert, async () => {
    await registerPasskey(app);
    await app.refresh();
    onAdded();
  }));
  return [button, alert];
}

async function registerPasskey(app) {
  const options = await app.service.post("/v1/passkeys/options");
  let credential;
  try {
    credential = await startRegistration({ optionsJSON: options });
  } catch (error) {
    const isKnown = error.name === "InvalidStateError";
    throw new Told(isKnown ? t("Cette clé d’accès est déjà enregistrée.") : t("La clé d’accès n’a pas été créée. Rien n’a changé."), { cause: error });
  }
  await app.service.post("/v1/passkeys/verify", { credential });
}
