// The receipt on screen, which prints alone. It says what happened; it is not an invoice.
import { h, icon } from "./dom.js";
import { bigAmount, button, mark, pill } from "./parts.js";
import { salePill } from "./stage_rules.js";
import { amountText, dateText, t, timeText } from "./text.js";

export function openReceipt(till, saleId) {
  const sale = till.saleById(saleId);
  if (!sale) return;
  const rows = [
    [t("Date"), dateText(sale.paid_at_unix_ms)], [t("Heure"), timeText(sale.paid_at_unix_ms, true)],
    [t("Caisse"), till.state.till.label], [t("Client"), sale.payer_label ?? ""], [t("Code de preuve"), sale.proof_code ?? ""], [t("Vente"), sale.id],
    ...sale.refunds.filter((refund) => refund.state === "paid").map((refund) => [t("Remboursé"), amountText(-refund.amount_cents)]),
  ];
  const dialog = h("dialog.sheet.receipt", { "aria-labelledby": "receipt-title" },
    h("header.sheet-head.no-print", {}, h("h2", { id: "receipt-title" }, t("Reçu")), h("button.round", { type: "button", "aria-label": t("Fermer"), onclick: () => dialog.close() }, icon("x"))),
    h("article.receipt-paper", {}, mark(), h("h3", {}, till.state.till.merchant_name), bigAmount(sale.amount_cents, till.unit(sale.amount_cents)), pill(salePill(sale)),
      h("dl.facts", {}, rows.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
      h("p.help", {}, t("Reçu de paiement, ne vaut pas facture.")),
      till.state.environment === "demo" ? h("p.help", {}, t("Démonstration : sans valeur.")) : null),
    h("div.sheet-buttons.no-print", {}, button("main", t("Imprimer"), () => print(), { iconElement: icon("printer") })));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
