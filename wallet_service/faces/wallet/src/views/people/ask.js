/** Ask for money: how much, of whom, each the same or a bill split. Nobody is asked before the button. */
import { notice, segments } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t, tn } from "#ui/i18n.js";
import { newReference } from "#ui/references.js";

import { field, innerHeader, runBusy, skeletonList } from "../../components.js";
import { personParts, whomToAsk } from "../../people.js";
import { askedAmounts } from "../../shares.js";
import { amountAndMessage, isNameless } from "./send.js";
/* icons: link minus plus triangle-alert at-sign */

const MAX_LINKS = 20;

export function askScreen(app) {
  const container = element("div.stack", {}, element("section.card.movements", {}, skeletonList(3)));
  app.service
    .get("/v1/me/contacts")
    .then((book) => showForm(app, container, whomToAsk(book, app.me?.tier)))
    .catch((error) => show(container, notice("bad", "triangle-alert", error.message)));
  return {
    title: t("Demander"),
    body: element("div.narrow.stack", {}, innerHeader(app, t("Demander")), container),
  };
}

function showForm(app, container, people) {
  /** @type {{chosen: Map<string, any>, links: number, isSplit: boolean, isMeIn: boolean}} */
  const wish = { chosen: new Map(), links: people.length === 0 ? 1 : 0, isSplit: false, isMeIn: false };
  const alert = element("div", { role: "alert" });
  const sum = element("p.soft.center", { role: "status" });
  const button = element("button.button.large.wide", { type: "submit" }, t("Demander"));
  const split = element("div.stack", { hidden: true });
  const address = isNameless(app.me) ? null : addressField();
  const addresses = () => (address?.value() ? 1 : 0);
  const count = () => wish.chosen.size + wish.links + addresses();
  const amounts = () =>
    askedAmounts({ cents: form.cents() ?? 0, people: count(), isSplit: wish.isSplit, isMeIn: wish.isMeIn });
  const draw = () => {
    const shares = form.cents() ? amounts() : [];
    const total = shares.reduce((all, one) => all + one, 0);
    split.hidden = count() < 1;
    sum.textContent = sentenceOf(shares);
    show(button, total > 0 ? t("Demander {amount}", { amount: formatAmount(total) }) : t("Demander"));
  };
  const form = amountAndMessage(app, draw);
  const redrawSplit = () => {
    show(split, ...splitPart(wish, draw));
    draw();
  };
  const submit = (event) => {
    event.preventDefault();
    if (!form.cents() || amounts().some((cents) => cents <= 0)) return form.refuse();
    if (count() === 0)
      return show(alert, notice("bad", "triangle-alert", t("Rien n’a été demandé : dites à qui, ou faites un lien.")));
    return runBusy(button, alert, () => make(app, wish, amounts(), address?.value(), form.message()));
  };
  address?.input.addEventListener("input", draw);
  show(
    container,
    element(
      "form.stack",
      { onsubmit: submit, novalidate: true },
      form.boxes,
      element("h2", {}, t("À qui ?")),
      people.length > 0 && peoplePart(app, people, wish, draw),
      linksPart(wish, draw),
      address?.box,
      split,
      alert,
      sum,
      element("div.bottom.stack", {}, button),
    ),
  );
  redrawSplit();
}

function sentenceOf(shares) {
  if (shares.length === 0) return "";
  const [first] = shares;
  const last = shares[shares.length - 1];
  if (first === last)
    return tn("{count} personne, {amount}", "{count} personnes, {amount} chacune", shares.length, {
      amount: formatAmount(first),
    });
  return t("{count} parts de {least} à {most}", {
    count: shares.length,
    least: formatAmount(last),
    most: formatAmount(first),
  });
}

function peoplePart(app, people, wish, draw) {
  const row = (one) => {
    const box = element("input", { type: "checkbox" });
    box.addEventListener("change", () => {
      if (box.checked) wish.chosen.set(one.key, one.person);
      else wish.chosen.delete(one.key);
      draw();
    });
    return element("li", {}, element("label.row-link.pick", {}, box, ...personParts(app, one)));
  };
  return element("div.card.movements", {}, element("ul.list", {}, people.map(row)));
}

/** A link that so many people may each pay a share of. */
function linksPart(wish, draw) {
  const shown = element("output.stepper-count", {}, String(wish.links));
  const step = (by, iconName, label) => {
    const button = element("button.icon-button", { type: "button" }, icon(iconName, label));
    button.addEventListener("click", () => {
      wish.links = Math.min(Math.max(wish.links + by, 0), MAX_LINKS);
      shown.textContent = String(wish.links);
      draw();
    });
    return button;
  };
  return element(
    "div.card.row.stepper",
    { role: "group", "aria-label": t("Par lien") },
    element("span.icon-tile.brand", {}, icon("link")),
    element(
      "span.grow",
      {},
      element("span.row-title", {}, t("Par lien")),
      element("span.row-detail", {}, t("Combien de personnes ?")),
    ),
    element(
      "span.row.steps",
      {},
      step(-1, "minus", t("Une personne de moins")),
      shown,
      step(1, "plus", t("Une personne de plus")),
    ),
  );
}

function addressField() {
  const input = element("input.input", {
    maxlength: "254",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
  });
  const { box } = field("address", t("Un numéro ou une adresse électronique"), input, {
    optional: true,
    hint: t("Gardé scellé, jamais montré à d’autres, oublié dès que la personne a répondu."),
  });
  const folded = element(
    "details.decline",
    {},
    element("summary.button.quiet.wide", {}, icon("at-sign"), t("À un numéro ou une adresse…")),
    element("div.stack", {}, box),
  );
  return { box: folded, input, value: () => input.value.trim() };
}

function splitPart(wish, draw) {
  const me = element("input", { type: "checkbox", checked: wish.isMeIn });
  const meBox = element("label.choice", { hidden: !wish.isSplit }, me, element("span", {}, t("Je paie aussi ma part")));
  me.addEventListener("change", () => {
    wish.isMeIn = me.checked;
    draw();
  });
  const choose = (value) => {
    wish.isSplit = value === "split";
    meBox.hidden = !wish.isSplit;
    draw();
  };
  return [
    element(
      "fieldset.split",
      {},
      element("legend", {}, t("Ce montant, c’est :")),
      segments(
        "split",
        [
          ["each", t("pour chacun")],
          ["split", t("à partager")],
        ],
        wish.isSplit ? "split" : "each",
        choose,
      ),
    ),
    meBox,
  ];
}

async function make(app, wish, amounts, address, message) {
  const whom = [
    ...[...wish.chosen.values()].map((person) => ({ person })),
    ...Array.from({ length: wish.links }, () => ({ is_link: true })),
    ...(address ? [{ address }] : []),
  ];
  const made = await app.service.post("/v1/me/asks", {
    client_reference: newReference(),
    kind: "ask",
    message,
    parts: whom.map((one, index) => ({ amount_cents: amounts[index], ...one })),
  });
  app.go(`/asks/${made.id}`, { replace: true });
}
