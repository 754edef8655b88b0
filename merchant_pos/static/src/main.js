// Starts the till's page: lays out header, band, stage and list, redraws what changed, and lets the keyboard do what fingers do.
import { mark } from "#ui/components.js";
import { element, focusedIn, icon, nearest } from "#ui/dom.js";
import { t } from "#ui/i18n.js";
import { followReleases } from "#ui/release.js";

import { openCashiers } from "./cashier_sheet.js";
import { durationText } from "./durations.js";
import { keepShop, keptShop } from "./kept_sale.js";
import { makePairing } from "./pairing.js";
import { refreshSaleDetails } from "./sale_details.js";
import { renderSalesList } from "./sales_list.js";
import { makeScreenLock } from "./screen_lock.js";
import { openSettings } from "./settings.js";
import { makeStage } from "./stage.js";
import { bandOf } from "./stage_rules.js";
import { Till } from "./till.js";

const CLOCK_MS = 250;

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
const till = new Till(() => draw());
const parts = layOut();
/** @type {{element: HTMLElement, update: () => void, focus?: HTMLElement | null, ticking?: boolean} | null} */
let shownStage = null;
/** @type {string | null} */
let shownKey = null;
/** @type {string | null} */
let shownBook = null;
const screenLock = makeScreenLock();
/** A newer release is behind this page: offered between two sales, never in one. */
let hasNewRelease = false;

function layOut() {
  const merchant = element("h1.merchant");
  const label = element("p.till-label");
  const connection = element("p.pill.connection", { id: "connection" });
  const settings = element(
    "button.icon-button",
    { type: "button", "aria-label": t("Réglages de la tablette"), onclick: () => openSettings(till) },
    icon("settings"),
  );
  const cashier = element(
    "button.cashier-button",
    { type: "button", id: "cashier", hidden: true, onclick: () => openCashiers(till) },
    icon("user"),
    element("span"),
  );
  const header = element(
    "header.top",
    {},
    element("div.merchant-place", {}, mark(), merchant),
    label,
    element("div.top-end", {}, cashier, connection, settings),
  );
  const band = element("div.band-place", { role: "status" });
  const stage = element("div.stage-place", { id: "stage" });
  const salesList = element("section.sales-list", { id: "sales-list", "aria-label": t("Ventes du jour") });
  const drawer = element("button.drawer-button", {
    type: "button",
    "aria-expanded": "false",
    "aria-controls": "sales-list",
    onclick: () => toggleDrawer(),
  });
  app.replaceChildren(header, band, element("main.columns", {}, stage, salesList), drawer);
  return { merchant, label, cashier, connection, band, stage, salesList, drawer };
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
  if (paired) drawSalesList();
  drawDrawerButton();
  refreshSaleDetails();
  screenLock.want(["tip", "opening", "open", "accepted", "unknown"].includes(till.stage));
}

function drawHeader() {
  if (till.state.loaded) keepShop(till.state.till);
  const paired = till.state.loaded ? till.state.till : keptShop();
  const online = till.state.online && !till.state.revoked;
  parts.merchant.textContent = paired?.merchant_name ?? t("Caisse");
  parts.label.textContent = [paired?.label, till.state.environment === "demo" ? t("démonstration") : null]
    .filter(Boolean)
    .join(" · ");
  drawCashier();
  const stopped = online && till.state.paymentsStopped;
  const word = till.state.revoked
    ? t("Dissociée")
    : stopped
      ? t("Paiements arrêtés")
      : online
        ? t("En ligne")
        : t("Hors ligne");
  if (parts.connection.dataset.key === word) return;
  parts.connection.dataset.key = word;
  parts.connection.className = `pill connection ${online && !stopped ? "good" : "bad"}`;
  const picture = stopped ? icon("octagon-pause") : online ? icon("wifi") : icon("wifi-off");
  parts.connection.replaceChildren(picture, element("span", {}, word));
}

/** Who is at the till; where the shop named nobody, nothing. */
function drawCashier() {
  const name = till.cashiers.current?.name;
  parts.cashier.hidden = !till.cashiers.areNamed || !till.state.paired || Boolean(till.state.revoked);
  parts.cashier.classList.toggle("nobody", !name);
  parts.cashier.querySelector("span").textContent = name ?? t("Qui encaisse ?");
  parts.cashier.setAttribute("aria-label", name ? t("À la caisse : {name}. Changer", { name }) : t("Qui encaisse ?"));
}

function bandSentence() {
  if (till.stage === "open")
    return t(
      "Le client peut encore payer ce QR si son téléphone a du réseau ; « Payé » s’affichera ici au retour. Ne remettez rien avant.",
    );
  if (till.stage === "accepted")
    return t(
      "Le client a confirmé, mais le paiement n’est pas encore sûr. Attendez « Payé » avant de remettre la marchandise.",
    );
  return t(
    "Aucun nouveau QR ne peut être ouvert. Les ventes affichées « payé » le restent. Encaissez autrement, ou patientez : la caisse réessaie sans cesse.",
  );
}

/** Drawn when it says something else; the seconds of an absence go on in it. */
function drawBand() {
  const said = bandOf(till.state, till.stage, hasNewRelease);
  if ((parts.band.dataset.said ?? "") !== (said ?? "")) {
    parts.band.dataset.said = said ?? "";
    parts.band.replaceChildren(...(said ? [BANDS[said]()] : []));
  }
  if (said === "away") tellHowLong();
}

