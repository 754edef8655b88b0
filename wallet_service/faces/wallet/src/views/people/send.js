/**
 * Send money: to whom, how much, a word, one button. Whom a code names, and everybody's name, come from the service;
 * nothing leaves before the button with the amount on it. To a number or an address nothing leaves at all yet.
 */
import { notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { parseAmount } from "#ui/money.js";
import { newReference } from "#ui/references.js";

import { amountInput, field, innerHeader, runBusy, skeletonList } from "../../components.js";
import { confirmFoot, isBusy } from "../../confirming.js";
import { openWalletPart } from "../../opening.js";
import { signPart } from "../../asks.js";
import { everybody, iconOf, nameOf, personParts, visitorNotice } from "../../people.js";
import { spokenPlace } from "../../spoken_place.js";
/* icons: scan-line at-sign users triangle-alert chevron-right info user-plus check */

export const MAX_MESSAGE = 140;
export const isNameless = (me) => ["none", "visitor"].includes(me?.tier);

/** /send: whom first. */
export function sendScreen(app, params, disposables) {
  const container = element("div.narrow.stack", {});
  const choose = () => {
    show(container, innerHeader(app, t("Envoyer")), element("section.card.movements", {}, skeletonList(3)));
    app.service
      .get("/v1/me/contacts")
      .then((book) =>
        show(container, innerHeader(app, t("Envoyer")), ...choicesOf(app, book, container, disposables, choose)),
      )
      .catch((error) =>
        show(container, innerHeader(app, t("Envoyer")), notice("bad", "triangle-alert", error.message)),
      );
  };
  choose();
  return { title: t("Envoyer"), body: container };
}

/** /C/{code}: the person whose code was scanned, or who gave the link. */
export function personScreen(app, { code }, disposables) {
  const container = element("div.narrow.stack", {}, innerHeader(app, t("Payer une personne")), skeletonList(1));
  const person = { code: decodeURIComponent(code).toUpperCase() };
  if (!app.me) {
    show(container, innerHeader(app, t("Payer une personne")), ...withoutWallet(app));
    return { title: t("Payer une personne"), body: container };
  }
  app.service
    .post("/v1/me/contacts/look", person)
    .then((found) =>
      showForm(app, { person, ...found }, container, disposables, () => app.go("/send", { replace: true })),
    )
    .catch((error) =>
      show(container, innerHeader(app, t("Payer une personne")), notice("bad", "triangle-alert", error.message)),
    );
  return { title: t("Payer une personne"), body: container };
}

/** Somebody's link, opened where there is no wallet: nothing of it is told. */
export function withoutWallet(app) {
  const alert = element("div", { role: "alert" });
  return [
    element(
      "div.stack",
      {},
      alert,
      ...openWalletPart(app, {
        alert,
        sentence: t("Pour voir de qui vient ce lien, il faut un portefeuille. Il s’ouvre en un geste, sans papiers."),
        onOpened: () => app.go(location.pathname, { replace: true }),
      }),
    ),
  ];
}

function choicesOf(app, book, container, disposables, choose) {
  const nameless = isNameless(app.me);
  const people = everybody(book).filter((one) => !nameless || one.is_professional);
  const open = (one) => showForm(app, one, container, disposables, choose);
  return [
    nameless &&
      visitorNotice(
        t(
          "Sans identité déclarée, vous payez les commerces et les associations. Pour envoyer à une personne, déclarez d’abord votre identité : c’est la loi.",
        ),
      ),
    element(
      "ul.card.links",
      {},
      element(
        "li",
        {},
        element(
          "a.row-link",
          { href: "/scan" },
          element("span.icon-tile.brand", {}, icon("scan-line")),
          element("span.grow", {}, element("span.row-title", {}, t("Scanner son code"))),
          icon("chevron-right"),
        ),
      ),
      !nameless && addressRow(app, container, choose),
    ),
    people.length > 0
      ? element(
          "section.stack.tight",
          { "aria-label": t("Personnes connues") },
          element("h2", {}, t("À qui ?")),
          element(
            "div.card.movements",
            {},
            element(
              "ul.list",
              {},
              people.map((one) => personRow(app, one, open)),
            ),
          ),
        )
      : element(
          "section.card.empty",
          {},
          element("p.row-title", {}, t("Personne encore")),
          element("p.soft", {}, t("Qui vous payez, ou qui vous paie, s’affichera ici.")),
        ),
  ];
}

function personRow(app, one, open) {
  const button = element("button.row-link", { type: "button" }, ...personParts(app, one), icon("chevron-right"));
  button.addEventListener("click", () => open(one));
  return element("li", {}, button);
}

function addressRow(app, container, choose) {
  const button = element(
    "button.row-link",
    { type: "button" },
    element("span.icon-tile.brand", {}, icon("at-sign")),
    element(
      "span.grow",
      {},
      element("span.row-title", {}, t("Un numéro ou une adresse")),
      element("span.row-detail", {}, t("Même sans portefeuille encore")),
    ),
    icon("chevron-right"),
  );
  button.addEventListener("click", () => showAddressForm(app, container, choose));
  return element("li", {}, button);
}

/** How much, and a word. @param {any} app @param {(cents: number | null) => unknown} onAmount null while it is none */
export function amountAndMessage(app, onAmount) {
  const { input, box } = amountInput(app.unit(200));
  const amount = field("amount", t("Combien ?"), input, { holder: box });
  const typed = element("input.input", { maxlength: String(MAX_MESSAGE), autocomplete: "off" });
  const message = field("message", t("Un mot"), typed, {
    optional: true,
    hint: t("Seule la personne le lit. Jamais dans le registre."),
  });
  input.addEventListener("input", () => {
    amount.setError(null);
    onAmount(parseAmount(input.value));
  });
  return {
    boxes: [amount.box, message.box],
    input,
    cents: () => parseAmount(input.value),
    message: () => typed.value.trim() || null,
    refuse: () => {
      amount.setError(t("Écrivez un montant comme 50 ou 12,50."));
      input.focus();
    },
  };
}

/** Who, how much, a word, what remains, one button. */
function showForm(app, one, container, disposables, back) {
  const header = innerHeader(app, t("Envoyer"), { backLabel: t("Annuler") });
  const who = element(
    "div.pay-merchant",
    {},
    element("span.icon-tile.brand.large", {}, icon(iconOf(one))),
    element("h2", {}, nameOf(one)),
    element(
      "div.row.wrap.center-row",
      {},
      element("button.button.quiet.small", { type: "button", onclick: back }, t("Choisir quelqu’un d’autre")),
      one.person.contact_id || one.contact_id ? null : keepButton(app, one),
    ),
  );
  if (isNameless(app.me) && !one.is_professional) {
    // Before a figure is typed, not after.
    show(
      container,
      header,
      who,
      visitorNotice(
        t(
          "Vous ne pouvez pas encore payer une personne : sans identité déclarée, la loi le réserve aux commerces et associations.",
        ),
      ),
    );
    return;
  }
  const alert = element("div", { role: "alert" });
  const foot = element("div.bottom.stack");
  const drawFoot = async () => {
    const cents = form.cents();
    const left = app.me.balance.available_cents - (cents ?? 0);
    const buttons = cents
      ? await confirmFoot(app, {
          cents,
          word: t("Envoyer {amount}", { amount: formatAmount(cents) }),
          alert,
          confirm: () => send(app, one, cents, form.message()),
          again: drawFoot,
        })
      : [
          element(
            "p.soft.center",
            {},
            t("{amount} disponibles", { amount: formatAmount(app.me.balance.available_cents) }),
          ),
        ];
    if (disposables.isDisposed || cents !== form.cents()) return;
    show(
      foot,
      alert,
      cents && left >= 0 && element("p.soft.center", {}, t("Il restera {amount}", { amount: formatAmount(left) })),
      cents && spokenPlace(disposables, "payment", app, cents, nameOf(one)),
      buttons,
    );
  };
  const form = amountAndMessage(app, () => void drawFoot());
  show(
    container,
    header,
    who,
    element("form.stack", { onsubmit: (event) => event.preventDefault() }, form.boxes),
    foot,
  );
  void drawFoot();
  disposables.add(app.listen((event) => event.kind === "me" && !isBusy(foot) && void drawFoot()));
  form.input.focus();
}

/** Kept, they are found again, may be asked, and are no stranger who asks. */
function keepButton(app, one) {
  const alert = element("div", { role: "alert" });
  const place = element("div", {});
  const button = element("button.button.quiet.small", { type: "button" }, icon("user-plus"), t("Garder en contact"));
  button.addEventListener("click", () =>
    runBusy(button, alert, async () => {
      await app.service.post("/v1/me/contacts", one.person);
      show(place, element("span.pill.good", { role: "status" }, icon("check"), t("Gardé en contact")));
    }),
  );
  place.append(button, alert);
  return place;
}

/** The send is made, its payee read again from the service, and the payment signed. */
async function send(app, one, cents, message) {
  const made = await app.service.post("/v1/me/asks", {
    client_reference: newReference(),
    kind: "send",
    message,
    parts: [{ amount_cents: cents, person: one.person }],
  });
  const part = await app.service.get(`/v1/asks/${made.parts[0].id}`);
  await signPart(app, part);
}

/** To somebody who may have no wallet yet: prepared, and signed once they have said who they are. */
function showAddressForm(app, container, back) {
  const alert = element("div", { role: "alert" });
  const typed = element("input.input", {
    maxlength: "254",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
  });
  const address = field("address", t("Son numéro ou son adresse électronique"), typed, {
    hint: t("Gardé scellé, jamais montré à d’autres, oublié dès que la personne a répondu."),
  });
  const button = element("button.button.large.wide", { type: "submit" }, t("Préparer l’envoi"));
  const form = amountAndMessage(app, () => {});
  const submit = (event) => {
    event.preventDefault();
    const cents = form.cents();
    if (!cents) return form.refuse();
    return runBusy(button, alert, async () => {
      const made = await app.service.post("/v1/me/asks", {
        client_reference: newReference(),
        kind: "send",
        message: form.message(),
        parts: [{ amount_cents: cents, address: typed.value }],
      });
      app.go(`/asks/${made.id}`, { replace: true });
    });
  };
  show(
    container,
    innerHeader(app, t("Envoyer à un numéro ou une adresse"), { backLabel: t("Annuler") }),
    notice(
      "",
      "info",
      t(
        "Rien n’est débité maintenant. La personne ouvre un portefeuille avec votre lien ; vous lisez alors son nom, et vous signez.",
      ),
    ),
    element("form.stack", { onsubmit: submit, novalidate: true }, address.box, form.boxes, alert, button),
    element("button.button.quiet.wide", { type: "button", onclick: back }, t("Choisir quelqu’un d’autre")),
  );
  typed.focus();
}
