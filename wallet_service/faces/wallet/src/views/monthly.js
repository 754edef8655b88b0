/** A standing order: how to set one up, which one is expected, what did not come; and a word when the balance is low. */
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t, typedAmount } from "#ui/i18n.js";

import { notice } from "#ui/components.js";
import { amountInput, field, innerHeader, runBusy } from "../components.js";
import { parseAmount } from "#ui/money.js";
import { linesOf } from "./add_money.js";
import { dayText, missedTitle, missedDetail } from "../standing_order.js";

const LONGEST_MONTH = 31;

export function monthlyScreen(app, params, disposables) {
  const container = element("div.stack", {}, element("div.skeleton.skeleton-card", {}));
  let shown = "";
  const read = async () => {
    const [loading, account] = await Promise.all([app.service.get("/v1/me/loading"), app.service.get("/v1/me/topup")]);
    const known = JSON.stringify(loading);
    if (known === shown) return; // what is being typed stays
    shown = known;
    const order = loading.standing_order;
    show(
      container,
      order ? followedSection(app, order, readAndShow) : declareSection(app, account, readAndShow),
      lowBalanceSection(app, loading.low_balance_cents, readAndShow),
    );
  };
  const readAndShow = () => read().catch((error) => show(container, notice("bad", "triangle-alert", error.message)));
  readAndShow();
  disposables.add(app.listen((event) => event.kind === "me" && readAndShow()));
  const title = t("Chaque mois, tout seul");
  return { title, body: element("div.narrow.stack", {}, innerHeader(app, title, { back: "/add" }), container) };
}

function followedSection(app, order, readAgain) {
  const line = (label, value) => element("div", {}, element("dt", {}, label), element("dd", {}, value));
  const alert = element("div", { role: "alert" });
  const button = element("button.button.quiet.wide", { type: "button" }, t("Ne plus le suivre ici"));
  button.addEventListener("click", () =>
    runBusy(button, alert, async () => {
      await app.service.remove("/v1/me/loading/standing-order");
      await readAgain();
    }),
  );
  return element(
    "section.card.stack",
    { "aria-labelledby": "order-title" },
    element("h2", { id: "order-title" }, t("Votre virement permanent")),
    order.missed_on &&
      notice(
        "wait",
        "hourglass",
        element("strong", {}, missedTitle(order)),
        element("p", {}, `${missedDetail(order)}. ${t("Regardez auprès de votre banque s’il est parti.")}`),
      ),
    element(
      "dl.figures",
      {},
      line(t("Montant"), formatAmount(order.amount_cents)),
      line(t("Prochain attendu"), dayText(order.next_on)),
      order.arrived_on && line(t("Dernier arrivé"), dayText(order.arrived_on)),
    ),
    order.source === "recognised" &&
      element(
        "p.soft.small",
        {},
        t("Reconnu tout seul : trois mois de suite, le même montant est venu du même compte."),
      ),
    element("p.soft.small", {}, t("Pour l’arrêter ou le changer, voyez votre banque : elle seule le peut.")),
    alert,
    button,
  );
}

function declareSection(app, account, readAgain) {
  const { input, box } = amountInput("€");
  const amountField = field("amount", t("Combien, chaque mois ?"), input, { holder: box });
  const dayInput = element("input.input", { inputmode: "numeric", autocomplete: "off", maxlength: "2" });
  const dayField = field("day", t("Quel jour du mois ?"), dayInput, {
    hint: t("De 1 à 31 ; le dernier jour quand le mois est plus court."),
  });
  const alert = element("div", { role: "alert" });
  const button = element("button.button.wide", {}, icon("calendar-clock"), t("L’attendre chaque mois"));
  const submit = (event) => {
    event.preventDefault();
    const cents = parseAmount(input.value);
    const isAmount = cents !== null && cents >= account.minimum_cents;
    const tooLittle = t("À partir de {least} euros.", { least: formatAmount(account.minimum_cents) });
    const problem = cents === null ? t("Écrivez un montant comme 50 ou 12,50.") : tooLittle;
    amountField.setError(isAmount ? null : problem);
    const day = /^\d{1,2}$/.test(dayInput.value.trim()) ? Number(dayInput.value) : 0;
    const isDay = day >= 1 && day <= LONGEST_MONTH;
    dayField.setError(isDay ? null : t("Écrivez un jour, de 1 à 31."));
    if (!isAmount) return input.focus();
    if (!isDay) return dayInput.focus();
    return runBusy(button, alert, async () => {
      await app.service.post("/v1/me/loading/standing-order", { amount_cents: cents, day_of_month: day });
      await readAgain();
    });
  };
  return element(
    "section.card.stack",
    { "aria-labelledby": "order-title" },
    element("h2", { id: "order-title" }, t("Un virement permanent")),
    element(
      "p.soft",
      {},
      t(
        "Dans votre banque, créez un virement permanent vers ce compte, avec votre référence en motif. Il part ensuite sans vous.",
      ),
    ),
    element("dl.copy-list", {}, linesOf(account)),
    element(
      "p.soft",
      {},
      t("Dites-nous son montant et son jour : nous l’attendrons, et vous dirons s’il n’arrive pas."),
    ),
    element("form.stack", { onsubmit: submit, novalidate: true }, amountField.box, dayField.box, alert, button),
  );
}
/* icons: triangle-alert hourglass calendar-clock bell */

function lowBalanceSection(app, belowCents, readAgain) {
  const { input, box } = amountInput("€", belowCents ? { value: typedAmount(belowCents) } : {});
  const amountField = field("below", t("En dessous de"), input, { holder: box });
  const alert = element("div", { role: "alert" });
  const button = element("button.button.secondary.wide", {}, icon("bell"), t("Me proposer de recharger"));
  const submit = (event) => {
    event.preventDefault();
    const cents = parseAmount(input.value);
    amountField.setError(cents ? null : t("Écrivez un montant comme 50 ou 12,50."));
    if (!cents) return input.focus();
    return runBusy(button, alert, async () => {
      await app.service.post("/v1/me/loading/low-balance", { below_cents: cents });
      await readAgain();
    });
  };
  const stop = element("button.button.quiet.wide", { type: "button" }, t("Ne plus proposer"));
  stop.addEventListener("click", () =>
    runBusy(stop, alert, async () => {
      await app.service.remove("/v1/me/loading/low-balance");
      await readAgain();
    }),
  );
  return element(
    "section.card.stack",
    { "aria-labelledby": "low-title" },
    element("h2", { id: "low-title" }, t("Quand le solde est bas")),
    element(
      "p.soft",
      {},
      belowCents
        ? t("L’accueil vous propose de recharger quand il reste moins de {amount}.", {
            amount: formatAmount(belowCents),
          })
        : t("L’accueil peut vous proposer de recharger sous le montant de votre choix."),
    ),
    element("form.stack", { onsubmit: submit, novalidate: true }, amountField.box, alert, button),
    belowCents && stop,
  );
}
