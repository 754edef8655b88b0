/** The declaration of an identity: a person's, or a professional's with its trade. Checks forms, judges nothing. */
import { element } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { field, runBusy } from "./components.js";

/** @type {Array<[name: string, label: () => string, attributes: Record<string, string>]>} */
const PERSON_FIELDS = [
  ["given_name", () => t("Prénom"), { autocomplete: "given-name", maxlength: "80" }],
  ["family_name", () => t("Nom"), { autocomplete: "family-name", maxlength: "80" }],
  ["birth_date", () => t("Date de naissance"), { type: "date", autocomplete: "bday" }],
  ["address", () => t("Adresse"), { autocomplete: "street-address", maxlength: "200" }],
  [
    "postal_code",
    () => t("Code postal"),
    { autocomplete: "postal-code", inputmode: "numeric", maxlength: "5", pattern: "\\d{5}" },
  ],
  ["city", () => t("Commune"), { autocomplete: "address-level2", maxlength: "80" }],
];

export function declarationForm(app, file, onSent) {
  const declared = file.declaration ?? {};
  const fields = PERSON_FIELDS.map(([name, label, attributes]) => {
    const made = field(name, label(), element("input.input", { required: true, ...attributes }));
    made.control.value = declared[name] ?? "";
    return made;
  });
  const alert = element("div", { role: "alert" });
  const button = element(
    "button.button.wide",
    { type: "submit" },
    file.state === "draft" ? t("Corriger ma déclaration") : t("Déclarer mon identité"),
  );
  const submit = (event) => {
    event.preventDefault();
    const wrong = fields.filter((one) => !check(one));
    if (wrong.length > 0) return wrong[0].control.focus();
    const declaration = Object.fromEntries(fields.map(({ control }) => [control.name, control.value.trim()]));
    return runBusy(button, alert, async () => {
      try {
        await app.service.post("/v1/me/identity", declaration);
      } catch (error) {
        return showAtField(fields, error);
      }
      return onSent();
    });
  };
  return element(
    "form.stack",
    { onsubmit: submit, novalidate: true },
    fields.map((one) => one.box),
    alert,
    button,
  );
}

/** A refusal of one answer is said under it. @param {any[]} fields @param {any} error */
function showAtField(fields, error) {
  const name = error.code === "identity.birth_date" ? "birth_date" : error.values?.field;
  const found = fields.find(({ control }) => control.name === name);
  if (!found) throw error;
  found.setError(name === "birth_date" ? error.message : t("À vérifier."));
  found.control.focus();
}

function check({ control, setError }) {
  const isEmpty = control.required && control.value.trim() === "";
  const wrong = control.name === "postal_code" ? t("Cinq chiffres.") : t("À vérifier.");
  const sentence = isEmpty ? t("À remplir.") : control.validity.valid ? null : wrong;
  setError(sentence);
  return sentence === null;
}
