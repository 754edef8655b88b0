/** Home: what I have, what I can do, what just happened; live. */
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, restOfWords, t, tn } from "#ui/i18n.js";
import { loadPart } from "#ui/release.js";

import { amount, notice } from "#ui/components.js";
import { arches, brandMark, capitalised, helpLink, skeletonList, whenShown } from "../components.js";
import { newRefs } from "../away.js";
import { movementRow } from "../movements.js";
import { waitingRow } from "../asks.js";
import {
  awayLine,
  homeRare,
  identityLine,
  keyLine,
  loadingLines,
  noticesAsk,
  securityLine,
  waitingOrder,
  whereToPay,
  termsAsk,
} from "./home_lines.js";
import { forget, remember, remembered } from "../remembered.js";
import { spokenPlace } from "../spoken_place.js";
import { tierPill } from "../tiers.js";

const SHOWN_MOVEMENTS = 8;

export function homeScreen(app, params, disposables) {
  const card = element("section.card.brand.balance", { "aria-label": t("Solde") });
  const head = element("header.home-head");
  const asks = element("div.stack");
  const waiting = element("div.stack");
  const list = element("section.card.movements", { "aria-label": t("Derniers mouvements") }, skeletonList(3));
  const actions = element("div.actions-pair");
  const showMember = () => {
    show(
      head,
      brandMark(app.config?.currency.name ?? ""),
      element("span.row.tight", {}, app.me && tierPill(app.me), helpLink()),
    );
    show(card, balanceOf(app, showMember));
    show(actions, actionsOf(app));
  };
  const readMovements = async () => {
    if (!app.me)
      return show(
        list,
        app.isOnline ? skeletonList(3) : element("p.soft.empty", {}, t("Vos mouvements reviendront avec le réseau.")),
      );
    const [movements, ...answers] = await answersFor(app);
    showMovements(app, list, movements);
    return show(asks, ...(await linesOf(app, movements, answers)));
  };
  const read = () => readMovements().catch((error) => show(list, notice("bad", "triangle-alert", error.message)));
  // Kept by this phone, so also known without network: what is confirmed and not with the service yet.
  const showWaiting = async () => {
    const orders = (await app.outbox.live()).filter((order) => order.state === "unsent");
    show(waiting, ...orders.map((order) => waitingOrder(order)), await keyLine(app));
  };
  showMember();
  void showWaiting();
  read();
  disposables.add(
    app.listen((event) => {
      if (event.kind === "connection") showMember();
      if (event.kind === "away") read();
      if (["order.changed", "awake", "me"].includes(event.kind)) void showWaiting();
      if (event.kind === "me") {
        showMember();
        read();
      }
    }),
  );
  const spoken = spokenPlace(disposables, "balance", app);
  const body = element(
    "div.home",
    {},
    element("h1.visually-hidden", { tabindex: "-1" }, t("Accueil")),
    element("div.home-main.stack", {}, head, recoveryAlert(app, disposables), card, spoken, actions, waiting, asks),
    element("div.home-side.stack", {}, list, whereToPay()),
  );
  return { title: t("Accueil"), body, hasTabs: true };
}

const answersFor = (app) =>
  Promise.all([
    app.service.get(`/v1/me/movements?limit=${SHOWN_MOVEMENTS}`),
    app.service.get("/v1/me/loading"),
    isProfessional(app.me) ? app.service.get("/v1/me/refund-requests") : [],
    app.service.get("/v1/me/reversals"),
    app.service.get("/v1/me/asks"),
    app.service.get("/v1/me/disputes"),
    isProfessional(app.me) ? app.service.get("/v1/me/takings") : null,
  ]);

const linesOf = async (app, movements, [loading, requests, reversals, between, contested, takings]) => [
  takings && (await homeRare()).shopRow(app, takings),
  securityLine(app),
  termsAsk(app),
  awayLine(app),
  noticesAsk(app, movements),
  await rareRows(reversals, contested),
  refundAsks(app, requests),
  askLines(between),
  loadingLines(app, loading),
  await identityLine(app),
];

const isProfessional = (me) => me.tier === "professional";

function balanceOf(app, again) {
  const me = app.me;
  if (!app.isOnline) return balanceAway(app, again);
  if (!me) return [arches(), element("p", {}, t("Disponible")), element("span.skeleton.balance-wait", {}, "\u00a0")];
  const cents = me.balance.available_cents;
  const { reserved_cents: reserved, held_back_cents: heldBack } = me.balance;
  const most = me.limits?.max_balance_cents;
  const lines = [
    reserved > 0 && t("{amount} en cours", { amount: formatAmount(reserved) }),
    heldBack > 0 && t("{amount} retenus", { amount: formatAmount(heldBack) }),
    most ? t("plafond {amount}", { amount: formatAmount(most).replace(/[.,]00$/, "") }) : null,
  ].filter(Boolean);
  const below = remembered("hidden") ? "" : capitalised(lines.join(" · "));
  return [
    arches(),
    balanceHead(t("Disponible"), again),
    balanceAmount(cents, app),
    element("p.small", {}, me.state === "pending" ? t("Ouverture de votre compte en cours…") : below || "\u00a0"),
  ];
}