const BANDS = {
  away: () =>
    element(
      "div.band",
      {},
      icon("cloud-off"),
      element("p", {}, element("strong", {}), " ", element("span")),
      element(
        "button.button.secondary.small",
        { type: "button", onclick: () => till.load() },
        icon("refresh-cw"),
        element("span", {}, t("Réessayer")),
      ),
    ),
  /** Before anybody types an amount: no code is opened now, and who has paid has paid. */
  stopped: () =>
    element(
      "div.band.bad",
      {},
      icon("octagon-pause"),
      element(
        "p",
        {},
        element("strong", {}, t("Les paiements sont arrêtés pour tout le monde.")),
        " ",
        t("Encaissez autrement. Les ventes affichées « payé » le restent ; la caisse reprend toute seule."),
      ),
    ),
  release: () =>
    element(
      "div.band.info",
      {},
      icon("refresh-cw"),
      element("p", {}, t("Une nouvelle version est prête.")),
      element("button.button.secondary.small", { type: "button", onclick: () => location.reload() }, t("Recharger")),
    ),
};

function tellHowLong() {
  const since = Math.trunc((performance.now() - Number(till.state.offlineSinceMs)) / 1000);
  const head =
    since < 2
      ? t("Service injoignable.")
      : t("Service injoignable depuis {duration}.", { duration: durationText(since) });
  const strong = parts.band.querySelector("strong");
  // The seconds change in silence: only the sentence is for screen readers.
  if (strong.textContent !== head) strong.textContent = head;
  const sentence = parts.band.querySelector("p span");
  if (sentence.textContent !== bandSentence()) sentence.textContent = bandSentence();
}

function drawStage() {
  const { sale, stage } = till;
  const key = [
    stage,
    till.state.current?.saleId,
    till.state.current?.reference,
    sale?.refunded_cents,
    stage === "open" && Boolean(sale.qr_svg),
    till.state.currency?.unit_many,
  ].join("|");
  if (shownStage && key === shownKey) {
    shownStage.update();
    return;
  }
  const first = shownKey === null;
  shownKey = key;
  const made = stage === "pairing" ? makePairing(till) : makeStage(till);
  shownStage = made;
  parts.stage.replaceChildren(made.element);
  parts.stage.dataset.stage = stage;
  if (stage !== "keypad" && stage !== "pairing") toggleDrawer(false);
  if (!document.querySelector("dialog[open]")) {
    const target = made.focus ?? (first ? null : made.element.querySelector("h2[tabindex]"));
    target?.focus({ preventScroll: true });
  }
}

/** Only when it says something else: a list replaced under a finger loses the touch. */
function drawSalesList() {
  const key = JSON.stringify([till.state.book, till.state.book ? null : till.state.online, till.unit(0)]);
  if (key === shownBook) return;
  shownBook = key;
  renderSalesList(till, parts.salesList);
}

function drawDrawerButton() {
  const { book } = till.state;
  const open = app.classList.contains("drawer-open");
  const words = open ? t("Revenir à la caisse") : t("Ventes du jour");
  const amount = !open && book ? till.amountWithUnit(till.today.netCents) : "";
  if (parts.drawer.dataset.key === words + amount) return;
  parts.drawer.dataset.key = words + amount;
  parts.drawer.replaceChildren(
    open ? icon("chevron-down") : icon("list"),
    element("span", {}, words),
    element("strong", {}, amount),
  );
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (nearest(event, "input, textarea, select")) return;
  const onButton = nearest(event, "button, a");
  if (keyDone(event.key, Boolean(onButton))) event.preventDefault();
}

/** What a key does on the present stage; true when it did something. Enter on a focused button stays that button's. */
function keyDone(key, onButton) {
  const { stage } = till;
  if (stage === "keypad") return keypadKeyDone(key, onButton);
  if (stage === "open" && key === "Escape") till.cancel();
  else if (stage === "tip" && key === "Escape") till.leaveTip();
  else if (stage === "opening" && key === "Escape" && till.state.waiting) till.newSale();
  else if (["paid", "expired", "cancelled"].includes(stage)) return endKeyDone(key, onButton);
  else return false;
  return true;
}

const KEYPAD_KEYS = { ",": ",", ".": ",", Backspace: "back", Escape: "clear", Delete: "clear" };

function keypadKeyDone(key, onButton) {
  if (/^[0-9]$/.test(key)) till.type(key);
  else if (Object.hasOwn(KEYPAD_KEYS, key)) till.type(KEYPAD_KEYS[key]);
  else if (key === "Enter" && (!onButton || focusedIn(app)?.dataset.key)) till.charge();
  else return false;
  return true;
}

/** After a sale: the next one, begun by its first digit. */
function endKeyDone(key, onButton) {
  const isDigit = /^[0-9]$/.test(key);
  if (!isDigit && key !== "Escape" && (key !== "Enter" || onButton)) return false;
  till.newSale();
  if (isDigit) till.type(key);
  return true;
}

document.addEventListener("keydown", onKey);
setInterval(() => {
  if (shownStage?.ticking) shownStage.update();
  drawBand();
}, CLOCK_MS);
draw();
till.load();
followReleases("/service-worker.js", () => {
  hasNewRelease = true;
  drawBand();
});
