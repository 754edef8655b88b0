// One sale in full: its state, its times, its refunds, and the form that asks for one. The merchant's phone signs; a till cannot.
import { newReference } from "./api.js";
import { parseAmount } from "./amount_entry.js";
import { h, icon } from "./dom.js";
import { bigAmount, button, pill } from "./parts.js";
import { openReceipt } from "./receipt.js";
import { refundableCents, refundPill, salePill } from "./stage_rules.js";
import { amountText, dateText, secondsText, t, timeText } from "./text.js";

let open = null;

export function openSaleDetails(till, saleId) {
  open?.dialog.close();
  const dialog = h("dialog.sheet", { "aria-labelledby": "details-title" });
  dialog.addEventListener("close", () => { dialog.remove(); if (open?.dialog === dialog) open = null; });
  open = { dialog, till, saleId, form: null, shown: null };
  draw();
  document.body.append(dialog);
  dialog.showModal();
}

/** Called when anything changed: an open dialog shows the new truth, unless a refund is being typed. */
export function refreshSaleDetails() {
  const sale = open?.till.saleById(open.saleId);
  if (sale && JSON.stringify(sale) !== open.shown) draw();
}

function draw() {
  const { dialog, till, saleId } = open;
  const sale = till.saleById(saleId);
  if (!sale) return;
  open.shown = JSON.stringify(sale);
  open.form ??= refundForm(till, sale);
  open.form.update(sale);
  const typing = dialog.contains(document.activeElement) ? document.activeElement : null;
  dialog.replaceChildren(
    h("header.sheet-head", {}, h("h2", { id: "details-title" }, t("Vente de {amount}", { amount: amountText(sale.amount_cents) })), pill(salePill(sale)),
      h("button.round", { type: "button", "aria-label": t("Fermer"), onclick: () => dialog.close() }, icon("x"))),
    bigAmount(sale.amount_cents, till.unit(sale.amount_cents)),
    factList(sale), refundList(sale),
    refundableCents(sale) > 0 ? open.form.element : "",
    h("div.sheet-buttons", {}, ...saleButtons(till, sale, dialog)));
  if (typing?.isConnected) typing.focus();
}

function saleButtons(till, sale, dialog) {
  const buttons = [];
  if (sale.state === "paid") buttons.push(button("outline", t("Reçu"), () => { dialog.close(); openReceipt(till, sale.id); }, { iconElement: icon("receipt-text") }));
  if (sale.state === "open" || sale.state === "accepted") buttons.push(button("main", t("Afficher cette vente"), () => { dialog.close(); till.show(sale.id); }));
  return buttons;
}

function factList(sale) {
  const rows = [
    [t("Ouverte"), `${dateText(sale.created_at_unix_ms)}, ${timeText(sale.created_at_unix_ms, true)}`],
    sale.paid_at_unix_ms && [t("Payée"), `${timeText(sale.paid_at_unix_ms, true)}${sale.accepted_at_unix_ms ? ` (${t("en {seconds}", { seconds: secondsText(sale.paid_at_unix_ms - sale.accepted_at_unix_ms) })})` : ""}`],
    sale.state === "expired" && [t("Expirée"), timeText(sale.expires_at_unix_ms, true)],
    sale.payer_label && [t("Client"), sale.payer_label],
    sale.proof_code && [t("Code de preuve"), sale.proof_code],
    sale.refunded_cents > 0 && [t("Remboursé"), amountText(sale.refunded_cents)],
  ];
  return h("dl.facts", {}, rows.filter(Boolean).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function refundWords(refund) {
  return {
    requested: t("Demandé. Il reste à le signer sur le téléphone du commerçant."), accepted: t("Signé, en cours d’inscription."),
    paid: t("Le client a reçu l’argent."), refused: t("Le commerçant n’a pas signé : rien n’a été remboursé."),
  }[refund.state];
}

function refundList(sale) {
  if (!sale.refunds.length) return "";
  return h("section.refunds", { "aria-label": t("Remboursements") }, h("h3", {}, t("Remboursements")),
    h("ul.entries", {}, sale.refunds.map((refund) => h("li.refund-line", {},
      h("span.entry-amount", {}, amountText(-refund.amount_cents)), h("span.entry-words", {}, `${timeText(refund.decided_at_unix_ms ?? refund.requested_at_unix_ms)} · ${refundWords(refund)}`), pill(refundPill(refund))))));
}

/** The form keeps its reference while a try was not answered: asking again for the same amount asks once. */
function refundForm(till, firstSale) {
  let sale = firstSale;
  let asked = { reference: newReference(), cents: null };
  const input = h("input.field.amount-field", { id: "refund-amount", inputmode: "decimal", autocomplete: "off", maxlength: "12", "aria-describedby": "refund-help refund-problem" });
  const help = h("p.help", { id: "refund-help" });
  const problemPlace = h("div.notice-place", { id: "refund-problem", role: "alert" });
  const words = h("span");
  const send = h("button.button.outline", { type: "submit", id: "ask-refund" }, icon("undo-2"), words);
  const typedCents = () => parseAmount(input.value);
  const valid = () => typedCents() !== null && typedCents() >= 1 && typedCents() <= refundableCents(sale);
  function show() {
    words.textContent = valid() ? t("Demander le remboursement de {amount}", { amount: amountText(typedCents()) }) : t("Demander le remboursement");
    send.disabled = !valid();
    input.toggleAttribute("aria-invalid", input.value !== "" && !valid());
  }
  async function submit(event) {
    event.preventDefault();
    if (!valid() || send.disabled) return;
    const cents = typedCents();
    if (asked.cents !== null && asked.cents !== cents) asked = { reference: newReference(), cents };
    asked.cents = cents;
    send.disabled = true;
    words.textContent = t("Demande en cours…");
    try {
      await till.askRefund(sale.id, asked.reference, cents);
      asked = { reference: newReference(), cents: null };
      problemPlace.replaceChildren();
    } catch (problem) {
      if (!problem.unanswered) asked = { reference: newReference(), cents: null };
      problemPlace.replaceChildren(h("p.notice.refused", {}, icon("circle-alert"), h("span", {}, problem.detail ?? String(problem))));
      show();
    }
  }
  input.addEventListener("input", show);
  const element = h("form.refund-form", { onsubmit: submit, novalidate: true }, h("h3", {}, t("Rembourser")),
    h("label", { for: "refund-amount" }, t("Montant à rendre")), h("div.refund-row", {}, input, send), help, problemPlace);
  let knownRefundable = null;
  return {
    element,
    update(newSale) {
      sale = newSale;
      const refundable = refundableCents(sale);
      if (refundable !== knownRefundable) input.value = amountText(refundable).replace(/[\u202f,](?=\d{3})/g, "");
      knownRefundable = refundable;
      help.textContent = t("Au plus {amount}. Le commerçant signe sur son téléphone ; ici, rien ne part tout seul.", { amount: amountText(refundable) });
      show();
    },
  };
}
