// The side list: today's figures and the last sales and refunds with their states. Each line opens its sale.
import { h, icon } from "./dom.js";
import { bigAmount, button, pill } from "./parts.js";
import { openSaleDetails } from "./sale_details.js";
import { bookEntries, refundPill, salePill } from "./stage_rules.js";
import { amountText, dateText, sameDay, t, timeText, tn } from "./text.js";

const SHOWN_ENTRIES = 9;

export function renderLedger(till, place) {
  const { book } = till.state;
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.entry : null;
  if (!book?.today) {
    place.replaceChildren(h("h2", {}, t("Aujourd’hui")), ...(till.state.online
      ? [h("div.skeleton.skeleton-line"), h("div.skeleton.skeleton-line")]
      : [h("p.soft", {}, t("La liste revient avec le service."))]));
    return;
  }
  const entries = bookEntries(book);
  place.replaceChildren(
    h("h2", {}, t("Aujourd’hui")),
    bigAmount(book.today.net_cents, till.unit(book.today.net_cents)),
    h("p.today-facts", {}, todayFacts(book.today)),
    entries.length ? entryList(till, entries.slice(0, SHOWN_ENTRIES)) : h("p.soft.empty-list", {}, t("Les ventes s’afficheront ici.")),
    entries.length ? button("outline.all-sales", t("Toutes les ventes"), () => openAllSales(till)) : "");
  if (focused) place.querySelector(`[data-entry="${CSS.escape(focused)}"]`)?.focus();
}

export function todayFacts(today) {
  const facts = [
    tn("{count} vente", "{count} ventes", today.sales_count),
    today.refunds_count ? tn("{count} remboursement", "{count} remboursements", today.refunds_count) : null,
    today.confirming_cents ? t("{amount} en cours", { amount: amountText(today.confirming_cents) }) : null,
    today.complete ? null : t("les 100 dernières seulement"),
  ];
  return facts.filter(Boolean).join(" · ");
}

function entryList(till, entries) {
  return h("ul.entries", {}, entries.map((entry) => h("li", {}, entry.kind === "sale" ? saleLine(till, entry) : refundLine(till, entry))));
}

function when(till, unixMs) {
  return sameDay(unixMs, till.clock.nowUnixMs()) ? timeText(unixMs) : `${dateText(unixMs)}, ${timeText(unixMs)}`;
}

function line(till, saleId, key, amount, words, shownPill) {
  return h("button.entry", { type: "button", "data-entry": key, onclick: () => openSaleDetails(till, saleId) },
    h("span.entry-amount", {}, amount), h("span.entry-words", {}, words), pill(shownPill));
}

function saleLine(till, { sale, atUnixMs }) {
  const partly = sale.refunded_cents > 0 && sale.refunded_cents < sale.amount_cents;
  const words = [when(till, atUnixMs), partly ? t("{amount} rendus", { amount: amountText(sale.refunded_cents) }) : null].filter(Boolean).join(" · ");
  return line(till, sale.id, `sale-${sale.id}`, amountText(sale.amount_cents), words, salePill(sale));
}

function refundLine(till, { refund, atUnixMs }) {
  const words = [when(till, atUnixMs), h("span.visually-hidden", {}, ` ${t("remboursement")}`)];
  return line(till, refund.sale_id, `refund-${refund.id}`, amountText(-refund.amount_cents), words, refundPill(refund));
}

function openAllSales(till) {
  const close = () => dialog.close();
  const dialog = h("dialog.sheet", { "aria-labelledby": "all-sales-title" },
    h("header.sheet-head", {}, h("h2", { id: "all-sales-title" }, t("Toutes les ventes")), h("button.round", { type: "button", "aria-label": t("Fermer"), onclick: close }, icon("x"))),
    h("p.today-facts", {}, `${t("Aujourd’hui")} : ${till.amountWithUnit(till.state.book.today.net_cents)} · ${todayFacts(till.state.book.today)}`),
    entryList(till, bookEntries(till.state.book)));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
