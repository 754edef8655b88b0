// The tablet is turned to the customer: a tip, or none. None comes first, all choices look alike, and nothing is chosen before.
import { amount } from "#ui/components.js";
import { element, icon } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { parseAmount } from "#ui/money.js";

import { button, openSheet, problemContainer, refusal, sheetHead } from "./parts.js";
import { largestTipCents, tipChoices } from "./tip_rules.js";

const TITLE = "tip-title";

export function tipChoice(till) {
  const saleCents = till.state.tipFor;
  const choices = [
    choice(t("Sans pourboire"), t("{amount} à payer", { amount: formatAmount(saleCents) }), () => till.chooseTip(0), 0),
    ...tipChoices(saleCents, till.state.largestSaleCents).map(({ percent, cents }) =>
      choice(
        t("{percent} %", { percent }),
        t("+ {amount}", { amount: formatAmount(cents) }),
        () => till.chooseTip(cents),
        cents,
      ),
    ),
    choice(t("Autre montant"), t("à taper"), () => openOtherTip(till, saleCents), "other"),
  ];
  const screen = element(
    "section.stage.tip-stage",
    { "aria-label": t("Un pourboire ?") },
    element("h2.stage-word", { tabindex: "-1" }, t("Un pourboire ?")),
    element(
      "p.stage-sentence",
      {},
      t("Vous choisissez. Le montant s’affiche encore sur votre téléphone avant de payer."),
    ),
    amount(saleCents, till.unit(saleCents)),
    element("div.tip-choices", { role: "group", "aria-label": t("Pourboire") }, choices),
    button("quiet", t("Retour à la caisse"), () => till.leaveTip(), { iconElement: icon("arrow-left") }),
  );
  return { element: screen, update() {} };
}

/** One size, one look, whatever it comes to. */
function choice(word, detail, onclick, key) {
  return element(
    "button.tip",
    { type: "button", onclick, "data-tip": String(key) },
    element("span.tip-word", {}, word),
    element("span", {}, detail),
  );
}

function openOtherTip(till, saleCents) {
  const largest = largestTipCents(saleCents, till.state.largestSaleCents);
  const input = element("input.input", {
    id: "tip-amount",
    inputmode: "decimal",
    autocomplete: "off",
    maxlength: "12",
    enterkeyhint: "done",
    "aria-describedby": "tip-help tip-problem",
  });
  const help = element("p.hint", { id: "tip-help" }, t("Au plus {amount}.", { amount: till.amountWithUnit(largest) }));
  const alert = problemContainer("tip-problem");
  const word = element("span");
  const keep = element("button.button.large", { type: "submit", id: "keep-tip" }, word);
  const typed = () => parseAmount(input.value);
  function check() {
    const cents = typed();
    const isTooMuch = cents !== null && cents > largest;
    input.toggleAttribute("aria-invalid", isTooMuch);
    alert.replaceChildren(...(isTooMuch ? [refusal(help.textContent ?? "")] : []));
    keep.disabled = cents === null || isTooMuch;
    word.textContent = keep.disabled
      ? t("Ajouter un pourboire")
      : t("Ajouter {amount}", { amount: formatAmount(cents ?? 0) });
  }
  function submit(event) {
    event.preventDefault();
    if (keep.disabled) return;
    dialog.close();
    till.chooseTip(typed());
  }
  input.addEventListener("input", check);
  check();
  const form = element(
    "form.sheet-form",
    { onsubmit: submit, novalidate: true },
    element("label", { for: "tip-amount" }, t("Pourboire")),
    input,
    help,
    alert,
    element("div.sheet-buttons", {}, keep),
  );
  const dialog = openSheet(TITLE, sheetHead(TITLE, t("Autre montant")), form);
  input.focus();
}
