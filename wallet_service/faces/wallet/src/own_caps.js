/** What I let myself spend: which caps count now, and whether an amount passes one. Pure. */
import { formatAmount, t } from "#ui/i18n.js";

const NONE = { per_payment_cents: 0, per_day_cents: 0, per_30_days_cents: 0 };

/** @param {any} me as /v1/me answers @param {number} nowUnixMs */
export function capsNow({ own_caps: caps }, nowUnixMs) {
  if (!caps) return NONE;
  return caps.next && nowUnixMs >= caps.next_from_unix_ms ? caps.next : caps.now;
}

/** What waits for its day, or null. @param {any} me @param {number} nowUnixMs */
export const capsWaiting = ({ own_caps: caps }, nowUnixMs) =>
  caps?.next && nowUnixMs < caps.next_from_unix_ms ? { caps: caps.next, fromUnixMs: caps.next_from_unix_ms } : null;

/**
 * Why that amount passes a cap of my own, in a sentence; null when it does not.
 * @param {any} me @param {number} cents @param {number} nowUnixMs
 */
export function passedCap(me, cents, nowUnixMs) {
  const caps = capsNow(me, nowUnixMs);
  const left = (limit, spent) => formatAmount(Math.max(limit - (spent ?? 0), 0));
  if (caps.per_payment_cents && cents > caps.per_payment_cents)
    return t("Votre plafond par paiement est de {limit}.", { limit: formatAmount(caps.per_payment_cents) });
  if (caps.per_day_cents && (me.spent_today_cents ?? 0) + cents > caps.per_day_cents)
    return t("De votre plafond du jour, il reste {left}.", { left: left(caps.per_day_cents, me.spent_today_cents) });
  if (caps.per_30_days_cents && (me.spent_30_days_cents ?? 0) + cents > caps.per_30_days_cents)
    return t("De votre plafond sur 30 jours, il reste {left}.", {
      left: left(caps.per_30_days_cents, me.spent_30_days_cents),
    });
  return null;
}
