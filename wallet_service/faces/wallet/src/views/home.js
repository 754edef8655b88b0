/** Home: what I have, what I can do, what just happened; live. */
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";

import { amount, notice } from "#ui/components.js";
import { arches, brandMark, capitalised, runBusy, skeletonList, whenShown } from "../components.js";
import { moneyCount, newRefs } from "../away.js";
import { movementRow } from "../movements.js";
import { mayAsk, turnOn } from "../notices.js";
import { linkThisPhone, signingPasskeys } from "../passkey.js";
import { recoveryAlert } from "../recovery_alert.js";
import { missedDetail, missedTitle } from "./monthly.js";
import { remember, remembered } from "../remembered.js";
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
    show(head, brandMark(app.config?.currency.name ?? ""), app.me && tierPill(app.me));
    show(card, balanceOf(app));
    show(actions, actionsOf(app));
  };
  const readMovements = async () => {
    if (!app.me)
      return show(
        list,
        app.isOnline ? skeletonList(3) : element("p.soft.empty", {}, t("Vos mouvements reviendront avec le réseau.")),
      );
    const [movements, loading, requests, reversals] = await Promise.all([
      app.service.get(`/v1/me/movements?limit=${SHOWN_MOVEMENTS}`),
      app.service.get("/v1/me/loading"),
      isProfessional(app.me) ? app.service.get("/v1/me/refund-requests") : [],
      app.service.get("/v1/me/reversals"),
    ]);
    showMovements(app, list, movements);
    const lines = [
      awayLine(app),
      noticesAsk(app, movements),
      reversalLines(reversals),
      refundAsks(app, requests),
      loadingLines(app, loading),
      identityLine(app),
    ];
    show(asks, ...lines);
    return undefined;
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
  const body = element(
    "div.home",
    {},
    element("h1.visually-hidden", { tabindex: "-1" }, t("Accueil")),
    element("div.home-main.stack", {}, head, recoveryAlert(app, disposables), card, actions, waiting, asks),
    element("div.home-side", {}, list, whereToPay()),
  );
  return { title: t("Accueil"), body, hasTabs: true };
}

const isProfessional = (me) => me.tier === "professional";

function balanceOf(app) {
  const me = app.me;
  if (!app.isOnline) return balanceAway(app);
  if (!me) return [arches(), element("p", {}, t("Disponible")), element("span.skeleton.balance-wait", {}, "\u00a0")];
  const cents = me.balance.available_cents;
  const reserved = me.balance.reserved_cents;
  const most = me.limits?.max_balance_cents;
  const lines = [
    reserved > 0 && t("{amount} en cours", { amount: formatAmount(reserved) }),
    most ? t("plafond {amount}", { amount: formatAmount(most).replace(/[.,]00$/, "") }) : null,
  ].filter(Boolean);
  return [
    arches(),
    element("p", {}, t("Disponible")),
    element("p.balance-amount", {}, amount(cents, app.unit(cents), "big")),
    element(
      "p.small",
      {},
      me.state === "pending" ? t("Ouverture de votre compte en cours…") : capitalised(lines.join(" · ")) || "\u00a0",
    ),
  ];
}

/** Without network: what was last read, said as that. It may have changed since. */
function balanceAway(app) {
  const known = app.knownBalance;
  if (!known)
    return [arches(), element("p", {}, t("Disponible")), element("p.balance-away", {}, t("Solde visible en ligne"))];
  return [
    arches(),
    element("p", {}, t("Dernier solde connu")),
    element("p.balance-amount", {}, amount(known.availableCents, app.unit(known.availableCents), "big")),
    element("p.small", {}, t("{when} ; il a pu changer depuis", { when: whenShown(known.atUnixMs, app.nowUnixMs()) })),
  ];
}

function actionsOf(app) {
  const add = element("a.button.secondary", { href: "/add" }, icon("plus"), t("Ajouter"));
  if (app.me && isProfessional(app.me)) {
    return [add, element("a.button.secondary", { href: "/redeem" }, icon("landmark"), t("Retirer en euros"))];
  }
  return [add, element("a.button.secondary", { href: "/scan#code" }, icon("grid-3x3"), t("Taper un code"))];
}
/* icons: grid-3x3 plus landmark wifi-off triangle-alert smartphone */

const waitingOrder = ({ ref, shown }) =>
  link(
    `/order/${ref}`,
    "wifi-off",
    t("{amount} pour {name} : pas encore parti", {
      amount: formatAmount(shown.amountCents),
      name: shown.name || t("un retrait"),
    }),
    t("Voir, ou annuler"),
  );

/** What this phone can and cannot do for the account: a key lost with its storage, money that only this phone reaches. */
async function keyLine(app) {
  if (!app.me) return null;
  const hasPasskey = signingPasskeys(app.me).length > 0;
  if (!(await app.signingKey()) && !hasPasskey)
    return link(
      "/lost",
      "triangle-alert",
      t("Ce téléphone ne peut plus payer pour ce compte"),
      t("Sa clé n’est plus là. Votre argent, si : voir comment le retrouver"),
    );
  if (hasPasskey && !(await app.signingKey())) return linkCard(app);
  if (app.me.passkey_ids.length > 0 || app.me.balance.posted_cents === 0) return null;
  return link(
    "/me",
    "smartphone",
    t("Cet argent ne s’ouvre qu’avec ce téléphone"),
    t("Ajoutez une clé d’accès : un second moyen d’y arriver, si vous le perdez"),
  );
}

