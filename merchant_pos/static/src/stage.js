// The screens of the stage while a sale is typed, shown, confirmed, paid or refused. Draws what the till knows; decides nothing.
import { amountCents } from "./amount_entry.js";
import { h, icon } from "./dom.js";
import { openReceipt } from "./receipt.js";
import { bigAmount, button } from "./parts.js";
import { salePill } from "./stage_rules.js";
import { amountText, countdownText, secondsText, t, timeText } from "./text.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "00", "0", "back"];
const LAST_SECONDS_MS = 20_000;

/** {element, update(), focus} of the till's present stage. */
export function makeStage(till) {
  const screens = {
    keypad, opening, open: qr, unknown, accepted, paid, expired: () => ended(till), cancelled: () => ended(till), loading, revoked,
  };
  return screens[till.stage](till);
}

function noticeLine(till) {
  const { notice } = till.state;
  return notice ? h(`p.notice.${notice.tone}`, {}, notice.tone === "refused" ? icon("circle-alert") : icon("info"), h("span", {}, notice.text)) : null;
}

function keypad(till) {
  const amountPlace = h("div.keypad-amount");
  const noticePlace = h("div.notice-place");
  const label = h("span");
  const charge = h("button.button.main.charge", { type: "button", onclick: () => till.charge(), id: "charge" }, label);
  const element = h("section.stage.keypad-stage", { "aria-label": t("Nouvelle vente") },
    h("h2.visually-hidden", {}, t("Nouvelle vente")),
    amountPlace, noticePlace,
    h("div.keys", { role: "group", "aria-label": t("Montant") }, KEYS.map((key) => keyButton(till, key))),
    charge);
  function update() {
    const cents = amountCents(till.state.entry);
    amountPlace.classList.toggle("empty", cents === 0);
    amountPlace.replaceChildren(bigAmount(cents, till.unit(cents)));
    noticePlace.replaceChildren(...[noticeLine(till)].filter(Boolean));
    label.textContent = cents ? t("Encaisser {amount}", { amount: amountText(cents) }) : t("Encaisser");
    charge.disabled = cents === 0;
  }
  update();
  return { element, update };
}

function keyButton(till, key) {
  const back = key === "back";
  return h(`button.key${back ? ".key-back" : ""}`, { type: "button", onclick: () => till.type(key), "aria-label": back ? t("Effacer") : null, "data-key": key },
    back ? icon("delete") : key);
}

function opening(till) {
  const place = h("div.stage-words");
  const element = h("section.stage.opening-stage", { "aria-label": t("Ouverture de la vente") }, bigAmount(till.state.current.amountCents, till.unit(till.state.current.amountCents)),
    h("div.qr-card.skeleton", { "aria-hidden": "true" }), place);
  let shownWaiting = null;
  function update() {
    if (shownWaiting === till.state.waiting) return;
    shownWaiting = till.state.waiting;
    place.replaceChildren(
      h("p.stage-sentence", {}, shownWaiting
        ? t("Le service ne répond pas encore : aucun QR n’est ouvert et rien n’est débité. Nouvel essai automatique.")
        : t("Ouverture de la vente.")),
      ...(shownWaiting ? [button("quiet", t("Abandonner cette vente"), () => till.newSale())] : []));
  }
  update();
  return { element, update };
}

