/** Why a transfer that arrived is not credited yet, in sentences. The codes are those of topups/decisions.py and the ledger. */
import { t } from "#ui/i18n.js";

const AWAITING_STATEMENT = "awaiting_statement";

const SENTENCES = {
  [AWAITING_STATEMENT]: () => t("Annoncé par la banque ; crédité dès que son relevé le confirme."),
  member_pending: () => t("Votre compte s’ouvre : le crédit suit tout seul."),
  member_closed: () => t("Ce compte est fermé. Contactez l’association."),
  member_frozen: () => t("Votre compte est gelé. Contactez l’association."),
  mint_withdrawn: () => t("L’association examine ce virement avant de le créditer ou de vous le rendre."),
  second_issuer: () => t("Une somme de cette taille est vérifiée par une seconde personne : le crédit suit."),
  identity_expired: () => t("Votre identité a expiré : renouvelez-la, le crédit suivra."),
  holding_limit: () =>
    t(
      "Vous dépasseriez votre plafond. Le crédit suivra dès que la place sera faite : en dépensant, ou par un palier plus haut.",
    ),
  visitor_load_limit: () =>
    t("Un visiteur ne peut pas charger davantage en 30 jours : déclarez votre identité, et le crédit suivra."),
  visitor_loaded_once: () =>
    t("Sans identité, un portefeuille ne se charge qu’une fois : déclarez votre identité, et le crédit suivra."),
  statement_needed: () => t("Nous attendons le prochain relevé de la banque : le crédit suit tout seul."),
  quota: () =>
    t("Le plafond du jour de toute la région est atteint : le crédit se fera tout seul, dans les jours qui viennent."),
  stopped: () => t("Les crédits sont arrêtés le temps d’une vérification : le vôtre se fera tout seul ensuite."),
};
/** Several causes, one thing to know. @type {Record<string, keyof typeof SENTENCES>} */
const SAID_AS = {
  ledger_unavailable: "stopped",
  ledger_unexplained: "stopped",
  "ledger.IssuingStopped": "stopped",
  "ledger.ReserveExceeded": "statement_needed",
  "ledger.AttestationStale": "statement_needed",
  "ledger.MintQuotaExceeded": "quota",
  "ledger.HoldingLimit": "holding_limit",
  "ledger.FrozenIncoming": "member_frozen",
  "ledger.IdentityExpired": "identity_expired",
};

/** The bank has announced it and not booked it yet: nothing is wrong. @param {string | null | undefined} reason */
export const isArriving = (reason) => reason === AWAITING_STATEMENT;

/** @param {string | null | undefined} reason @returns {string | null} null when nothing holds it */
export function onHoldSentence(reason) {
  if (!reason) return null;
  const known = SENTENCES[SAID_AS[reason] ?? reason];
  // A code of a later service: what it means is not known here, and not promised.
  return known
    ? known()
    : t("Le crédit attend une vérification. S’il n’est pas là dans deux jours, contactez l’association.");
}