/** A second phone, signed in with the passkey: it pays with that, and may have a key of its own. */
async function linkCard(app) {
  const own = await app.device.addresses();
  const isComing = app.me.devices.some((device) => own.includes(device.signer_address) && device.state === "pending");
  const alert = element("div", { role: "alert" });
  const button = element(
    "button.button.secondary.wide",
    { type: "button" },
    icon("smartphone"),
    t("Relier ce téléphone"),
  );
  button.addEventListener("click", () => runBusy(button, alert, () => linkThisPhone(app)));
  return element(
    "section.card.stack",
    { "aria-label": t("Relier ce téléphone") },
    element("p", {}, t("Ce téléphone paie avec votre clé d’accès. Relié, il paie d’un geste.")),
    alert,
    isComing ? element("p.soft", {}, t("en attente du registre")) : button,
  );
}

function identityLine(app) {
  if (app.me.identity_state === "submitted") {
    return link(
      "/identity",
      "hourglass",
      t("Votre identité est en cours d’examen"),
      t("Vous saurez la réponse ici même."),
    );
  }
  if (app.me.identity_state === "refused") {
    return link("/identity", "triangle-alert", t("Votre dossier est à compléter"), t("Voir ce qui manque"));
  }
  if (app.me.tier === "visitor") {
    return link(
      "/identity",
      "id-card",
      t("Aller plus loin que le palier visiteur"),
      t("Déclarez votre identité pour garder et dépenser davantage."),
    );
  }
  return null;
}

/** Money that came while nobody was looking; its lines are marked. */
function awayLine(app) {
  const count = moneyCount(app.away.told);
  if (count === 0) return null;
  const words =
    count === 1 ? t("Un mouvement pendant votre absence") : t("{count} mouvements pendant votre absence", { count });
  return element(
    "p.notice-line.good",
    { role: "status" },
    icon("bell"),
    element("span.grow", {}, words, element("span.row-detail", {}, t("Marqué « nouveau » dans la liste."))),
  );
}

/** Offered once, after the first payment; the browser itself is asked only if the person says yes. */
function noticesAsk(app, movements) {
  if (!mayAsk(movements) || remembered("noticesLater") !== null) return null;
  const alert = element("div", { role: "alert" });
  const yes = element("button.button", { type: "button" }, icon("bell"), t("Me prévenir"));
  const later = element("button.button.quiet", { type: "button" }, t("Plus tard"));
  const card = element(
    "section.card.stack",
    { "aria-label": t("Être prévenu") },
    element("p", {}, t("Être prévenu quand de l’argent arrive, même quand l’application est fermée ?")),
    alert,
    element("div.row.wrap", {}, yes, later),
  );
  yes.addEventListener("click", () =>
    runBusy(yes, alert, async () => {
      await turnOn(app.service);
      card.remove();
    }),
  );
  later.addEventListener("click", () => {
    remember("noticesLater", 1);
    card.remove();
  });
  return card;
}
/* icons: bell */

/** The standing order that did not come, and a load where the balance is below what the person chose. */
function loadingLines(app, { standing_order: order, low_balance_cents: below }) {
  return [
    order?.missed_on && link("/add/monthly", "hourglass", missedTitle(order), missedDetail(order)),
    below &&
      app.me.balance.available_cents < below &&
      link(
        "/add",
        "plus",
        t("Il vous reste moins de {amount}", { amount: formatAmount(below) }),
        t("Ajouter de l’argent"),
      ),
  ];
}

/** The directory is a page of its own, for everybody. */
const whereToPay = () =>
  link("/directory", "map-pin", t("Où payer ?"), t("Commerces, horaires et carte, même sans réseau"));
/* icons: map-pin */

function link(href, iconName, title, detail) {
  return element(
    "a.card.notice.row",
    { href },
    element("span.icon-tile.chalk", {}, icon(iconName)),
    element("span.grow", {}, element("span.row-title", {}, title), element("span.row-detail", {}, detail)),
  );
}

/** What the bank took back and is not settled: what that means, and what happens now. */
function reversalLines(reversals) {
  return reversals
    .filter((reversal) => reversal.state === "open")
    .map((reversal) =>
      element(
        "section.card.notice.row",
        { "aria-label": t("Virement repris par la banque") },
        element("span.icon-tile.wait", {}, icon("undo-2")),
        element(
          "span.grow",
          {},
          element(
            "span.row-title",
            {},
            t("La banque a repris votre virement de {amount} €", { amount: formatAmount(reversal.amount_cents) }),
          ),
          element("span.row-detail", {}, whatHappensNow(reversal)),
        ),
      ),
    );
}

const whatHappensNow = (reversal) =>
  reversal.may_pay_back
    ? t("Pour rendre {amount}, payez l’association à sa caisse. D’ici là, vous ne pouvez payer personne d’autre.", {
        amount: formatAmount(reversal.missing_cents),
      })
    : t(
        "Vos paiements sont arrêtés le temps de comprendre pourquoi. L’association vous contacte ; rien n’est pris sans vous le dire.",
      );

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
