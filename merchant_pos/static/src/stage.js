// The screens of the stage while a sale is typed, shown, confirmed, paid or refused. Draws what the till knows; decides nothing.
import { amount } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { formatCountdown, timeText } from "#ui/times.js";

import { secondsText } from "./durations.js";
import { KEYS, keypad } from "./keypad.js";
import { button, noticeLine, refusal, svgSource, tipWords } from "./parts.js";
import { openReceipt } from "./receipt.js";
import { isDeaf, wakeSound } from "./signals.js";
import { isLate, saleStateName } from "./stage_rules.js";
import { tipChoice } from "./tip_choice.js";

const LAST_SECONDS_MS = 20_000;

/** {element, update(), focus} of the till's present stage. */
export function makeStage(till) {
  const screens = {
    keypad,
    tip: tipChoice,
    opening,
    open: qr,
    unknown,
    accepted,
    paid,
    expired: () => ended(till),
    cancelled: () => ended(till),
    loading,
    revoked,
  };
  return screens[till.stage](till);
}

function opening(till) {
  const container = element("div.stage-words");
  const screen = element(
    "section.stage.opening-stage",
    { "aria-label": t("Ouverture de la vente") },
    amount(till.state.current.amountCents, till.unit(till.state.current.amountCents)),
    labelLine(till.state.current.label),
    element("div.qr-card.skeleton", { "aria-hidden": "true" }),
    container,
  );
  let shownWaiting = null;
  function update() {
    if (shownWaiting === till.state.waiting) return;
    shownWaiting = till.state.waiting;
    container.replaceChildren(
      element(
        "p.stage-sentence",
        {},
        shownWaiting
          ? t("Le service ne répond pas encore : aucun QR n’est ouvert et rien n’est débité. Nouvel essai automatique.")
          : t("Ouverture de la vente."),
      ),
      ...(shownWaiting ? [button("quiet", t("Abandonner cette vente"), () => till.newSale())] : []),
    );
  }
  update();
  return { element: screen, update };
}

function qr(till) {
  const { sale } = till;
  const left = element("strong.countdown-left");
  const bar = element("div.countdown-bar", {}, element("div.countdown-fill"));
  const noticeContainer = element("div.notice-place");
  const hear = hearButton();
  const cancel = button("quiet", t("Annuler la vente"), () => till.cancel(), { iconElement: icon("x") });
  const screen = element(
    "section.stage.qr-stage",
    { "aria-label": t("Le client paie") },
    element("div.qr-column", {}, qrCard(sale)),
    element(
      "div.qr-side",
      {},
      element("h2.qr-title", { tabindex: "-1" }, t("À payer")),
      amount(sale.amount_cents, till.unit(sale.amount_cents)),
      tipLine(sale),
      labelLine(sale.label),
      element("p.stage-sentence", {}, t("Le client scanne le QR avec son portefeuille, ou tape ce code :")),
      shortCode(sale.short_code),
      element("div.countdown", { role: "timer", "aria-label": t("Temps restant") }, icon("timer"), left, bar),
      noticeContainer,
      hear.element,
      cancel,
    ),
  );
  const lifetimeMs = Math.max(1, sale.expires_at_unix_ms - sale.created_at_unix_ms);
  function update() {
    const leftMs = sale.expires_at_unix_ms - till.clock.nowUnixMs();
    left.textContent = leftMs > 0 ? formatCountdown(leftMs / 1000) : t("Délai passé : vérification.");
    bar.firstChild.style.transform = `scaleX(${Math.min(1, Math.max(0, leftMs / lifetimeMs)).toFixed(4)})`;
    screen.classList.toggle("last-seconds", leftMs < LAST_SECONDS_MS);
    cancel.disabled = till.state.busy;
    hear.update();
    show(noticeContainer, noticeLine(till) ?? lastRefusal(till.sale));
  }
  update();
  return { element: screen, update, ticking: true };
}

/** A page that was reloaded sounds only once it was touched: said, so that nobody waits for a note that does not come. */
function hearButton() {
  const touch = button("secondary", t("Toucher pour entendre « Payé »"), wakeSound, { iconElement: icon("volume-2") });
  touch.classList.add("small");
  return { element: touch, update: () => (touch.hidden = !isDeaf()) };
}

