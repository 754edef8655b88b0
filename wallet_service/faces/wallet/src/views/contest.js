/** Contesting a payment: why, in plain sentences, and what happens then; one button. */
import { amount, notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { field, innerHeader, runBusy } from "../components.js";
import { isContestable, reasons } from "../disputes.js";
import { nameOf } from "../movements.js";
/* icons: message-square-warning triangle-alert info */

const MAX_WORDS_CHARACTERS = 500;

export function contestScreen(app, { ref }) {
  const back = `/movement/${ref}`;
  const header = () => innerHeader(app, t("Contester un paiement"), { back });
  const container = element("div.narrow.stack", {}, header(), element("div.skeleton.skeleton-card", {}));
  const read = async () => {
    try {
      const [found, bounds] = await Promise.all([
        app.service.post("/v1/me/movements/search", { query: ref, limit: 1 }),
        app.service.get("/v1/me/disputes"),
      ]);
      const known = bounds.disputes.find((dispute) => dispute.payment_ref === ref);
      if (known) return void app.go(`/disputes/${known.id}`, { replace: true });
      const movement = found.movements.find((one) => one.ref === ref);
      if (!movement || !isContestable(movement, bounds, app.nowUnixMs()))
        return show(
          container,
          header(),
          notice(
            "",
            "info",
            t("Ce paiement ne peut pas, ou plus, être contesté ici. L’association peut vous répondre."),
          ),
        );
      return show(container, header(), paid(app, movement), form(app, ref));
    } catch (error) {
      return show(container, header(), notice("bad", "triangle-alert", error.message));
    }
  };
  void read();
  return { title: t("Contester un paiement"), body: container };
}

const paid = (app, movement) =>
  element(
    "section.receipt-head.center",
    {},
    element("p.row-title", {}, nameOf(movement).title),
    element("p.pay-amount", {}, amount(movement.amount_cents, app.unit(movement.amount_cents), "big")),
  );

function form(app, ref) {
  const alert = element("div", { role: "alert" });
  const missing = element("p.error", { id: "reason-error", hidden: true });
  const choices = reasons().map(([value, words]) =>
    element(
      "label.choice",
      {},
      element("input", { type: "radio", name: "reason", value, "aria-describedby": "reason-error" }),
      element("span", {}, words),
    ),
  );
  const words = field(
    "words",
    t("Dites-le en quelques mots"),
    element("textarea.input", { rows: "3", maxlength: String(MAX_WORDS_CHARACTERS) }),
    { optional: true, hint: t("L’autre personne et l’association le liront.") },
  );
  const button = element(
    "button.button.danger.wide",
    { type: "submit" },
    icon("message-square-warning"),
    element("span", {}, t("Contester ce paiement")),
  );
  const submit = (event) => {
    event.preventDefault();
    const chosen = body.querySelector("input[name=reason]:checked");
    missing.textContent = chosen ? "" : t("Choisissez une raison.");
    missing.hidden = Boolean(chosen);
    if (!chosen) return body.querySelector("input[name=reason]").focus();
    return runBusy(button, alert, async () => {
      const dispute = await app.service.post("/v1/me/disputes", {
        payment_ref: ref,
        reason: chosen.value,
        words: words.control.value,
      });
      await app.refresh();
      app.go(`/disputes/${dispute.id}`, { replace: true });
    });
  };
  const body = element(
    "form.stack",
    { onsubmit: submit, novalidate: true },
    element("fieldset.stack.tight", {}, element("legend", {}, t("Pourquoi ?")), ...choices, missing),
    words.box,
    notice(
      "",
      "info",
      t(
        "La somme est retenue tout de suite chez qui l’a reçue, si elle y est encore. L’autre personne peut répondre ; un agent de l’association décide dans les 96 heures, et vous êtes prévenu.",
      ),
    ),
    alert,
    button,
  );
  return body;
}
