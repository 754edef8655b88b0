/** What a key of somebody else's may, in words; and the invitation both phones make. Pure but for hashing. */
import { formatAmount, t } from "#ui/i18n.js";
import { dateText } from "#ui/times.js";

/** "20 €" rather than "20,00 €" where nothing is after the comma. */
const short = (cents) => formatAmount(cents).replace(/[.,]00(?!\d)/, "");

/** @param {{per_payment_cents: number, per_day_cents: number, expires_at_unix_s: number}} limits */
export const limitsText = (limits) =>
  [
    limits.per_payment_cents > 0 && t("{amount} par paiement", { amount: short(limits.per_payment_cents) }),
    limits.per_day_cents > 0 && t("{amount} par jour", { amount: short(limits.per_day_cents) }),
    limits.expires_at_unix_s > 0
      ? t("jusqu’au {day}", { day: dateText(limits.expires_at_unix_s * 1000) })
      : t("sans date de fin"),
  ]
    .filter(Boolean)
    .join(" · ");

/** Who somebody with a key is. */
export const kindWord = (kind) =>
  ({ child: () => t("Un enfant"), helper: () => t("Une aide"), joint: () => t("Co-titulaire") })[kind]();

/** As the ledger's message names them. */
export const signedLimits = (limits) => ({
  maxPayment: limits.per_payment_cents,
  maxPerDay: limits.per_day_cents,
  expiresAt: limits.expires_at_unix_s,
});
