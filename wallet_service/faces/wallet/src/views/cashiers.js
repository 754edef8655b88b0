/** Who sells at a professional's tills: names and PINs, given here, chosen on the tablet. A shop may name nobody. */
import { element, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { notice } from "#ui/components.js";
import { field, runBusy, UserFacingError } from "../components.js";

const PIN = /^\d{4,6}$/;

/** The card of the page of tills; it reads and draws itself. */
export function cashiersCard(app) {
  const list = element("div.stack");
  const read = async () => {
    try {
      showCashiers(app, list, await app.service.get("/v1/me/cashiers"), read);
    } catch (error) {
      show(list, notice("bad", "triangle-alert", error.message));
    }
  };
  read();
  return element(
    "section.card.stack",
    { "aria-label": t("Caissiers") },
    element("h2", {}, t("Caissiers")),
    element(
      "p.soft",
      {},
      t(
        "Si vous le voulez : chaque vente dit alors qui était à la caisse. Un prénom ou un pseudonyme suffit ; dites-le aux personnes concernées.",
      ),
    ),
    list,
    addForm(app, read),
  );
}
/* icons: triangle-alert */

function showCashiers(app, list, cashiers, read) {
  if (cashiers.length === 0) return show(list);
  return show(
    list,
    element(
      "ul.list",
      {},
      cashiers.map((cashier) => cashierRow(app, cashier, read)),
    ),
  );
}

function cashierRow(app, cashier, read) {
  const { name } = cashier;
  const path = `/v1/me/cashiers/${cashier.id}`;
  const alert = element("div", { role: "alert" });
  const below = element("div.stack");
  const small = (kind, word, label) =>
    element(`button.button.${kind}.small`, { type: "button", "aria-label": label }, word);
  const change = small("quiet", t("Autre code"), t("Autre code pour {name}", { name }));
  const remove = small("danger", t("Retirer"), t("Retirer {name}", { name }));
  change.addEventListener("click", () => show(below, pinForm(app, `${path}/pin`, below)));
  let isSure = false;
  remove.addEventListener("click", () => {
    if (!isSure) {
      isSure = true;
      remove.textContent = t("Confirmer");
      remove.setAttribute("aria-label", t("Confirmer : retirer {name}", { name }));
      remove.classList.add("filled");
      show(below, element("p.soft.small", { role: "status" }, t("Ce nom disparaît aussi des ventes déjà faites.")));
      return undefined;
    }
    return runBusy(remove, alert, async () => {
      await app.service.remove(path);
      await read();
    });
  });
  return element(
    "li.cashier",
    {},
    element("span.grow", {}, element("span.row-title", {}, name)),
    change,
    remove,
    element("div.cashier-below", {}, alert, below),
  );
}

const pinInput = () =>
  element("input.input", { type: "password", inputmode: "numeric", autocomplete: "off", maxlength: "6" });

/** The digits, or what is wrong with them. */
function checkedPin(input) {
  if (!PIN.test(input.value)) throw new UserFacingError(t("Le code a 4 à 6 chiffres."));
  return input.value;
}

function pinForm(app, path, place) {
  const input = pinInput();
  const pin = field("new-pin", t("Nouveau code"), input, { hint: t("4 à 6 chiffres.") });
  const alert = element("div", { role: "alert" });
  const button = element("button.button.small", { type: "submit" }, t("Changer le code"));
  const submit = (event) => {
    event.preventDefault();
    runBusy(button, alert, async () => {
      await app.service.post(path, { pin: checkedPin(input) });
      show(place, element("p.soft.small", { role: "status" }, t("Le code est changé.")));
    });
  };
  return element("form.stack", { onsubmit: submit, novalidate: true }, pin.box, alert, button);
}

function addForm(app, read) {
  const nameInput = element("input.input", { autocomplete: "off", placeholder: t("Camille") });
  const input = pinInput();
  const name = field("cashier-name", t("Nom ou pseudonyme"), nameInput);
  const pin = field("cashier-pin", t("Code"), input, { hint: t("4 à 6 chiffres, à taper sur la tablette.") });
  const alert = element("div", { role: "alert" });
  const button = element("button.button.secondary.wide", { type: "submit" }, t("Ajouter un caissier"));
  const submit = (event) => {
    event.preventDefault();
    runBusy(button, alert, async () => {
      await app.service.post("/v1/me/cashiers", { name: nameInput.value.trim(), pin: checkedPin(input) });
      nameInput.value = "";
      input.value = "";
      await read();
    });
  };
  return element("form.stack", { onsubmit: submit, novalidate: true }, name.box, pin.box, alert, button);
}
