"""Every refusal about sales, payments and refunds. Sentences speak of the money first."""

from __future__ import annotations

from wallet_service.errors import BusinessError


class ServiceBusy(BusinessError):
    """Also the answer when the outcome is not known yet: the same request with the same reference is safe."""

    code = "service.busy"
    status = 503
    french = "Le service est très sollicité. Réessayez : un même paiement ne part jamais deux fois."
    english = "The service is very busy. Try again: the same payment never leaves twice."


class LimitsUnknown(BusinessError):
    """The ledger gave no limits for a party's tier."""

    code = "payment.limits_unknown"
    status = 503
    french = "Rien n’a été débité. Les plafonds du registre ne sont pas connus ; réessayez dans un instant."
    english = "Nothing was taken. The ledger's limits are not known; try again in a moment."


class PaymentNotFound(BusinessError):
    code = "payment.not_found"
    status = 404
    french = "Ce paiement est inconnu : rien n’a été débité."
    english = "This payment is unknown: nothing was taken."


class ReferenceReused(BusinessError):
    code = "payment.reference_reused"
    status = 409
    french = "Cette référence appartient déjà à un autre paiement. Rien de plus n’a été débité."
    english = "This reference already belongs to another payment. Nothing more was taken."


class NonceConflict(BusinessError):
    """`next_nonce` is the number to sign again with."""

    code = "payment.nonce_conflict"
    status = 409
    french = "Rien n’a été débité. Ce numéro de paiement a déjà servi ; confirmez de nouveau."
    english = "Nothing was taken. This payment number was already used; confirm again."


class NotYourAccount(BusinessError):
    code = "payment.not_your_account"
    status = 403
    french = "Rien n’a été débité. Ce paiement part d’un autre compte que le vôtre."
    english = "Nothing was taken. This payment leaves from an account that is not yours."


class SignerNotAllowed(BusinessError):
    code = "payment.signer_not_allowed"
    status = 403
    french = "Rien n’a été débité. Cet appareil ne peut pas, ou plus, signer pour ce compte."
    english = "Nothing was taken. This device may not, or no longer, sign for this account."


class PayerUnknown(BusinessError):
    code = "payment.payer_unknown"
    status = 403
    french = "Rien n’a été débité. Votre compte n’est pas encore ouvert sur le registre."
    english = "Nothing was taken. Your account is not open on the ledger yet."


class PayeeUnknown(BusinessError):
    code = "payment.payee_unknown"
    status = 409
    french = "Rien n’a été débité. Le compte qui devait recevoir n’est pas ouvert."
    english = "Nothing was taken. The account that should receive is not open."


class PayerFrozen(BusinessError):
    code = "payment.payer_frozen"
    status = 403
    french = "Rien n’a été débité. Votre compte est bloqué ; contactez l’association."
    english = "Nothing was taken. Your account is frozen; contact the association."


class PayeeFrozen(BusinessError):
    code = "payment.payee_frozen"
    status = 409
    french = "Rien n’a été débité. Ce compte ne peut pas recevoir pour le moment."
    english = "Nothing was taken. This account cannot receive at the moment."


class PayerIdentityExpired(BusinessError):
    code = "payment.payer_identity_expired"
    status = 403
    french = "Rien n’a été débité. Votre identité doit être vérifiée de nouveau."
    english = "Nothing was taken. Your identity must be verified again."


class PayeeIdentityExpired(BusinessError):
    code = "payment.payee_identity_expired"
    status = 409
    french = "Rien n’a été débité. Ce compte ne peut pas recevoir : son identité est à revoir."
    english = "Nothing was taken. This account cannot receive: its identity must be reviewed."


class PaymentsStopped(BusinessError):
    code = "payment.stopped"
    status = 503
    french = "Rien n’a été débité. Les paiements sont suspendus par l’association."
    english = "Nothing was taken. Payments are suspended by the association."


class VisitorToPerson(BusinessError):
    code = "payment.visitor_to_person"
    status = 403
    french = "Rien n’a été débité. Un visiteur ne peut payer que des commerces et des associations."
    english = "Nothing was taken. A visitor can only pay shops and associations."


class SamePayerAndPayee(BusinessError):
    code = "payment.same_payer_and_payee"
    status = 422
    french = "Rien n’a été débité. On ne peut pas se payer soi-même."
    english = "Nothing was taken. One cannot pay oneself."


class AmountNotAllowed(BusinessError):
    code = "payment.amount_not_allowed"
    status = 422
    french = "Rien n’a été débité. Ce montant n’est pas possible."
    english = "Nothing was taken. This amount is not possible."


class PaymentLimitExceeded(BusinessError):
    code = "payment.limit_per_payment"
    status = 403
    french = "Rien n’a été débité. Votre compte permet {limit_cents} par paiement."
    english = "Nothing was taken. Your account allows {limit_cents} per payment."


class DayLimitExceeded(BusinessError):
    code = "payment.limit_per_day"
    status = 403
    french = "Rien n’a été débité. Il vous reste {left_cents} à dépenser aujourd’hui."
    english = "Nothing was taken. You have {left_cents} left to spend today."


class PasskeyRequired(BusinessError):
    """The ledger's floors (contracts/Floors.sol): above them no device key signs."""

    code = "payment.passkey_required"
    status = 403
    french = "Rien n’a été débité : ce montant demande votre clé d’accès. Signez avec elle."
    english = "Nothing was taken: this amount needs your passkey. Sign with it."


