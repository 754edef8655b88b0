// The first screen of a tablet: the one-time code made in the merchant's wallet, and a name for this till.
import { h, icon } from "./dom.js";
import { t } from "./text.js";

export function makePairing(till) {
  const code = h("input.field.code-field", { id: "pairing-code", name: "code", autocomplete: "one-time-code", autocapitalize: "characters", spellcheck: "false", maxlength: "24", required: true, "aria-describedby": "code-help problem" });
  const label = h("input.field", { id: "till-label", name: "label", autocomplete: "off", maxlength: "40", required: true, value: t("Caisse {number}", { number: 1 }), "aria-describedby": "label-help" });
  const problemPlace = h("div.notice-place", { id: "problem", role: "alert" });
  const words = h("span", {}, t("Associer cette tablette"));
  const send = h("button.button.main", { type: "submit" }, words);
  async function submit(event) {
    event.preventDefault();
    if (send.disabled) return;
    send.disabled = true;
    words.textContent = t("Association en cours…");
    problemPlace.replaceChildren();
    code.removeAttribute("aria-invalid");
    try {
      await till.pair(code.value, label.value);
    } catch (problem) {
      problemPlace.replaceChildren(h("p.notice.refused", {}, icon("circle-alert"), h("span", {}, problem.detail ?? String(problem))));
      code.setAttribute("aria-invalid", "true");
      code.focus();
      send.disabled = false;
      words.textContent = t("Associer cette tablette");
    }
  }
  const element = h("section.stage.pairing-stage", { "aria-label": t("Associer cette tablette") },
    h("form.pairing-card", { onsubmit: submit, novalidate: true },
      h("div.pairing-words", {},
        h("h2", {}, t("Associer cette tablette")),
        h("p", {}, t("Dans le portefeuille du commerçant, ouvrez « Moi », « Mes caisses », puis « Créer un code d’appairage ».")),
        h("p.reassurance", {}, icon("shield-check"), h("span", {}, t("Cette tablette ne contient pas d’argent : elle peut seulement en recevoir, et demander des remboursements que le commerçant signe.")))),
      h("div.pairing-fields", {},
        h("div.field-group", {}, h("label", { for: "pairing-code" }, t("Code d’association")), code, h("p.help", { id: "code-help" }, t("Il ne sert qu’une fois et expire vite."))),
        h("div.field-group", {}, h("label", { for: "till-label" }, t("Nom de la caisse")), label, h("p.help", { id: "label-help" }, t("Le commerçant le verra dans sa liste."))),
        problemPlace, send)));
  return { element, update() {}, focus: code };
}
