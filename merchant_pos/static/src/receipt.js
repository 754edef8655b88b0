// The receipt on screen, which prints alone. It says what happened; it is not an invoice.
import { amount, mark } from "#ui/components.js";
import { element, icon } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { statePill } from "#ui/states.js";
import { dateText, timeText } from "#ui/times.js";

import { button, factList, openSheet, sheetHead } from "./parts.js";
import { saleStateName } from "./stage_rules.js";

const TITLE = "receipt-title";

export function openReceipt(till, saleId) {
  const sale = till.saleById(saleId);
  if (!sale) return;
  const head = sheetHead(TITLE, t("Reçu"));
  head.classList.add("no-print");
  const print = button("large", t("Imprimer"), () => globalThis.print(), { iconElement: icon("printer") });
  openSheet(TITLE, head, paper(till, sale), element("div.sheet-buttons.no-print", {}, print));
}

function paper(till, sale) {
  const refunds = sale.refunds.filter((refund) => refund.state === "paid");
  return element(
    "article.receipt-paper",
    {},
    mark(),
    element("h3", {}, till.state.till.merchant_name),
    amount(sale.amount_cents, till.unit(sale.amount_cents)),
    statePill("sale", saleStateName(sale)),
    factList([
      [t("Date"), dateText(sale.paid_at_unix_ms)],
      [t("Heure"), timeText(sale.paid_at_unix_ms, { hasSeconds: true })],
      [t("Caisse"), till.state.till.label],
      sale.tip_cents > 0 && [t("dont pourboire"), formatAmount(sale.tip_cents)],
      [t("Libellé"), sale.label],
      [t("Client"), sale.payer_label],
      [t("Code de preuve"), sale.proof_code],
      [t("Vente"), sale.id],
      ...refunds.map((refund) => [t("Remboursé"), formatAmount(-refund.amount_cents)]),
    ]),
    element("p.hint", {}, t("Reçu de paiement, ne vaut pas facture.")),
    till.state.environment === "demo" && element("p.hint", {}, t("Démonstration : sans valeur.")),
  );
}