class MonthLimitExceeded(BusinessError):
    code = "payment.limit_per_30_days"
    status = 403
    french = "Rien n’a été débité. Il vous reste {left_cents} à dépenser sur 30 jours."
    english = "Nothing was taken. You have {left_cents} left to spend over 30 days."


class HoldingLimitExceeded(BusinessError):
    code = "payment.payee_holding_limit"
    status = 409
    french = "Rien n’a été débité. Le compte qui reçoit atteindrait son plafond."
    english = "Nothing was taken. The receiving account would pass its ceiling."


class BalanceTooLow(BusinessError):
    code = "payment.balance_too_low"
    status = 409
    french = "Rien n’a été débité. Il vous reste {available_cents} disponibles."
    english = "Nothing was taken. You have {available_cents} available."


class ValidityTooShort(BusinessError):
    code = "payment.validity_too_short"
    status = 422
    french = "Rien n’a été débité. Ce paiement a trop attendu ; confirmez de nouveau."
    english = "Nothing was taken. This payment waited too long; confirm again."


class ValidityTooLong(BusinessError):
    code = "payment.validity_too_long"
    status = 422
    french = "Rien n’a été débité. L’heure de cet appareil semble fausse ; confirmez de nouveau."
    english = "Nothing was taken. This device's clock seems wrong; confirm again."


class SaleNotFound(BusinessError):
    code = "sale.not_found"
    status = 404
    french = "Cette vente est inconnue. Demandez au commerçant d’afficher le code de nouveau."
    english = "This sale is unknown. Ask the merchant to show the code again."


class SaleExpired(BusinessError):
    code = "sale.expired"
    status = 409
    french = "Rien n’a été débité. Cette vente a expiré ; demandez un nouveau code."
    english = "Nothing was taken. This sale has expired; ask for a new code."


class SaleAlreadyPaid(BusinessError):
    code = "sale.already_paid"
    status = 409
    french = "Rien de plus n’a été débité. Cette vente a déjà un paiement."
    english = "Nothing more was taken. This sale already has a payment."


class SaleCancelled(BusinessError):
    code = "sale.cancelled"
    status = 409
    french = "Rien n’a été débité. Le commerçant a annulé cette vente."
    english = "Nothing was taken. The merchant cancelled this sale."


class SaleMismatch(BusinessError):
    """Amount or payee of the signed payment are not the sale's."""

    code = "sale.mismatch"
    status = 409
    french = "Rien n’a été débité. Le paiement ne correspond pas à cette vente."
    english = "Nothing was taken. The payment does not match this sale."


class SaleReferenceReused(BusinessError):
    code = "sale.reference_reused"
    status = 409
    french = "Cette référence de vente a déjà servi pour une autre vente."
    english = "This sale reference was already used for another sale."


class SaleNotCancellable(BusinessError):
    code = "sale.not_cancellable"
    status = 409
    french = "Cette vente ne peut plus être annulée : un paiement est en cours ou fait."
    english = "This sale can no longer be cancelled: a payment is under way or done."


class TillCannotSell(BusinessError):
    code = "sale.till_cannot_sell"
    status = 403
    french = "Ce point de vente ne peut pas encaisser : le compte du commerce n’est pas ouvert ou est bloqué."
    english = "This till cannot take payments: the shop's account is not open or is frozen."


class SalesStopped(BusinessError):
    """Not a 503: the till must hear it at once, not try again behind the cashier's back."""

    code = "sale.payments_stopped"
    status = 409
    french = "Aucun QR n’est ouvert : les paiements sont suspendus par l’association. Encaissez autrement."
    english = "No QR is open: payments are suspended by the association. Take payment another way."


class TooManyOpenSales(BusinessError):
    code = "sale.too_many_open"
    status = 429
    french = "Trop de ventes ouvertes sur ce point de vente. Annulez-en ou attendez leur expiration."
    english = "Too many open sales on this till. Cancel some or wait until they expire."


class RefundNotFound(BusinessError):
    code = "refund.not_found"
    status = 404
    french = "Cette demande de remboursement est inconnue."
    english = "This refund request is unknown."


class RefundReferenceReused(BusinessError):
    code = "refund.reference_reused"
    status = 409
    french = "Cette référence de remboursement a déjà servi."
    english = "This refund reference was already used."


class SaleNotPaid(BusinessError):
    code = "refund.sale_not_paid"
    status = 409
    french = "Seule une vente payée peut être remboursée."
    english = "Only a paid sale can be refunded."


class RefundTooLarge(BusinessError):
    code = "refund.too_large"
    status = 409
    french = "Il reste {left_cents} à rembourser sur cette vente."
    english = "{left_cents} are left to refund on this sale."


class RefundAlreadyDecided(BusinessError):
    code = "refund.already_decided"
    status = 409
    french = "Cette demande de remboursement a déjà reçu une réponse."
    english = "This refund request was already answered."


class RefundMismatch(BusinessError):
    code = "refund.mismatch"
    status = 409
    french = "Rien n’a été débité. Le paiement ne correspond pas à la demande de remboursement."
    english = "Nothing was taken. The payment does not match the refund request."


class NonceInvalid(BusinessError):
    code = "payment.nonce_invalid"
    status = 422
    french = "Rien n’a été débité. Le numéro de ce paiement n’est pas lisible."
    english = "Nothing was taken. This payment's number cannot be read."
