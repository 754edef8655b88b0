// One sale in full: its state, its times, its refunds, and the form that asks for one. The merchant's phone signs; a till cannot.
import { amount } from "#ui/components.js";
import { element, focusedIn, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { parseAmount } from "#ui/money.js";
import { newReference } from "#ui/references.js";
import { statePill } from "#ui/states.js";
import { dateText, timeText } from "#ui/times.js";

import { isUnanswered } from "./api.js";
import { secondsText } from "./durations.js";
import { button, factList, openSheet, problemContainer, sheetHead, showRefusal } from "./parts.js";
import { openReceipt } from "./receipt.js";
import { refundableCents, saleStateName } from "./stage_rules.js";

const TITLE = "details-title";

/** @typedef {import("#ui/till_api_types.js").SaleAnswer} Sale */
/** @typedef {import("./till.js").Till} Till */

/** @type {{dialog: HTMLDialogElement, till: Till, saleId: string, form: ReturnType<typeof refundForm> | null, shown: string | null} | null} */
let open = null;

/** @param {Till} till @param {string} saleId */
export function openSaleDetails(till, saleId) {
  open?.dialog.close();
  const dialog = openSheet(TITLE);
  dialog.addEventListener("close", () => {
    if (open?.dialog === dialog) open = null;
  });
  open = { dialog, till, saleId, form: null, shown: null };
  draw();
  till.readSale(saleId); // what is never pushed: who paid
}

/** Called when anything changed: an open dialog shows the new truth, unless a refund is being typed. */
export function refreshSaleDetails() {
  if (!open) return;
  const sale = open.till.saleById(open.saleId);
  if (sale && JSON.stringify(sale) !== open.shown) draw();
}

function draw() {
  if (!open) return;
  const { dialog, till, saleId } = open;
  const sale = till.saleById(saleId);
  if (!sale) return;
  open.shown = JSON.stringify(sale);
  open.form ??= refundForm(till, sale);
  open.form.update(sale);
  const typing = focusedIn(dialog);
  show(
    dialog,
    sheetHead(
      TITLE,
      t("Vente de {amount}", { amount: formatAmount(sale.amount_cents) }),
      statePill("sale", saleStateName(sale)),
    ),
    amount(sale.amount_cents, till.unit(sale.amount_cents)),
    factsOf(sale),
    refundList(sale),
    refundableCents(sale) > 0 && open.form.element,
    element("div.sheet-buttons", {}, ...saleButtons(till, sale, dialog)),
  );
  if (typing?.isConnected) typing.focus();
}

/** @param {Till} till @param {Sale} sale @param {HTMLDialogElement} dialog */
function saleButtons(till, sale, dialog) {
  /** @param {() => void} act */
  const closing = (act) => () => {
    dialog.close();
    act();
  };
  const receipt = closing(() => openReceipt(till, sale.id));
  return [
    sale.state === "paid" && button("secondary", t("Reçu"), receipt, { iconElement: icon("receipt-text") }),
    ["open", "accepted"].includes(sale.state) &&
      button(
        "large",
        t("Afficher cette vente"),
        closing(() => till.show(sale.id)),
      ),
  ];
}

/** @param {Sale} sale */
function factsOf(sale) {
  /** @param {number} unixMs */
  const clock = (unixMs) => timeText(unixMs, { hasSeconds: true });
  const { accepted_at_unix_ms: acceptedAtMs, paid_at_unix_ms: paidAtMs } = sale;
  const takenMs = acceptedAtMs && paidAtMs ? paidAtMs - acceptedAtMs : null;
  const taken = takenMs === null ? "" : ` (${t("en {seconds}", { seconds: secondsText(takenMs) })})`;
  return factList([
    [t("Ouverte"), `${dateText(sale.created_at_unix_ms)}, ${clock(sale.created_at_unix_ms)}`],
    paidAtMs && [t("Payée"), `${clock(paidAtMs)}${taken}`],
    sale.state === "expired" && [t("Expirée"), clock(sale.expires_at_unix_ms)],
    sale.tip_cents > 0 && [t("dont pourboire"), formatAmount(sale.tip_cents)],
    [t("Libellé"), sale.label],
    [t("Client"), sale.payer_label],
    [t("Caissier"), sale.cashier_label],
    [t("Code de preuve"), sale.proof_code],
    sale.refunded_cents > 0 && [t("Remboursé"), formatAmount(sale.refunded_cents)],
  ]);
}

/** @param {import("#ui/till_api_types.js").TabletRefundAnswer} refund */
function refundWords(refund) {
  return {
    requested: t("Demandé. Il reste à le signer sur le téléphone du commerçant."),
    accepted: t("Signé, en cours d’inscription."),
    paid: t("Le client a reçu l’argent."),
    refused: t("Remboursement refusé : rien n’a été rendu."),
  }[refund.state];
}

/** @param {Sale} sale */
function refundList(sale) {
  if (!sale.refunds.length) return "";
  return element(
    "section.refunds",
    { "aria-label": t("Remboursements") },
    element("h3", {}, t("Remboursements")),
    element(
      "ul.entries",
      {},
      sale.refunds.map((refund) =>
        element(
          "li.refund-line",
          {},
          element("span.entry-amount", {}, formatAmount(-refund.amount_cents)),
          element(
            "span.entry-words",
            {},
            `${timeText(refund.decided_at_unix_ms ?? refund.requested_at_unix_ms)} · ${refundWords(refund)}`,
          ),
          statePill("refund", refund.state),
        ),
      ),
    ),
  );
}

/**
 * The form keeps its reference while a try was not answered: asking again for the same amount asks once.
 * @param {Till} till
 * @param {Sale} firstSale
 */
function refundForm(till, firstSale) {
  let sale = firstSale;
  /** @type {{reference: string, cents: number | null}} */
  let request = { reference: newReference(), cents: null };
  const input = element("input.input.refund-input", {
    id: "refund-amount",
    inputmode: "decimal",
    autocomplete: "off",
    maxlength: "12",
    "aria-describedby": "refund-help refund-problem",
  });
  const help = element("p.hint", { id: "refund-help" });
  const alert = problemContainer("refund-problem");
  const words = element("span");
  const send = element("button.button.secondary", { type: "submit", id: "ask-refund" }, icon("undo-2"), words);
  /** What was typed, null when it is no amount or more than can be given back. */
  const validCents = () => {
    const cents = parseAmount(input.value);
    return cents !== null && cents <= refundableCents(sale) ? cents : null;
  };
  function drawButton() {
    const cents = validCents();
    words.textContent =
      cents === null
        ? t("Demander le remboursement")
        : t("Demander le remboursement de {amount}", { amount: formatAmount(cents) });
    send.disabled = cents === null;
    input.toggleAttribute("aria-invalid", input.value !== "" && cents === null);
  }
  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    const cents = validCents();
    if (cents === null || send.disabled) return;
    if (request.cents !== null && request.cents !== cents) request = { reference: newReference(), cents };
    request.cents = cents;
    send.disabled = true;
    words.textContent = t("Demande en cours…");
    try {
      await till.askRefund(sale.id, request.reference, cents);
      request = { reference: newReference(), cents: null };
      alert.replaceChildren();
    } catch (problem) {
      if (!isUnanswered(problem)) request = { reference: newReference(), cents: null };
      showRefusal(alert, problem);
      drawButton();
    }
  }
  input.addEventListener("input", drawButton);
  const form = element(
    "form.refund-form",
    { onsubmit: submit, novalidate: true },
    element("h3", {}, t("Rembourser")),
    element("label", { for: "refund-amount" }, t("Montant à rendre")),
    element("div.refund-row", {}, input, send),
    help,
    alert,
  );
  /** @type {number | null} */
  let knownRefundable = null;
  return {
    element: form,
    /** @param {Sale} newSale */
    update(newSale) {
      sale = newSale;
      const refundable = refundableCents(sale);
      if (refundable !== knownRefundable) input.value = formatAmount(refundable).replace(/[\u202f,](?=\d{3})/g, "");
      knownRefundable = refundable;
      help.textContent = t("Au plus {amount}. Le commerçant signe sur son téléphone ; ici, rien ne part tout seul.", {
        amount: formatAmount(refundable),
      });
      drawButton();
    },
  };
}
