// The keypad: the amount as it is typed, its label for who wants one, and the button that opens the sale.
import { amount } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";

import { amountCents } from "./amount_entry.js";
import { openLabelSheet } from "./label_sheet.js";
import { noticeLine } from "./parts.js";

export const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "00", "0", "back"];

export function keypad(till) {
  const amountText = element("div");
  const labelText = element("span");
  const labelButton = element(
    "button.label-button",
    { type: "button", id: "sale-label", onclick: () => openLabelSheet(till) },
    icon("pen-line"),
    labelText,
  );
  const amountPlace = element("div.keypad-amount", {}, amountText, labelButton);
  const noticeContainer = element("div.notice-place");
  const word = element("span");
  const charge = element(
    "button.button.large.charge",
    { type: "button", onclick: () => till.charge(), id: "charge" },
    word,
  );
  const screen = element(
    "section.stage.keypad-stage",
    { "aria-label": t("Nouvelle vente") },
    element("h2.visually-hidden", {}, t("Nouvelle vente")),
    amountPlace,
    noticeContainer,
    element(
      "div.keys",
      { role: "group", "aria-label": t("Montant") },
      KEYS.map((key) => keyButton(till, key)),
    ),
    charge,
  );
  function update() {
    const cents = amountCents(till.state.entry);
    amountPlace.classList.toggle("empty", cents === 0);
    amountText.replaceChildren(amount(cents, till.unit(cents)));
    labelText.textContent = till.state.label || t("Ajouter un libellé");
    labelButton.classList.toggle("filled", till.state.label !== "");
    labelButton.setAttribute(
      "aria-label",
      till.state.label ? t("Libellé : {label}. Modifier", { label: till.state.label }) : t("Ajouter un libellé"),
    );
    show(noticeContainer, noticeLine(till));
    word.textContent = cents ? t("Encaisser {amount}", { amount: formatAmount(cents) }) : t("Encaisser");
    amountPlace.classList.toggle("too-large", till.isTooLarge);
    charge.disabled = cents === 0 || till.isTooLarge;
  }
  update();
  return { element: screen, update };
}

function keyButton(till, key) {
  const back = key === "back";
  return element(
    `button.key${back ? ".key-back" : ""}`,
    { type: "button", onclick: () => till.type(key), "aria-label": back ? t("Effacer") : null, "data-key": key },
    back ? icon("delete") : key,
  );
}