function qr(till) {
  const { sale } = till;
  const left = h("strong.countdown-left");
  const bar = h("div.countdown-bar", {}, h("div.countdown-fill"));
  const noticePlace = h("div.notice-place");
  const cancel = button("quiet", t("Annuler la vente"), () => till.cancel(), { iconElement: icon("x") });
  const element = h("section.stage.qr-stage", { "aria-label": t("Le client paie") },
    h("div.qr-column", {}, qrCard(sale)),
    h("div.qr-side", {},
      h("h2.qr-title", { tabindex: "-1" }, t("À payer")),
      bigAmount(sale.amount_cents, till.unit(sale.amount_cents)),
      h("p.stage-sentence", {}, t("Le client scanne le QR avec son portefeuille, ou tape ce code :")),
      shortCode(sale.short_code),
      h("div.countdown", { role: "timer", "aria-label": t("Temps restant") }, icon("timer"), left, bar),
      noticePlace, cancel));
  const lifetimeMs = Math.max(1, sale.expires_at_unix_ms - sale.created_at_unix_ms);
  function update() {
    const leftMs = sale.expires_at_unix_ms - till.clock.nowUnixMs();
    left.textContent = leftMs > 0 ? countdownText(leftMs) : t("Délai passé : vérification.");
    bar.firstChild.style.transform = `scaleX(${Math.min(1, Math.max(0, leftMs / lifetimeMs)).toFixed(4)})`;
    element.classList.toggle("last-seconds", leftMs < LAST_SECONDS_MS);
    cancel.disabled = till.state.busy;
    const refused = till.sale?.refusal_code
      ? h("p.notice.refused", {}, icon("circle-alert"), h("span", {}, till.sale.refusal_detail ?? t("Le dernier essai a été refusé : rien n’a été débité. Le client peut réessayer.")))
      : null;
    noticePlace.replaceChildren(...[noticeLine(till) ?? refused].filter(Boolean));
  }
  update();
  return { element, update, ticking: true };
}

function qrCard(sale) {
  if (!sale.qr_svg) return h("div.qr-card.no-qr", {}, icon("qr-code"), h("p", {}, t("Le QR ne peut pas être dessiné : le code à six chiffres suffit.")));
  const bytes = new TextEncoder().encode(sale.qr_svg);
  const source = `data:image/svg+xml;base64,${btoa(String.fromCharCode(...bytes))}`;
  return h("div.qr-card", {}, h("img.qr", { id: "sale-qr", src: source, alt: t("QR de la vente, à scanner avec le portefeuille du client"), "data-sale": sale.id }));
}

/** Six digits in two groups, read aloud one by one. */
function shortCode(code) {
  if (!code) return null;
  return h("p.short-code", { id: "short-code", "data-code": code },
    h("span.visually-hidden", {}, code.split("").join(" ")),
    h("span.code-half", { "aria-hidden": "true" }, code.slice(0, 3)), h("span.code-half", { "aria-hidden": "true" }, code.slice(3)));
}

function accepted(till) {
  const { sale } = till;
  const element = h("section.stage.accepted-stage", { "aria-label": t("En cours") },
    h("div.badge", { "aria-hidden": "true" }, icon("hourglass")),
    h("h2.stage-word", { tabindex: "-1" }, t("En cours")),
    bigAmount(sale.amount_cents, till.unit(sale.amount_cents)),
    h("p.stage-facts", {}, facts([sale.payer_label, sale.proof_code && h("strong", {}, sale.proof_code)])),
    h("div.settling-bar", { "aria-hidden": "true" }, h("div")),
    h("p.stage-sentence", {}, t("Le client a confirmé, le paiement s’inscrit. Attendez « Payé » avant de remettre la marchandise.")),
    button("quiet", t("Nouvelle vente"), () => till.newSale()));
  return { element, update() {} };
}

