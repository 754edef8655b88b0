/** Tiers in words: what an identity allows. Same word on home, identity and me. */
import { element, icon } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { stateView } from "#ui/states.js";
import { dateText } from "#ui/times.js";

export function tierPill(me) {
  if (me.state === "pending") return element("span.pill.wait", {}, icon("hourglass"), t("Ouverture"));
  const { tone, icon: iconName, word } = stateView("tier", me.tier);
  return element(`a.pill.${tone}`, { href: "/identity" }, iconName && icon(iconName), word);
}

/** Whether a wallet without identity is loaded once by now; null where nothing is planned, or not for this member. */
export function isLoadedOnce(app) {
  const from = app.config?.visitors_once_from_unix_ms;
  return app.me?.tier !== "visitor" || !from ? null : app.nowUnixMs() >= from;
}

/** What that means, before it changes and after. */
export const onceSentence = (app) =>
  isLoadedOnce(app)
    ? t("Sans identité, un portefeuille ne se charge qu’une fois.")
    : t("À partir du {date}, un portefeuille sans identité ne se chargera qu’une fois.", {
        date: dateText(app.config.visitors_once_from_unix_ms),
      });

const shownLimit = (cents) => (cents ? formatAmount(cents) : t("sans plafond"));

/** What the tier allows, and what of it is used. @param {any} me as /v1/me answers */
export function limitsList(me) {
  const limits = me.limits ?? {};
  const line = (label, value, used) =>
    element(
      "div",
      {},
      element("dt", {}, label),
      element("dd", {}, used ? t("{used} sur {limit}", { used, limit: value }) : value),
    );
  const used = (spent, limit) => (limit ? formatAmount(spent ?? 0) : null);
  return element(
    "dl.figures",
    {},
    line(t("Solde maximum"), shownLimit(limits.max_balance_cents)),
    line(t("Par paiement"), shownLimit(limits.max_payment_cents)),
    line(t("Aujourd’hui"), shownLimit(limits.max_day_cents), used(me.spent_today_cents, limits.max_day_cents)),
    line(
      t("Sur 30 jours"),
      shownLimit(limits.max_30_days_cents),
      used(me.spent_30_days_cents, limits.max_30_days_cents),
    ),
  );
}
