/** Why a transfer that arrived is not credited yet, in sentences. The codes are those of topups/decisions.py and the ledger. */
import { t } from "./words.js";

const SENTENCES = {
  member_pending: () => t("Votre compte s’ouvre : le crédit suit tout seul."),
  member_closed: () => t("Ce compte est fermé. Contactez l’association."),
  member_frozen: () => t("Votre compte est gelé. Contactez l’association."),
  identity_expired: () => t("Votre identité a expiré : renouvelez-la, le crédit suivra."),
  holding_limit: () => t("Vous dépasseriez votre plafond : dépensez, ou déclarez votre identité, et le crédit suivra."),
  visitor_load_limit: () => t("Un visiteur ne peut pas charger davantage en 30 jours : déclarez votre identité, et le crédit suivra."),
};
const OF_THE_LEDGER = {
  "ledger.HoldingLimit": "holding_limit",
  "ledger.FrozenIncoming": "member_frozen",
  "ledger.IdentityExpired": "identity_expired",
};

/** @param {string|null} reason @returns {string|null} null when nothing holds it */
export function heldSentence(reason) {
  if (!reason) return null;
  const known = SENTENCES[OF_THE_LEDGER[reason] ?? reason];
  // The rest (attestation, quota, a stop, the node) is nothing the person can act on.
  return known ? known() : t("L’émission attend : le crédit se fera tout seul.");
}
