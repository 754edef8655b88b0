/** Add euros: an amount, my own reference, a code for the bank's app; then the credit arrives here by itself. */
import { element, show } from "#ui/dom.js";
import { formatAmount, t, typedAmount } from "#ui/i18n.js";

import { notice } from "#ui/components.js";
import { amountInput, copyRow, field, innerHeader, linkRow } from "../components.js";
import { isArriving, onHoldSentence } from "../on_hold.js";
import { movementRow } from "../movements.js";
import { parseAmount } from "#ui/money.js";
import { inFours, spelled } from "../protocol/references.js";
import { secondWayCard } from "../second_way.js";
import { isLoadedOnce, onceSentence } from "../tiers.js";

const REDRAW_AFTER_MS = 350;
const SHOWN_TOPUPS = 3;
const LOOK_BACK = 50;

export function addMoneyScreen(app, params, disposables) {
  const container = element("div.stack", {}, element("div.skeleton.skeleton-card", {}));
  const news = element("div", { role: "status" });
  const past = element("div.stack");
  const readPast = () => showPast(app, past).catch(() => {});
  app.service
    .get("/v1/me/topup")
    .then((account) => showAccount(app, account, container))
    .catch((error) => show(container, notice("bad", "triangle-alert", error.message)));
  readPast();
  const second = element("div");
  const showSecond = () =>
    secondWayCard(app, () => void showSecond()).then((card) => {
      if (!disposables.isDisposed) show(second, card);
    });
  void showSecond();
  disposables.add(
    app.listen((event) => {
      if (event.kind === "topup.credited") {
        const cents = event.data.amount_cents;
        show(
          news,
          notice(
            "good",
            "circle-check",
            element(
              "strong",
              {},
              cents ? t("{amount} crédités", { amount: formatAmount(cents) }) : t("Virement crédité"),
            ),
            element("p", {}, t("Votre argent est disponible.")),
          ),
        );
      }
      if (event.kind === "topup.held") {
        const amount = formatAmount(event.data.amount_cents);
        const title = isArriving(event.data.reason)
          ? t("{amount} arrivés, en cours de confirmation", { amount })
          : t("{amount} reçus, pas encore crédités", { amount });
        show(
          news,
          notice(
            "wait",
            "hourglass",
            element("strong", {}, title),
            element("p", {}, onHoldSentence(event.data.reason)),
          ),
        );
      }
      if (event.kind === "me") readPast();
    }),
  );
  const body = element(
    "div.narrow.stack",
    {},
    innerHeader(app, t("Ajouter de l’argent")),
    isLoadedOnce(app) !== null && notice("wait", "info", onceSentence(app)),
    news,
    second,
    container,
    past,
  );
  return { title: t("Ajouter de l’argent"), body };
}
/* icons: circle-check triangle-alert landmark hourglass calendar-clock info */

function showAccount(app, account, container) {
  const { input, box } = amountInput("€");
  const amountField = field("amount", t("Combien ?"), input, {
    optional: true,
    hint: boundsOf(app, account),
    holder: box,
  });
  const image = sepaCode();
  const lines = element("dl.copy-list");
  const rows = linesOf(account);
  const reference = rows.at(-1);
  show(lines, rows);
  /** Comes and goes alone: what is being tapped beside it stays where it is. @type {HTMLElement | null} */
  let amountRow = null;
  const draw = () => {
    const cents = input.value.trim() === "" ? null : parseAmount(input.value);
    const isUnread = input.value.trim() !== "" && cents === null;
    const isBad = isUnread || (cents !== null && isOutside(cents, account));
    const wrong = isUnread ? t("Écrivez un montant comme 50 ou 12,50.") : boundsOf(app, account);
    amountField.setError(isBad ? wrong : null);
    if (!isBad) image.src = `/v1/me/topup/qr.svg${cents === null ? "" : `?amount_cents=${cents}`}`;
    amountRow?.remove();
    if (isBad || cents === null) return;
    amountRow = copyRow(t("Montant"), formatAmount(cents), { copied: typedAmount(cents) });
    reference.before(amountRow);
  };
  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, REDRAW_AFTER_MS);
  });
  draw();
  show(
    container,
    element(
      "p.soft",
      {},
      t("Faites un virement depuis votre banque : pour 1 €, 1 {unit}. Votre référence dit que c’est vous.", {
        unit: app.unit(100),
      }),
    ),
    amountField.box,
    element(
      "section.card.stack",
      { "aria-label": t("Virement") },
      element("h2", {}, t("Depuis l’application de votre banque")),
      element(
        "p.soft.small",
        {},
        t("Recopiez ces lignes dans un nouveau virement : le nom à la lettre près, la référence dans le motif."),
      ),
      lines,
      element("p.soft.small", {}, t("Si votre banque lit les codes SEPA, scannez celui-ci à la place.")),
      element("div.center", {}, element("div.qr", {}, image)),
    ),
    element(
      "ul.card.links",
      {},
      linkRow(
        "/add/monthly",
        "calendar-clock",
        t("Chaque mois, tout seul"),
        t("Un virement permanent, et un avis quand le solde est bas"),
      ),
    ),
    notice(
      "",
      "hourglass",
      t(
        "Dès que la banque nous l’annonce, l’argent apparaît ici, sans rien faire. Sans la référence, il faut le rapprocher à la main : c’est plus long.",
      ),
    ),
  );
}

/** What a bank asks for, in the order in which it asks. @param {{reference: string, iban: string, bic: string, holder: string}} account */
export const linesOf = (account) => [
  copyRow(t("Bénéficiaire"), account.holder, { copied: account.holder }),
  copyRow(t("IBAN"), inFours(account.iban), { spoken: spelled(account.iban) }),
  account.bic && copyRow(t("BIC"), account.bic, { spoken: spelled(account.bic) }),
  copyRow(t("Votre référence, à mettre en motif"), inFours(account.reference), { spoken: spelled(account.reference) }),
];

/** Above this a bound is the protocol's, not a person's: it would only frighten. */
const TELLING_MAXIMUM_CENTS = 1_000_000_00;

const isOutside = (cents, { minimum_cents: least, maximum_cents: most }) =>
  (least && cents < least) || (Number.isInteger(most) && cents > most);

function boundsOf(app, { minimum_cents: least, maximum_cents: most }) {
  if (most === 0 && isLoadedOnce(app)) return t("Ce portefeuille a eu son chargement : déclarez votre identité.");
  if (most === 0) return t("Votre plafond est atteint : un virement attendrait que vous ayez dépensé.");
  if (!most || most > TELLING_MAXIMUM_CENTS)
    return least ? t("À partir de {least} euros.", { least: formatAmount(least) }) : null;
  if (least) return t("Entre {least} et {most} euros.", { least: formatAmount(least), most: formatAmount(most) });
  return t("Jusqu’à {most} euros avec votre palier.", { most: formatAmount(most) });
}

async function showPast(app, past) {
  const topups = (await app.service.get(`/v1/me/movements?limit=${LOOK_BACK}`)).filter(
    (movement) => movement.kind === "topup",
  );
  if (topups.length === 0) return;
  const now = app.nowUnixMs();
  show(
    past,
    element("h2", {}, t("Derniers virements")),
    element(
      "section.card.movements",
      {},
      element(
        "ul.list",
        {},
        topups.slice(0, SHOWN_TOPUPS).map((movement) => movementRow(movement, now)),
      ),
    ),
  );
}

const sepaCode = () =>
  element("img", { alt: t("Code SEPA à scanner avec l’application de votre banque"), width: "220", height: "220" });
