// Starts the till's page: lays out header, band, stage and list, redraws what changed, and lets the keyboard do what fingers do.
import { h, icon } from "./dom.js";
import { renderLedger } from "./ledger.js";
import { makePairing } from "./pairing.js";
import { mark } from "./parts.js";
import { refreshSaleDetails } from "./sale_details.js";
import { openSettings } from "./settings.js";
import { makeStage } from "./stage.js";
import { durationText, t } from "./text.js";
import { Till } from "./till.js";

const CLOCK_MS = 250;

const app = document.getElementById("app");
const till = new Till(() => draw());
const parts = layOut();
let shownStage = null;
let shownKey = null;
let shownBook = null;

function layOut() {
  const merchant = h("h1.merchant");
  const label = h("p.till-label");
  const connection = h("p.pill.connection", { id: "connection" });
  const settings = h("button.round", { type: "button", "aria-label": t("Réglages de la tablette"), onclick: () => openSettings(till) }, icon("settings"));
  const header = h("header.top", {}, h("div.merchant-place", {}, mark(), merchant), label, h("div.top-end", {}, connection, settings));
  const band = h("div.band-place", { role: "status" });
  const stage = h("div.stage-place", { id: "stage" });
  const ledger = h("section.ledger", { id: "ledger", "aria-label": t("Ventes du jour") });
  const drawer = h("button.drawer-button", { type: "button", "aria-expanded": "false", "aria-controls": "ledger", onclick: () => toggleDrawer() });
  app.replaceChildren(header, band, h("main.columns", {}, stage, ledger), drawer);
  return { merchant, label, connection, band, stage, ledger, drawer };
}

function toggleDrawer(open = !app.classList.contains("drawer-open")) {
  app.classList.toggle("drawer-open", open);
  parts.drawer.setAttribute("aria-expanded", String(open));
  drawDrawerButton();
}

function draw() {
  drawHeader();
  drawBand();
  drawStage();
  const paired = till.state.paired && !till.state.revoked;
  app.classList.toggle("alone", !paired);
  if (paired) drawLedger();
  drawDrawerButton();
  refreshSaleDetails();
}

function drawHeader() {
  const { till: paired, online } = till.state;
  parts.merchant.textContent = paired?.merchant_name ?? t("Caisse");
  parts.label.textContent = [paired?.label, till.state.environment === "demo" ? t("démonstration") : null].filter(Boolean).join(" · ");
  const word = online ? t("En ligne") : t("Hors ligne");
  if (parts.connection.dataset.key === word) return;
  parts.connection.dataset.key = word;
  parts.connection.className = `pill connection ${online ? "paid" : "refused"}`;
  parts.connection.replaceChildren(online ? icon("wifi") : icon("wifi-off"), h("span", {}, word));
}

function bandSentence() {
  if (till.stage === "open") return t("Le client peut encore payer ce QR si son téléphone a du réseau ; « Payé » s’affichera ici au retour. Ne remettez rien avant.");
  if (till.stage === "accepted") return t("Le client a confirmé, mais le paiement n’est pas encore sûr. Attendez « Payé » avant de remettre la marchandise.");
  return t("Aucun nouveau QR ne peut être ouvert. Les ventes affichées « payé » le restent. Encaissez autrement, ou patientez : la caisse réessaie sans cesse.");
}

function drawBand() {
  if (till.state.online) {
    if (parts.band.firstChild) parts.band.replaceChildren();
    return;
  }
  const since = Math.trunc((performance.now() - till.state.offlineSinceMs) / 1000);
  if (!parts.band.firstChild) {
    parts.band.replaceChildren(h("div.band", {}, icon("cloud-off"), h("p", {}, h("strong", {}), " ", h("span")), h("button.button.small", { type: "button", onclick: () => till.load() }, icon("refresh-cw"), h("span", {}, t("Réessayer")))));
  }
  const head = since < 2 ? t("Service injoignable.") : t("Service injoignable depuis {duration}.", { duration: durationText(since) });
  const strong = parts.band.querySelector("strong");
  // The seconds change in silence: only the sentence is for screen readers.
  if (strong.textContent !== head) strong.textContent = head;
  const sentence = parts.band.querySelector("p span");
  if (sentence.textContent !== bandSentence()) sentence.textContent = bandSentence();
}

function drawStage() {
  const { sale, stage } = till;
  const key = [stage, till.state.current?.saleId, till.state.current?.reference, sale?.refunded_cents, till.state.currency?.unit_many].join("|");
  if (key !== shownKey) {
    const first = shownKey === null;
    shownKey = key;
    shownStage = stage === "pairing" ? makePairing(till) : makeStage(till);
    parts.stage.replaceChildren(shownStage.element);
    parts.stage.dataset.stage = stage;
    if (stage !== "keypad" && stage !== "pairing") toggleDrawer(false);
    if (!document.querySelector("dialog[open]")) {
      const target = shownStage.focus ?? (first ? null : shownStage.element.querySelector("h2[tabindex]"));
      target?.focus({ preventScroll: true });
    }
  } else shownStage.update();
}

/** Only when it says something else: a list replaced under a finger loses the touch. */
function drawLedger() {
  const key = JSON.stringify([till.state.book, till.state.book ? null : till.state.online, till.unit(0)]);
  if (key === shownBook) return;
  shownBook = key;
  renderLedger(till, parts.ledger);
}

function drawDrawerButton() {
  const { book } = till.state;
  const open = app.classList.contains("drawer-open");
  const words = open ? t("Revenir à la caisse") : t("Ventes du jour");
  const amount = !open && book?.today ? till.amountWithUnit(book.today.net_cents) : "";
  if (parts.drawer.dataset.key === words + amount) return;
  parts.drawer.dataset.key = words + amount;
  parts.drawer.replaceChildren(open ? icon("chevron-down") : icon("list"), h("span", {}, words), h("strong", {}, amount));
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("input, textarea, select")) return;
  const onButton = event.target.closest?.("button, a");
  if (keyDone(event.key, Boolean(onButton))) event.preventDefault();
}

/** What a key does on the present stage; true when it did something. Enter on a focused button stays that button's. */
function keyDone(key, onButton) {
  const { stage } = till;
  if (stage === "keypad") {
    if (/^[0-9]$/.test(key)) till.type(key);
    else if (key === "," || key === ".") till.type(",");
    else if (key === "Backspace") till.type("back");
    else if (key === "Escape" || key === "Delete") till.type("clear");
    else if (key === "Enter" && (!onButton || document.activeElement.dataset.key)) till.charge();
    else return false;
    return true;
  }
  if (stage === "open" && key === "Escape") till.cancel();
  else if (stage === "opening" && key === "Escape" && till.state.waiting) till.newSale();
  else if (["paid", "expired", "cancelled"].includes(stage)) {
    if (key === "Escape" || (key === "Enter" && !onButton)) till.newSale();
    else if (/^[0-9]$/.test(key)) { till.newSale(); till.type(key); } else return false;
  } else return false;
  return true;
}

document.addEventListener("keydown", onKey);
setInterval(() => { if (shownStage?.ticking) shownStage.update(); drawBand(); }, CLOCK_MS);
draw();
till.load();
navigator.serviceWorker?.register("/service-worker.js").catch(() => { /* the till works without it, online */ });
