// A day of this till on one page, to look at and to print: the service's sums of all its sales, and nobody's name who paid.
import { amount, mark } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { dateText, isoDay, timeText } from "#ui/times.js";

import { readDay } from "./api.js";
import { button, factList, openSheet, problemContainer, sheetHead, showRefusal, tipWords } from "./parts.js";

const TITLE = "day-title";
const NOON_MS = 12 * 60 * 60 * 1000;

/** @typedef {import("#ui/till_api_types.js").DayAnswer} Day */

/**
 * @param {import("./till.js").Till} till
 * @param {number} [atUnixMs] a moment of the day that is shown first; else now
 */
export function openDayClose(till, atUnixMs = till.clock.nowUnixMs()) {
  const today = isoDay(till.clock.nowUnixMs());
  const input = /** @type {HTMLInputElement} */ (
    element("input.input", { type: "date", id: "day-chosen", max: today, value: isoDay(atUnixMs), required: true })
  );
  const place = element("div.stack", { role: "status", "aria-label": t("Journée") });
  const alert = problemContainer();
  const print = button("", t("Imprimer"), () => globalThis.print(), { iconElement: icon("printer") });
  /** Only the last day asked for is shown, whichever answer comes last. */
  async function read() {
    const day = input.value;
    print.disabled = true;
    alert.replaceChildren();
    if (!day) return place.replaceChildren();
    show(place, element("div.skeleton.skeleton-line"), element("div.skeleton.skeleton-line"));
    try {
      const answer = await readDay(day);
      if (input.value !== day) return undefined;
      show(place, paper(till, answer));
      print.disabled = false;
    } catch (problem) {
      place.replaceChildren();
      showRefusal(alert, problem);
    }
    return undefined;
  }
  input.addEventListener("change", read);
  const head = sheetHead(TITLE, t("Journée"));
  head.classList.add("no-print");
  openSheet(
    TITLE,
    head,
    element("div.day-choice.no-print", {}, element("label", { for: "day-chosen" }, t("Jour")), input, print),
    alert,
    place,
  );
  void read();
}

/** @param {import("./till.js").Till} till @param {Day} day */
function paper(till, day) {
  const date = dateText(Date.parse(`${day.day}T00:00:00Z`) + NOON_MS);
  const counted = day.counted_at_unix_ms;
  return element(
    "article.receipt-paper.day-paper",
    {},
    mark(),
    element("h3", {}, till.state.till?.merchant_name ?? ""),
    element("p", {}, till.state.till?.label ?? ""),
    element("h4", {}, t("Journée du {date}", { date })),
    amount(day.net_cents, till.unit(day.net_cents)),
    factList([
      [t("Ventes payées"), String(day.sales_count)],
      [t("Somme des ventes"), formatAmount(day.sales_cents)],
      day.tips_count > 0 && [t("dont pourboires"), countedCents(day.tips_count, day.tips_cents)],
      [t("Remboursements"), countedCents(day.refunds_count, -day.refunds_cents)],
      [t("Net"), formatAmount(day.net_cents)],
    ]),
    factList([
      [t("Première vente"), timeOf(day.first_paid_at_unix_ms)],
      [t("Dernière vente"), timeOf(day.last_paid_at_unix_ms)],
      [t("Ventes expirées"), String(day.expired_count)],
      [t("Ventes annulées"), String(day.cancelled_count)],
      [t("Paiements refusés"), String(day.refused_count)],
      day.confirming_count > 0 && [
        t("En cours, comptées nulle part"),
        countedCents(day.confirming_count, day.confirming_cents),
      ],
    ]),
    day.cashiers.length > 0 && [
      element("h5", {}, t("Par caissier")),
      factList(day.cashiers.map((one) => [one.cashier_label ?? t("Personne de nommé"), soldBy(one)])),
    ],
    element(
      "p.hint",
      {},
      t("Compté le {date}, {time}.", { date: dateText(counted), time: timeText(counted) }),
      isoDay(counted) === day.day && ` ${t("La journée n’est pas finie.")}`,
    ),
    element(
      "p.hint",
      {},
      t("Montants en {unit}. Récapitulatif de paiements, ne vaut pas clôture comptable.", { unit: till.unit(2) }),
    ),
    till.state.environment === "demo" && element("p.hint", {}, t("Démonstration : sans valeur.")),
  );
}

/** "2 · −12,50", or a plain 0. @param {number} count @param {number} cents */
const countedCents = (count, cents) => (count ? `${count} · ${formatAmount(cents)}` : "0");

/** @param {Day["cashiers"][number]} one */
const soldBy = ({ sales_count: count, sales_cents: cents, tips_cents: tipsCents }) =>
  [countedCents(count, cents), tipsCents > 0 && tipWords(tipsCents)].filter(Boolean).join(" · ");

/** @param {number | null} unixMs */
const timeOf = (unixMs) => (unixMs === null ? "" : timeText(unixMs, { hasSeconds: true }));
