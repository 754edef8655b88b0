/** The lines of the home screen: what waits, what changed, what could be done next. Each leads somewhere. */
import { element, icon } from "#ui/dom.js";
import { formatAmount, restOfWords, t } from "#ui/i18n.js";
import { loadPart } from "#ui/release.js";

import { moneyCount } from "../away.js";
import { runBusy } from "../components.js";
import { mayAsk, turnOn } from "../notices.js";
import { signingPasskeys } from "../passkey.js";
import { remember, remembered } from "../remembered.js";
import { missedDetail, missedTitle } from "../standing_order.js";
import { isLoadedOnce, onceSentence } from "../tiers.js";
import { hasSecondWay } from "../ways_back.js";

/** What few people ever see, with its words. */
export async function homeRare() {
  await restOfWords();
  return loadPart(() => import("./home_rare.js"));
}

export const waitingOrder = ({ ref, shown }) =>
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
export async function keyLine(app) {
  if (!app.me || app.suspension) return null; // the band says it
  const hasPasskey = signingPasskeys(app.me).length > 0;
  const hasKey = Boolean(await app.signingKey());
  if (!hasKey && (await app.device.isBeingLinked(app.me)))
    return link(
      "/me",
      "hourglass",
      t("Ce téléphone sera prêt dans un instant"),
      t("Sa clé s’inscrit dans le registre."),
    );
  if (!hasKey && !hasPasskey)
    return link(
      "/lost",
      "triangle-alert",
      t("Ce téléphone ne peut plus payer pour ce compte"),
      t("Sa clé n’est plus là. Votre argent, si : voir comment le retrouver"),
    );
  if (!hasKey) return (await homeRare()).linkCard(app);
  if (app.me.balance.posted_cents === 0 || (await hasSecondWay(app))) return null;
  return link(
    "/me",
    "smartphone",
    t("Cet argent ne s’ouvre qu’avec ce téléphone"),
    t("Ajoutez une clé d’accès : un second moyen d’y arriver, si vous le perdez"),
  );
}

export function identityLine(app) {
  if (app.me.identity_state === "approved" && remembered("awaited"))
    return homeRare().then(({ verifiedCard }) => verifiedCard(app));
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
      t("Garder et payer davantage"),
      isLoadedOnce(app) === null ? t("Déclarez votre identité pour garder et dépenser davantage.") : onceSentence(app),
    );
  }
  return null;
}

/** A key was added or taken away, or a code on paper made: whoever opens the wallet next reads it. */
export const securityLine = (app) =>
  app.away.told.some(({ kind }) => kind === "security") &&
  link(
    "/me",
    "triangle-alert",
    t("Ce qui ouvre votre compte a changé"),
    t("Si ce n’était pas vous, gelez-le dans « Moi »."),
  );

/** Money that came while nobody was looking; its lines are marked. */
export function awayLine(app) {
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

/** The terms that count now, where this member has accepted older ones or none; nothing is barred meanwhile. */
export function termsAsk(app) {
  const version = app.config?.terms_version;
  if (!version || app.me.terms_version === version) return null;
  const alert = element("div", { role: "alert" });
  const accept = element("button.button", { type: "button" }, t("J’accepte"));
  const card = element(
    "section.card.stack",
    { "aria-label": t("Conditions d’utilisation") },
    element(
      "p",
      {},
      app.me.terms_version ? t("Les conditions d’utilisation ont changé.") : t("Voici les conditions d’utilisation."),
    ),
    alert,
    element("div.row.wrap", {}, accept, element("a.button.secondary", { href: "/help/terms" }, t("Les lire"))),
  );
  accept.addEventListener("click", () =>
    runBusy(accept, alert, async () => {
      await app.service.post("/v1/me/terms", { version });
      await app.refresh();
      card.remove();
    }),
  );
  return card;
}

/** Offered once, after the first payment; the browser itself is asked only if the person says yes. */
export function noticesAsk(app, movements) {
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
export function loadingLines(app, { standing_order: order, low_balance_cents: below }) {
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
export const whereToPay = () =>
  link("/directory", "map-pin", t("Où payer ?"), t("Commerces, horaires et carte, même sans réseau"));
/* icons: map-pin */

export function link(href, iconName, title, detail) {
  return element(
    "a.card.notice.row",
    { href },
    element("span.icon-tile.chalk", {}, icon(iconName)),
    element("span.grow", {}, element("span.row-title", {}, title), element("span.row-detail", {}, detail)),
  );
}
