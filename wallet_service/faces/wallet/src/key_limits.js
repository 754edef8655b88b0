/** What a key of somebody else's may, in words; and the invitation both phones make. Pure but for hashing. */
import { formatAmount, t } from "#ui/i18n.js";
import { dateText } from "#ui/times.js";

/** "20 alba" rather than "20,00" where nothing is after the comma. */
const short = (app, cents) => `${formatAmount(cents).replace(/[.,]00(?!\d)/, "")}\u00a0${app.unit(cents)}`;

/** @param {any} app @param {{per_payment_cents: number, per_day_cents: number, expires_at_unix_s: number}} limits */
export const limitsText = (app, limits) =>
  [
    limits.per_payment_cents > 0 && t("{amount} par paiement", { amount: short(app, limits.per_payment_cents) }),
    limits.per_day_cents > 0 && t("{amount} par jour", { amount: short(app, limits.per_day_cents) }),
    limits.expires_at_unix_s > 0
      ? t("jusqu’au {day}", { day: dateText(limits.expires_at_unix_s * 1000) })
      : t("sans date de fin"),
  ]
    .filter(Boolean)
    .join(" · ");

/** Whose account it is, as far as this phone may know. @param {string | null} name */
export const accountTitle = (name) => (name ? t("Compte de {name}", { name }) : t("Un compte qu’on vous confie"));

/** Who somebody with a key is. */
export const kindWord = (kind) =>
  ({ child: () => t("Un enfant"), helper: () => t("Une aide"), joint: () => t("Co-titulaire") })[kind]();

/** As the ledger's message names them. */
export const signedLimits = (limits) => ({
  maxPayment: limits.per_payment_cents,
  maxPerDay: limits.per_day_cents,
  expiresAt: limits.expires_at_unix_s,
});