/** What the figure is, and the way to hide it from whoever looks over one's shoulder. */
function balanceHead(title, again) {
  const isHidden = remembered("hidden") === true;
  const turn = () => {
    if (isHidden) forget("hidden");
    else remember("hidden", true);
    again();
    /** @type {HTMLElement | null} */ (document.querySelector(".balance .icon-button"))?.focus();
  };
  const button = element(
    "button.icon-button",
    { type: "button", "aria-pressed": String(isHidden), "aria-label": t("Cacher le solde"), onclick: turn },
    icon(isHidden ? "eye-off" : "eye"),
  );
  return element("div.row.between", {}, element("p", {}, title), button);
}

const balanceAmount = (cents, app) =>
  element(
    "p.balance-amount",
    {},
    remembered("hidden")
      ? element("span.amount.big", {}, element("span", { "aria-hidden": "true" }, "•••"), hiddenWord())
      : amount(cents, app.unit(cents), "big"),
  );

const hiddenWord = () => element("span.visually-hidden", {}, t("Solde caché"));

/** Without network: what was last read, said as that. It may have changed since. */
function balanceAway(app, again) {
  const known = app.knownBalance;
  if (!known)
    return [arches(), element("p", {}, t("Disponible")), element("p.balance-away", {}, t("Solde visible en ligne"))];
  return [
    arches(),
    balanceHead(t("Dernier solde connu"), again),
    balanceAmount(known.availableCents, app),
    element("p.small", {}, t("{when} ; il a pu changer depuis", { when: whenShown(known.atUnixMs, app.nowUnixMs()) })),
  ];
}

function actionsOf(app) {
  const action = (href, iconName, word) => element("a.button.secondary", { href }, icon(iconName), word);
  return [
    action("/send", "send", t("Envoyer")),
    action("/ask", "hand-coins", t("Demander")),
    action("/add", "plus", t("Ajouter")),
    app.me && isProfessional(app.me)
      ? action("/redeem", "landmark", t("Retirer en euros"))
      : action("/scan#code", "grid-3x3", t("Taper un code")),
  ];
}
/* icons: grid-3x3 plus landmark wifi-off triangle-alert smartphone send hand-coins eye eye-off */

const SHOWN_ASKS = 3;

/** What people I know ask for waits in front of me; strangers' asks are counted, no more. */
function askLines({ waiting }) {
  const known = waiting.filter((part) => part.is_known);
  const others = waiting.length - Math.min(known.length, SHOWN_ASKS);
  const isQuiet = known.length <= SHOWN_ASKS;
  const quiet = tn(
    "{count} demande d’une personne que vous ne connaissez pas",
    "{count} demandes de personnes que vous ne connaissez pas",
    others,
  );
  return [
    known.slice(0, SHOWN_ASKS).map(waitingRow),
    others > 0 &&
      element(
        "a.button.quiet.wide.small",
        { href: "/asks" },
        isQuiet ? quiet : tn("{count} autre demande", "{count} autres demandes", others),
      ),
  ];
}

/** What few people ever see is no part of the first script: what the bank took back, what is contested. */
async function rareRows(reversals, { disputes }) {
  const open = reversals.filter(({ state }) => state === "open");
  const held = disputes.filter(({ state }) => state === "open" || state === "upheld");
  if (open.length + held.length === 0) return [];
  const { disputeRow, reversalRow } = await homeRare();
  return [open.map(reversalRow), held.map(disputeRow)];
}

function refundAsks(app, requests) {
  return requests
    .filter((request) => request.state === "requested")
    .map((request) =>
      element(
        "a.card.row.ask",
        { href: `/refund/${request.id}` },
        element("span.icon-tile.wait", {}, icon("undo-2")),
        element(
          "span.grow",
          {},
          element(
            "span.row-title",
            {},
            t("Rembourser {amount} à {payer} ?", {
              amount: formatAmount(request.amount_cents),
              payer: request.payer_label ?? t("un client"),
            }),
          ),
          element("span.row-detail", {}, t("Demandé par la caisse. À vous de confirmer.")),
        ),
        icon("chevron-right"),
      ),
    );
}

function showMovements(app, list, movements) {
  if (movements.length === 0) {
    return show(
      list,
      element(
        "div.empty",
        {},
        element("p.row-title", {}, t("Rien encore")),
        element("p.soft", {}, t("Vos paiements et vos virements s’afficheront ici.")),
      ),
    );
  }
  const now = app.nowUnixMs();
  const fresh = newRefs(movements, app.away.told);
  return show(
    list,
    element("h2.side-title", {}, t("Derniers mouvements")),
    element(
      "ul.list",
      {},
      movements.map((movement) => movementRow(movement, now, fresh.has(movement.ref))),
    ),
    movements.length >= SHOWN_MOVEMENTS &&
      element("a.button.quiet.wide", { href: "/movements" }, t("Tous les mouvements")),
  );
}

/** The place of the card that somebody says this phone is lost; loaded when somebody does. */
function recoveryAlert(app, disposables) {
  const place = element("div.stack", { role: "alert" });
  let shown = "";
  const draw = async () => {
    const [open] = app.me?.open_recoveries ?? [];
    const said = JSON.stringify([open, app.suspension]);
    if (said === shown) return;
    shown = said;
    if (!open) return show(place);
    await restOfWords();
    const { recoveryCard } = await loadPart(() => import("../recovery_alert.js"));
    if (said === shown) show(place, recoveryCard(app, open));
  };
  void draw();
  disposables.add(app.listen((event) => event.kind === "me" && void draw()));
  return place;
}
