/** My own caps: lower counts at once, higher tomorrow. What waits is said with its moment. */
import { notice } from "#ui/components.js";
import { element, show } from "#ui/dom.js";
import { formatAmount, t, typedAmount } from "#ui/i18n.js";
import { parseAmount } from "#ui/money.js";
import { formatTime } from "#ui/times.js";

import { amountInput, field, innerHeader, runBusy } from "../../components.js";
import { capsNow, capsWaiting } from "../../own_caps.js";
/* icons: hourglass circle-check info */

/** @type {Array<[name: string, label: () => string]>} */
const FIELDS = [
  ["per_payment_cents", () => t("Par paiement, au plus")],
  ["per_day_cents", () => t("Par jour, au plus")],
  ["per_30_days_cents", () => t("Sur 30 jours, au plus")],
];

export function capsScreen(app) {
  const container = element("div.stack", {});
  show(container, ...formOf(app, container, ""));
  return {
    title: t("Mes plafonds"),
    body: element(
      "div.narrow.stack",
      {},
      innerHeader(app, t("Mes plafonds"), { back: "/me" }),
      element(
        "p.soft",
        {},
        t(
          "Ce que vous vous autorisez à dépenser, sous les plafonds de votre palier. Baisser vaut tout de suite ; monter attend un jour, et vous en êtes prévenu.",
        ),
      ),
      container,
    ),
  };
}

function formOf(app, container, said) {
  const now = capsNow(app.me, app.nowUnixMs());
  const alert = element("div", { role: "alert" });
  const fields = FIELDS.map(([name, label]) => {
    const { input, box } = amountInput(app.unit(200), { placeholder: t("aucun") });
    input.value = now[name] ? typedAmount(now[name]) : "";
    return { name, input, ...field(name, label(), input, { optional: true, holder: box }) };
  });
  const button = element("button.button.large.wide", { type: "submit" }, t("Enregistrer mes plafonds"));
  const submit = (event) => {
    event.preventDefault();
    /** @type {any} */
    const wanted = {};
    for (const one of fields) {
      const isEmpty = one.input.value.trim() === "";
      const cents = isEmpty ? 0 : parseAmount(one.input.value);
      one.setError(cents === null ? t("Écrivez un montant comme 50 ou 12,50.") : null);
      if (cents === null) return one.input.focus();
      wanted[one.name] = cents;
    }
    return runBusy(button, alert, async () => {
      const { next } = await app.service.post("/v1/me/caps", wanted);
      await app.refresh();
      show(container, ...formOf(app, container, next ? "" : t("C’est enregistré, et vaut dès maintenant.")));
    });
  };
  return [
    said && element("div", { role: "status" }, notice("good", "circle-check", said)),
    waitingPart(app),
    element(
      "form.card.stack",
      { onsubmit: submit, novalidate: true, "aria-label": t("Mes plafonds") },
      fields.map((one) => one.box),
      alert,
      button,
    ),
  ];
}

function waitingPart(app) {
  const waiting = capsWaiting(app.me, app.nowUnixMs());
  if (!waiting) return null;
  const words = FIELDS.map(([name, label]) =>
    element(
      "div",
      {},
      element("dt", {}, label()),
      element("dd", {}, waiting.caps[name] ? formatAmount(waiting.caps[name]) : t("sans plafond")),
    ),
  );
  return element(
    "section.card.stack",
    { "aria-label": t("Bientôt") },
    notice(
      "wait",
      "hourglass",
      t("La hausse vaudra : {when}. Pour l’annuler, enregistrez de nouveau les plafonds actuels.", {
        when: formatTime(waiting.fromUnixMs, app.nowUnixMs()),
      }),
    ),
    element("dl.figures", {}, words),
  );
}
