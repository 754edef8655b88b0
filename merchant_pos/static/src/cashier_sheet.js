// Another cashier: a name and a PIN. Who is not at the till is chosen already, so that two take turns with one tap and a PIN.
import { segments } from "#ui/components.js";
import { element, icon } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { button, openSheet, problemContainer, sheetHead, showRefusal } from "./parts.js";

const TITLE = "cashier-title";
const PIN = /^\d{4,6}$/;

/** @param {import("./till.js").Till} till */
export function openCashiers(till) {
  const { cashiers } = till;
  let chosenId = (cashiers.list.find(({ id }) => id !== cashiers.currentId) ?? cashiers.list[0])?.id ?? "";
  const input = /** @type {HTMLInputElement} */ (
    element("input.input.pin-input", {
      id: "cashier-pin",
      type: "password",
      inputmode: "numeric",
      autocomplete: "off",
      maxlength: "6",
      enterkeyhint: "done",
      "aria-describedby": "cashier-problem",
    })
  );
  const alert = problemContainer("cashier-problem");
  const enter = element(
    "button.button.large",
    { type: "submit", id: "cashier-enter", disabled: true },
    element("span", {}, t("Prendre la caisse")),
  );
  input.addEventListener("input", () => (enter.disabled = !PIN.test(input.value)));
  /** @param {() => Promise<void>} act */
  async function run(act) {
    enter.disabled = true;
    try {
      await act();
      dialog.close();
    } catch (problem) {
      showRefusal(alert, /** @type {Error} */ (problem));
      input.value = "";
      input.focus();
    }
  }
  /** @param {SubmitEvent} event */
  function submit(event) {
    event.preventDefault();
    if (PIN.test(input.value)) void run(() => cashiers.enter(chosenId, input.value));
  }
  /** @type {[id: string, name: string][]} */
  const names = cashiers.list.map(({ id, name }) => [id, name]);
  const leave = button("secondary", t("Plus personne"), () => run(() => cashiers.leave()), {
    iconElement: icon("log-out"),
  });
  const dialog = openSheet(
    TITLE,
    sheetHead(TITLE, t("Qui est à la caisse ?")),
    element(
      "form.sheet-form",
      { onsubmit: submit, novalidate: true },
      element(
        "fieldset.setting.cashier-names",
        {},
        element("legend", {}, t("Caissier")),
        segments("cashier", names, chosenId, (id) => {
          chosenId = id;
          input.focus();
        }),
      ),
      element("label", { for: "cashier-pin" }, t("Code, 4 à 6 chiffres")),
      input,
      alert,
      element("div.sheet-buttons", {}, enter, cashiers.current && leave),
    ),
  );
  input.focus();
}
