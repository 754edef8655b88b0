"""Every refusal about sales, payments and refunds. Sentences speak of the money first."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class LimitsUnknown(Refusal):
    """The ledger gave no limits for a party's tier."""

    code = "payment.limits_unknown"
    status = 503
    french = "Rien n’a été débité. Les plafonds du registre ne sont pas connus ; réessayez dans un instant."
    english = "Nothing was taken. The ledger's limits are not known; try again in a moment."


class PaymentNotFound(Refusal):
    code = "payment.not_found"
    status = 404
    french = "Ce paiement est inconnu : rien n’a été débité."
    english = "This payment is unknown: nothing was taken."


class ReferenceReused(Refusal):
    code = "payment.reference_reused"
    status = 409
    french = "Cette référence appartient déjà à un autre paiement. Rien de plus n’a été débité."
    english = "This reference already belongs to another payment. Nothing more was taken."


class NonceConflict(Refusal):
    """`next_nonce` is the number to sign again with."""

    code = "payment.nonce_conflict"
    status = 409
    french = "Rien n’a été débité. Ce numéro de paiement a déjà servi ; confirmez de nouveau."
    english = "Nothing was taken. This payment number was already used; confirm again."


class NotYourAccount(Refusal):
    code = "payment.not_your_account"
    status = 403
    french = "Rien n’a été débité. Ce paiement part d’un autre compte que le vôtre."
    english = "Nothing was taken. This payment leaves from an account that is not yours."


class SignerNotAllowed(Refusal):
    code = "payment.signer_not_allowed"
    status = 403
    french = "Rien n’a été débité. Cet appareil ne peut pas, ou plus, signer pour ce compte."
    english = "Nothing was taken. This device may not, or no longer, sign for this account."


class PayeeUnknown(Refusal):
    code = "payment.payee_unknown"
    status = 409
    french = "Rien n’a été débité. Le compte qui devait recevoir n’est pas ouvert."
    english = "Nothing was taken. The account that should receive is not open."


class PayerFrozen(Refusal):
    code = "payment.payer_frozen"
    status = 403
    french = "Rien n’a été débité. Votre compte est gelé. Contactez l’association."
    english = "Nothing was taken. Your account is frozen. Contact the association."


class PayerOwesReversal(Refusal):
    code = "payment.payer_owes_reversal"
    status = 403
    french = (
        "Rien n’a été débité. La banque a repris un virement qui vous avait été crédité : "
        "jusqu’à ce que ce soit réglé, vous ne pouvez payer que l’association, pour rendre la somme."
    )
    english = (
        "Nothing was taken. The bank took back a transfer that had been credited to you: "
        "until that is settled you can pay the association only, to give the sum back."
    )


class AmountHeldBack(Refusal):
    code = "payment.amount_held_back"
    status = 409
    french = (
        "Rien n’a été débité. La banque a repris un virement qui vous avait été crédité : "
        "{held_back_cents} € sont retenus jusqu’à ce que ce soit réglé. "
        "Il vous reste {available_cents} € à dépenser."
    )
    english = (
        "Nothing was taken. The bank took back a transfer that had been credited to you: {held_back_cents} € "
        "are held back until that is settled. You can spend {available_cents} €."
    )


class AmountDisputed(Refusal):
    code = "payment.amount_disputed"
    status = 409
    french = (
        "Rien n’a été débité. Un paiement que vous avez reçu est contesté : {held_back_cents} € sont retenus "
        "jusqu’à ce que ce soit décidé. Il vous reste {available_cents} € à dépenser."
    )
    english = (
        "Nothing was taken. A payment you received is contested: {held_back_cents} € are held until that is "
        "decided. You can spend {available_cents} €."
    )


class PayeeFrozen(Refusal):
    code = "payment.payee_frozen"
    status = 409
    french = "Rien n’a été débité. Ce compte ne peut pas recevoir pour le moment."
    english = "Nothing was taken. This account cannot receive at the moment."


class PayerIdentityExpired(Refusal):
    code = "payment.payer_identity_expired"
    status = 403
    french = "Rien n’a été débité. Votre identité doit être vérifiée de nouveau."
    english = "Nothing was taken. Your identity must be verified again."


class PayeeIdentityExpired(Refusal):
    code = "payment.payee_identity_expired"
    status = 409
    french = "Rien n’a été débité. Ce compte ne peut pas recevoir : son identité est à revoir."
    english = "Nothing was taken. This account cannot receive: its identity must be reviewed."


class PaymentsStopped(Refusal):
    code = "payment.stopped"
    status = 503
    french = "Rien n’a été débité. Les paiements sont suspendus par l’association."
    english = "Nothing was taken. Payments are suspended by the association."


class VisitorToPerson(Refusal):
    code = "payment.visitor_to_person"
    status = 403
    french = "Rien n’a été débité. Un visiteur ne peut payer que des commerces et des associations."
    english = "Nothing was taken. A visitor can only pay shops and associations."


class SamePayerAndPayee(Refusal):
    code = "payment.same_payer_and_payee"
    status = 422
    french = "Rien n’a été débité. On ne peut pas se payer soi-même."
    english = "Nothing was taken. One cannot pay oneself."


class PaymentLimitExceeded(Refusal):
    code = "payment.limit_per_payment"
    status = 403
    french = "Rien n’a été débité. Votre compte permet {limit_cents} par paiement."
    english = "Nothing was taken. Your account allows {limit_cents} per payment."


class DayLimitExceeded(Refusal):
    code = "payment.limit_per_day"
    status = 403
    french = "Rien n’a été débité. Il vous reste {left_cents} à dépenser aujourd’hui."
    english = "Nothing was taken. You have {left_cents} left to spend today."


class PaymentPasskeyRequired(Refusal):
    """The ledger's floors (contracts/Movements.sol): above them no device key signs."""

    code = "payment.passkey_required"
    status = 403
    french = "Rien n’a été débité : ce montant demande votre clé d’accès. Signez avec elle."
    english = "Nothing was taken: this amount needs your passkey. Sign with it."


class MonthLimitExceeded(Refusal):
    code = "payment.limit_per_30_days"
    status = 403
    french = "Rien n’a été débité. Il vous reste {left_cents} à dépenser sur 30 jours."
    english = "Nothing was taken. You have {left_cents} left to spend over 30 days."


class HoldingLimitExceeded(Refusal):
    code = "payment.payee_holding_limit"
    status = 409
    french = "Rien n’a été débité. Le compte qui reçoit atteindrait son plafond."
    english = "Nothing was taken. The receiving account would pass its ceiling."


class BalanceTooLow(Refusal):
    code = "payment.balance_too_low"
    status = 409
    french = "Rien n’a été débité. Il vous reste {available_cents} disponibles."
    english = "Nothing was taken. You have {available_cents} available."


class ValidityTooShort(Refusal):
    code = "payment.validity_too_short"
    status = 422
    french = "Rien n’a été débité. Ce paiement a trop attendu ; confirmez de nouveau."
    english = "Nothing was taken. This payment waited too long; confirm again."


class ValidityTooLong(Refusal):
    code = "payment.validity_too_long"
    status = 422
    french = "Rien n’a été débité. L’heure de cet appareil semble fausse ; confirmez de nouveau."
    english = "Nothing was taken. This device's clock seems wrong; confirm again."


class NonceInvalid(Refusal):
    code = "payment.nonce_invalid"
    status = 422
    french = "Rien n’a été débité. Le numéro de ce paiement n’est pas lisible."
    english = "Nothing was taken. This payment's number cannot be read."