/** What the cashier wrote of the sale; the payer reads the same. @param {string | null | undefined} label */
const labelLine = (label) => (label ? element("p.sale-label", {}, label) : null);

/** What of the amount is a tip. @param {import("./stage_rules.js").Sale} sale */
const tipLine = (sale) => (sale.tip_cents ? element("p.stage-facts", {}, tipWords(sale.tip_cents)) : null);

/** Why the customer's last try was refused. */
function lastRefusal(sale) {
  if (!sale?.refusal_code) return null;
  return refusal(
    sale.refusal_detail ?? t("Le dernier essai a été refusé : rien n’a été débité. Le client peut réessayer."),
  );
}

function qrCard(sale) {
  if (!sale.qr_svg)
    return element(
      "div.qr-card.no-qr",
      {},
      icon("qr-code"),
      element("p", {}, t("Le QR ne peut pas être dessiné : le code à six chiffres suffit.")),
    );
  return element(
    "div.qr-card",
    {},
    element("img.qr-image", {
      id: "sale-qr",
      src: svgSource(sale.qr_svg),
      alt: t("QR de la vente, à scanner avec le portefeuille du client"),
      "data-sale": sale.id,
    }),
  );
}

/** Six digits in two groups, read aloud one by one. */
function shortCode(code) {
  if (!code) return null;
  return element(
    "p.short-code",
    { id: "short-code", "data-code": code },
    element("span.visually-hidden", {}, code.split("").join(" ")),
    element("span.code-half", { "aria-hidden": "true" }, code.slice(0, 3)),
    element("span.code-half", { "aria-hidden": "true" }, code.slice(3)),
  );
}

function accepted(till) {
  const { sale } = till;
  const line = factLine(till, (shown) => [
    shown.payer_label,
    shown.proof_code && element("strong", {}, shown.proof_code),
  ]);
  const sentence = element("p.stage-sentence", { role: "status" });
  const screen = element(
    "section.stage.accepted-stage",
    { "aria-label": t("En cours") },
    element("div.badge", { "aria-hidden": "true" }, icon("hourglass")),
    element("h2.stage-word", { tabindex: "-1" }, t("En cours")),
    amount(sale.amount_cents, till.unit(sale.amount_cents)),
    labelLine(sale.label),
    line.element,
    element("div.settling-bar", { "aria-hidden": "true" }, element("div")),
    sentence,
    button("quiet", t("Nouvelle vente"), () => till.newSale()),
  );
  /** @type {boolean | null} */
  let saysLate = null;
  function update() {
    line.update();
    const late = isLate(sale, till.clock.nowUnixMs());
    if (late === saysLate) return;
    saysLate = late;
    sentence.textContent = late
      ? t(
          "C’est plus long que d’habitude : gardez la marchandise. Si le client ne peut pas attendre, encaissez autrement ; si ce paiement passe quand même, remboursez-le depuis la liste des ventes.",
        )
      : t("Le client a confirmé, le paiement s’inscrit. Attendez « Payé » avant de remettre la marchandise.");
  }
  update();
  return { element: screen, update, ticking: true };
}

function paid(till) {
  const { sale } = till;
  const isGivenBack = saleStateName(sale) === "refunded"; // the same word here as in the list
  const word = isGivenBack ? t("Remboursé") : t("Payé");
  const takenMs = sale.accepted_at_unix_ms === null ? null : sale.paid_at_unix_ms - sale.accepted_at_unix_ms;
  const line = factLine(till, (shown) => [
    shown.payer_label,
    timeText(sale.paid_at_unix_ms, { hasSeconds: true }),
    takenMs !== null && takenMs >= 0 && t("en {seconds}", { seconds: secondsText(takenMs) }),
    sale.proof_code && element("strong", {}, sale.proof_code),
  ]);
  const newSale = button("large", t("Nouvelle vente"), () => till.newSale(), { id: "new-sale" });
  const screen = element(
    `section.stage.${isGivenBack ? "refunded" : "paid"}-stage`,
    { "aria-label": word },
    element("div.badge", { "aria-hidden": "true" }, isGivenBack ? icon("undo-2") : icon("check")),
    element("h2.stage-word", {}, word),
    amount(sale.amount_cents, till.unit(sale.amount_cents)),
    tipLine(sale),
    labelLine(sale.label),
    line.element,
    sale.refunded_cents && !isGivenBack
      ? element("p.stage-facts", {}, t("dont {amount} remboursés", { amount: formatAmount(sale.refunded_cents) }))
      : null,
    element(
      "div.stage-buttons",
      {},
      newSale,
      button("secondary", t("Reçu"), () => openReceipt(till, sale.id), { iconElement: icon("receipt-text") }),
    ),
  );
  return { element: screen, update: line.update, focus: newSale };
}

