// The receipt on screen, which prints alone. It says what happened; it is not an invoice.
import { amount, mark } from "#ui/components.js";
import { element, icon } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { statePill } from "#ui/states.js";
import { dateText, timeText } from "#ui/times.js";

import { readReceiptLink } from "./api.js";
import { button, factList, openSheet, problemContainer, sheetHead, showRefusal, svgSource } from "./parts.js";
import { saleStateName } from "./stage_rules.js";

const TITLE = "receipt-title";

export function openReceipt(till, saleId) {
  const sale = till.saleById(saleId);
  if (!sale) return;
  const head = sheetHead(TITLE, t("Reçu"));
  head.classList.add("no-print");
  const print = button("large", t("Imprimer"), () => globalThis.print(), { iconElement: icon("printer") });
  const place = element("div.receipt-link.no-print", { role: "status" });
  openSheet(TITLE, head, paper(till, sale), place, element("div.sheet-buttons.no-print", {}, print));
  void showLink(till, sale, place);
}

/** What the customer scans, or is sent, to keep the receipt: an address without a name in it. */
async function showLink(till, sale, place) {
  const alert = problemContainer();
  try {
    const { url, qr_svg: picture } = await readReceiptLink(sale.id);
    if (!url) return;
    const address = new URL(url).href; // the QR's is all capitals
    const words = [
      element("h3", {}, t("Pour le client")),
      element("p.hint", {}, t("Il scanne ce code et garde son reçu, sans compte. Son nom n’y est pas.")),
      sendButton(till, sale, address, alert),
    ];
    const drawn =
      picture &&
      element("img.receipt-qr", {
        id: "receipt-qr",
        src: svgSource(picture),
        alt: t("QR du reçu, à scanner par le client"),
      });
    place.append(drawn || "", element("div", {}, ...words), alert);
  } catch (problem) {
    place.append(alert);
    showRefusal(alert, problem);
  }
}

/** The tablet's own ways to send; a message to write where it has none. No address is typed here. */
function sendButton(till, sale, url, alert) {
  const title = t("Reçu de {shop}", { shop: till.state.till.merchant_name });
  const text = `${title} : ${formatAmount(sale.amount_cents)} ${till.unit(sale.amount_cents)}`;
  const options = { iconElement: icon("share-2") };
  if (!navigator.share) {
    const mail = `mailto:?subject=${encodeURIComponent(title)}&body=${encodeURIComponent(`${text}\n${url}`)}`;
    return element("a.button.secondary", { href: mail }, icon("mail"), element("span", {}, t("Envoyer par courriel")));
  }
  const send = async () => {
    try {
      await navigator.share({ title, text, url });
    } catch (error) {
      if (error.name !== "AbortError")
        showRefusal(alert, new Error(t("La tablette n’a pas pu l’envoyer : le code suffit.")));
    }
  };
  return button("secondary", t("Envoyer"), send, options);
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
