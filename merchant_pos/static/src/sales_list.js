// The side list: today's figures and the last sales and refunds with their states. Each line opens its sale.
import { amount } from "#ui/components.js";
import { element, focusedIn, icon, show } from "#ui/dom.js";
import { formatAmount, t, tn } from "#ui/i18n.js";
import { statePill } from "#ui/states.js";
import { dateText, sameDay, timeText } from "#ui/times.js";

import { openDayClose } from "./day_close.js";
import { daysOf, found } from "./figures.js";
import { button, openSheet, problemContainer, sheetHead, showRefusal, tipWords } from "./parts.js";
import { openSaleDetails } from "./sale_details.js";
import { salesListEntries, saleStateName } from "./stage_rules.js";

const SHOWN_ENTRIES = 9;

export function renderSalesList(till, container) {
  const { book } = till.state;
  const focused = focusedIn(container)?.dataset.entry;
  if (!book) {
    const lines = [element("div.skeleton.skeleton-line"), element("div.skeleton.skeleton-line")];
    const away = element("p.soft", {}, t("La liste revient avec le service."));
    show(container, element("h2", {}, t("Aujourd’hui")), till.state.online ? lines : away);
    return;
  }
  const today = till.today;
  const entries = salesListEntries(book);
  show(
    container,
    element("h2", {}, t("Aujourd’hui")),
    amount(today.netCents, till.unit(today.netCents)),
    element("p.today-facts", {}, todayFacts(today)),
    entries.length
      ? entryList(till, entries.slice(0, SHOWN_ENTRIES))
      : element("p.soft.empty-list", {}, t("Les ventes s’afficheront ici.")),
    element(
      "div.list-buttons",
      {},
      button("secondary.all-sales", t("Toutes les ventes"), () => openAllSales(till)),
      button("secondary", t("Journée"), () => openDayClose(till), { iconElement: icon("printer"), id: "day-close" }),
    ),
  );
  if (focused) /** @type {any} */ (container.querySelector(`[data-entry="${CSS.escape(focused)}"]`))?.focus();
}

export function todayFacts(today) {
  const facts = [
    tn("{count} vente", "{count} ventes", today.salesCount),
    today.refundsCount ? tn("{count} remboursement", "{count} remboursements", today.refundsCount) : null,
    today.confirmingCents ? t("{amount} en cours", { amount: formatAmount(today.confirmingCents) }) : null,
    today.isComplete ? null : t("les 100 dernières seulement"),
  ];
  return facts.filter(Boolean).join(" · ");
}

function entryList(till, entries) {
  return element(
    "ul.entries",
    {},
    entries.map((entry) => element("li", {}, entry.kind === "sale" ? saleLine(till, entry) : refundLine(till, entry))),
  );
}

function when(till, unixMs) {
  return sameDay(unixMs, till.clock.nowUnixMs()) ? timeText(unixMs) : `${dateText(unixMs)}, ${timeText(unixMs)}`;
}

function line(till, { saleId, key, cents, words, pill }) {
  return element(
    "button.entry",
    { type: "button", "data-entry": key, onclick: () => openSaleDetails(till, saleId) },
    element("span.entry-amount", {}, formatAmount(cents)),
    element("span.entry-words", {}, words),
    pill,
  );
}

function saleLine(till, { sale, atUnixMs }) {
  const partly = sale.refunded_cents > 0 && sale.refunded_cents < sale.amount_cents;
  const words = [
    when(till, atUnixMs),
    sale.payer_label,
    sale.label,
    sale.cashier_label && t("caisse : {name}", { name: sale.cashier_label }),
    sale.tip_cents > 0 && tipWords(sale.tip_cents),
    partly && t("{amount} rendus", { amount: formatAmount(sale.refunded_cents) }),
  ];
  return line(till, {
    saleId: sale.id,
    key: `sale-${sale.id}`,
    cents: sale.amount_cents,
    words: words.filter(Boolean).join(" · "),
    pill: statePill("sale", saleStateName(sale)),
  });
}

function refundLine(till, { refund, atUnixMs }) {
  const words = [when(till, atUnixMs), element("span.visually-hidden", {}, ` ${t("remboursement")}`)];
  return line(till, {
    saleId: refund.sale_id,
    key: `refund-${refund.id}`,
    cents: -refund.amount_cents,
    words,
    pill: statePill("refund", refund.state),
  });
}

function openAllSales(till) {
  const input = element("input.input", { type: "search", id: "sales-search", autocomplete: "off", maxlength: "40" });
  const list = element("div.stack");
  const news = element("p.soft", { role: "status" });
  const draw = () => {
    const { book } = till.state;
    const entries = found(salesListEntries(book), input.value, formatAmount);
    const isSearched = input.value.trim() !== "";
    const days = daysOf(entries, book.complete_since_unix_ms);
    show(
      list,
      days.map((day) => [dayHead(till, day, isSearched), entryList(till, day.entries)]),
    );
    news.textContent = isSearched ? tn("{count} ligne trouvée", "{count} lignes trouvées", entries.length) : "";
  };
  input.addEventListener("input", draw);
  draw();
  const today = `${t("Aujourd’hui")} : ${till.amountWithUnit(till.today.netCents)} · ${todayFacts(till.today)}`;
  openSheet(
    "all-sales-title",
    sheetHead("all-sales-title", t("Toutes les ventes")),
    element("p.today-facts", {}, today),
    element("label", { for: "sales-search" }, t("Chercher un montant, un code de preuve, un libellé, un prénom")),
    input,
    news,
    list,
    othersPart(till),
  );
}

/** A day of the list, and what it brought: what a till is counted by in the evening. */
function dayHead(till, { atUnixMs, netCents, isWhole }, isSearched) {
  const day = sameDay(atUnixMs, till.clock.nowUnixMs()) ? t("Aujourd’hui") : dateText(atUnixMs);
  return element(
    "h3.day-head",
    {},
    element("span", {}, day),
    isWhole && !isSearched && element("span.soft", {}, till.amountWithUnit(netCents)),
    element(
      "button.icon-button",
      {
        type: "button",
        "aria-label": t("Journée à imprimer : {day}", { day }),
        onclick: () => openDayClose(till, atUnixMs),
      },
      icon("printer"),
    ),
  );
}

/** A new tablet, or one beside it, gives back what another has sold: the merchant's phone signs all the same. */
function othersPart(till) {
  const alert = problemContainer();
  const place = element("section.stack", { "aria-label": t("Autres caisses") }, alert);
  const shown = (sales) => [
    element("h3", {}, t("Autres caisses")),
    element(
      "ul.entries",
      {},
      sales.map((sale) => element("li", {}, saleLine(till, { sale, atUnixMs: sale.paid_at_unix_ms }))),
    ),
  ];
  till.others.read().then(
    (sales) => sales.length > 0 && show(place, ...shown(sales)),
    (problem) => showRefusal(alert, problem),
  );
  return place;
}
