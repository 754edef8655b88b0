// A few words for the sale that is being typed: the payer reads them, and they find the sale again. An ordinary sale has none.
import { element } from "#ui/dom.js";
import { t, tn } from "#ui/i18n.js";

import { button, openSheet, problemContainer, sheetHead, refusal } from "./parts.js";

const TITLE = "label-title";
/** The service's own bound; a test compares them. */
export const MAX_LABEL_CHARACTERS = 80;

/** One line, as it will be read. @param {string} text */
export const oneLine = (text) => text.normalize("NFC").replace(/\s+/g, " ").trim();

/** Characters too many, as people count them. @param {string} text */
export const tooMany = (text) => Math.max(0, [...oneLine(text)].length - MAX_LABEL_CHARACTERS);

export function openLabelSheet(till) {
  const input = element("input.input", {
    id: "label-words",
    autocomplete: "off",
    enterkeyhint: "done",
    placeholder: t("Table 4, deux menus"),
    "aria-describedby": "label-help label-problem",
    value: till.state.label,
  });
  const help = element("p.hint", { id: "label-help" }, t("Le client le lit avant de payer. Pas de nom de personne."));
  const alert = problemContainer("label-problem");
  const keep = element("button.button.large", { type: "submit", id: "keep-label" }, element("span", {}, t("Valider")));
  /** Too long is said while it is typed, with by how much: nothing is cut. */
  function check() {
    const over = tooMany(input.value);
    input.toggleAttribute("aria-invalid", over > 0);
    keep.disabled = over > 0;
    const words = tn("{count} caractère de trop : raccourcissez.", "{count} caractères de trop : raccourcissez.", over);
    alert.replaceChildren(...(over > 0 ? [refusal(words)] : []));
  }
  function submit(event) {
    event.preventDefault();
    if (tooMany(input.value) > 0) return;
    till.setLabel(oneLine(input.value));
    dialog.close();
  }
  input.addEventListener("input", check);
  const remove = button("secondary", t("Sans libellé"), () => {
    till.setLabel("");
    dialog.close();
  });
  const form = element(
    "form.sheet-form",
    { onsubmit: submit, novalidate: true },
    element("label", { for: "label-words" }, t("Libellé de la vente")),
    input,
    help,
    alert,
    element("div.sheet-buttons", {}, till.state.label && remove, keep),
  );
  const dialog = openSheet(TITLE, sheetHead(TITLE, t("Libellé")), form);
  input.focus();
}
