// The first screen of a tablet: the one-time code made in the merchant's wallet, and a name for this till.
import { element, icon } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { problemContainer, showRefusal } from "./parts.js";

export function makePairing(till) {
  const code = element("input.input.code-input", {
    id: "pairing-code",
    name: "code",
    autocomplete: "one-time-code",
    autocapitalize: "characters",
    spellcheck: "false",
    maxlength: "24",
    required: true,
    "aria-describedby": "code-help problem",
  });
  const label = element("input.input", {
    id: "till-label",
    name: "label",
    autocomplete: "off",
    maxlength: "60",
    placeholder: t("Celui donné dans le portefeuille"),
    "aria-describedby": "label-help",
  });
  const alert = problemContainer("problem");
  const words = element("span", {}, t("Associer cette tablette"));
  const send = element("button.button.large", { type: "submit" }, words);
  async function submit(event) {
    event.preventDefault();
    if (send.disabled) return;
    send.disabled = true;
    words.textContent = t("Association en cours…");
    alert.replaceChildren();
    code.removeAttribute("aria-invalid");
    try {
      await till.pair(code.value, label.value.trim());
    } catch (problem) {
      showRefusal(alert, problem);
      code.setAttribute("aria-invalid", "true");
      code.focus();
      send.disabled = false;
      words.textContent = t("Associer cette tablette");
    }
  }
  const fields = element(
    "div.pairing-fields",
    {},
    labelled(t("Code d’association"), code, "code-help", t("Il ne sert qu’une fois et expire vite.")),
    labelled(
      t("Nom de la caisse (facultatif)"),
      label,
      "label-help",
      t("Vide : le nom choisi en créant le code. Le commerçant le voit dans sa liste."),
    ),
    alert,
    send,
  );
  const screen = element(
    "section.stage.pairing-stage",
    { "aria-label": t("Associer cette tablette") },
    element("form.pairing-card", { onsubmit: submit, novalidate: true }, pairingWords(), fields),
  );
  return { element: screen, update() {}, focus: code };
}

function labelled(text, input, helpId, help) {
  return element(
    "div.field",
    {},
    element("label", { for: input.id }, text),
    input,
    element("p.hint", { id: helpId }, help),
  );
}

/** Where the code comes from, and what a tablet can do. */
function pairingWords() {
  const where = t(
    "Dans le portefeuille du commerçant, ouvrez « Moi », « Mes caisses », puis « Créer un code d’appairage ».",
  );
  const limits = t(
    "Cette tablette ne contient pas d’argent : elle peut seulement en recevoir, et demander des remboursements que le commerçant signe.",
  );
  return element(
    "div.pairing-words",
    {},
    element("h2", {}, t("Associer cette tablette")),
    element("p", {}, where),
    element("p.reassurance", {}, icon("shield-check"), element("span", {}, limits)),
  );
}