function paid(till) {
  const { sale } = till;
  const isGivenBack = salePill(sale)[1] === "remboursé"; // the same word here as in the list
  const word = isGivenBack ? t("Remboursé") : t("Payé");
  const takenMs = sale.accepted_at_unix_ms === null ? null : sale.paid_at_unix_ms - sale.accepted_at_unix_ms;
  const newSale = button("main", t("Nouvelle vente"), () => till.newSale(), { id: "new-sale" });
  const element = h(`section.stage.${isGivenBack ? "refunded" : "paid"}-stage`, { "aria-label": word },
    h("div.badge", { "aria-hidden": "true" }, isGivenBack ? icon("undo-2") : icon("check")),
    h("h2.stage-word", {}, word),
    bigAmount(sale.amount_cents, till.unit(sale.amount_cents)),
    h("p.stage-facts", {}, facts([
      sale.payer_label, timeText(sale.paid_at_unix_ms, true),
      takenMs !== null && takenMs >= 0 && t("en {seconds}", { seconds: secondsText(takenMs) }), sale.proof_code && h("strong", {}, sale.proof_code),
    ])),
    sale.refunded_cents && !isGivenBack ? h("p.stage-facts", {}, t("dont {amount} remboursés", { amount: amountText(sale.refunded_cents) })) : null,
    h("div.stage-buttons", {}, newSale, button("outline", t("Reçu"), () => openReceipt(till, sale.id), { iconElement: icon("receipt-text") })));
  return { element, update() {}, focus: newSale };
}

function ended(till) {
  const { sale } = till;
  const expired = sale.state === "expired";
  const again = button("main", t("Recommencer {amount}", { amount: amountText(sale.amount_cents) }), () => till.retry());
  const element = h("section.stage.refused-stage", { "aria-label": expired ? t("Vente expirée") : t("Vente annulée") },
    h("div.badge", { "aria-hidden": "true" }, icon("x")),
    h("h2.stage-word", {}, expired ? t("Vente expirée") : t("Vente annulée")),
    bigAmount(sale.amount_cents, till.unit(sale.amount_cents)),
    h("p.stage-sentence", {}, expired
      ? t("Rien n’a été débité : le client n’a pas payé à temps. Ouvrez une nouvelle vente pour un nouveau QR.")
      : t("Rien n’a été débité.")),
    h("div.stage-buttons", {}, again, button("outline", t("Nouvelle vente"), () => till.newSale(), { id: "new-sale" })));
  return { element, update() {}, focus: again };
}

function unknown(till) {
  const cents = till.state.current.amountCents;
  const element = h("section.stage.unknown-stage", { "aria-label": t("État de la vente inconnu") },
    h("div.badge", { "aria-hidden": "true" }, icon("cloud-off")),
    h("h2.stage-word", { tabindex: "-1" }, t("État inconnu")),
    bigAmount(cents, till.unit(cents)),
    h("p.stage-sentence", {}, t("Le service ne répond pas : impossible de dire si cette vente est payée. La réponse s’affichera ici dès son retour ; ne faites pas payer deux fois.")),
    h("div.stage-buttons", {}, button("main", t("Vérifier maintenant"), () => till.load()), button("outline", t("Nouvelle vente"), () => till.newSale())));
  return { element, update() {} };
}

function revoked(till) {
  const element = h("section.stage.refused-stage", { "aria-label": t("Tablette dissociée") },
    h("div.badge", { "aria-hidden": "true" }, icon("unplug")),
    h("h2.stage-word", { tabindex: "-1" }, t("Tablette dissociée")),
    h("p.stage-sentence", {}, till.state.revoked.detail),
    h("p.stage-sentence", {}, t("Les ventes déjà payées restent acquises au commerçant. Pour encaisser de nouveau, associez la tablette avec un nouveau code.")),
    h("div.stage-buttons", {}, button("main", t("Associer de nouveau"), () => till.unpair().catch(() => till.load()))));
  return { element, update() {} };
}

function loading() {
  return {
    element: h("section.stage.loading-stage", { "aria-label": t("Chargement"), "aria-busy": "true" },
      h("div.skeleton.skeleton-amount"), h("div.keys", {}, KEYS.map(() => h("div.key.skeleton"))), h("p.stage-sentence", {}, t("La caisse interroge le service."))),
    update() {},
  };
}

/** Facts side by side, with a point between those that exist. */
function facts(list) {
  return list.filter(Boolean).flatMap((fact, index) => [index ? " · " : null, h("span.fact", {}, fact)]);
}