function ended(till) {
  const { sale } = till;
  const expired = sale.state === "expired";
  const again = button("large", t("Recommencer {amount}", { amount: formatAmount(sale.amount_cents) }), () =>
    till.retry(),
  );
  const screen = element(
    "section.stage.refused-stage",
    { "aria-label": expired ? t("Vente expirée") : t("Vente annulée") },
    element("div.badge", { "aria-hidden": "true" }, icon("x")),
    element("h2.stage-word", {}, expired ? t("Vente expirée") : t("Vente annulée")),
    amount(sale.amount_cents, till.unit(sale.amount_cents)),
    element(
      "p.stage-sentence",
      {},
      expired
        ? t("Rien n’a été débité : le client n’a pas payé à temps. Ouvrez une nouvelle vente pour un nouveau QR.")
        : t("Rien n’a été débité."),
    ),
    element(
      "div.stage-buttons",
      {},
      again,
      button("secondary", t("Nouvelle vente"), () => till.newSale(), { id: "new-sale" }),
    ),
  );
  return { element: screen, update() {}, focus: again };
}

function unknown(till) {
  const cents = till.state.current.amountCents;
  const screen = element(
    "section.stage.unknown-stage",
    { "aria-label": t("État de la vente inconnu") },
    element("div.badge", { "aria-hidden": "true" }, icon("cloud-off")),
    element("h2.stage-word", { tabindex: "-1" }, t("État inconnu")),
    amount(cents, till.unit(cents)),
    element(
      "p.stage-sentence",
      {},
      t(
        "Le service ne répond pas : impossible de dire si cette vente est payée. La réponse s’affichera ici dès son retour ; ne faites pas payer deux fois.",
      ),
    ),
    element(
      "div.stage-buttons",
      {},
      button("large", t("Vérifier maintenant"), () => till.load()),
      button("secondary", t("Nouvelle vente"), () => till.newSale()),
    ),
  );
  return { element: screen, update() {} };
}

function revoked(till) {
  const screen = element(
    "section.stage.refused-stage",
    { "aria-label": t("Tablette dissociée") },
    element("div.badge", { "aria-hidden": "true" }, icon("unplug")),
    element("h2.stage-word", { tabindex: "-1" }, t("Tablette dissociée")),
    element("p.stage-sentence", {}, till.state.revoked.detail),
    element(
      "p.stage-sentence",
      {},
      t(
        "Les ventes déjà payées restent acquises au commerçant. Pour encaisser de nouveau, associez la tablette avec un nouveau code.",
      ),
    ),
    element(
      "div.stage-buttons",
      {},
      button("large", t("Associer de nouveau"), () => till.unpair().catch(() => till.load())),
    ),
  );
  return { element: screen, update() {} };
}

function loading() {
  return {
    element: element(
      "section.stage.loading-stage",
      { "aria-label": t("Chargement"), "aria-busy": "true" },
      element("div.skeleton.skeleton-amount"),
      element(
        "div.keys",
        {},
        KEYS.map(() => element("div.key.skeleton")),
      ),
      element("p.stage-sentence", {}, t("La caisse interroge le service.")),
    ),
    update() {},
  };
}

/** The facts of the sale on the stage, drawn again when the payer's name comes: it is read, the state is pushed. */
function factLine(till, factsOf) {
  const line = element("p.stage-facts");
  let shownPayer;
  function update() {
    if (till.sale.payer_label === shownPayer) return;
    shownPayer = till.sale.payer_label;
    line.replaceChildren(...facts(factsOf(till.sale)));
  }
  update();
  return { element: line, update };
}

/** Facts side by side, with a point between those that exist. */
function facts(list) {
  return list.filter(Boolean).flatMap((fact, index) => [...(index ? [" · "] : []), element("span.fact", {}, fact)]);
}
