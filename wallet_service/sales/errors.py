"""Every refusal about sales and refunds. Sentences speak of the money first."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class SaleNotFound(Refusal):
    code = "sale.not_found"
    status = 404
    french = "Cette vente est inconnue. Demandez au commerçant d’afficher le code de nouveau."
    english = "This sale is unknown. Ask the merchant to show the code again."


class SaleReceiptNotShown(Refusal):
    """No such sale, one that is not paid, or one paid too long ago: which of them is nobody's business."""

    code = "sale.receipt_not_shown"
    status = 404
    french = "Il n’y a pas de reçu à cette adresse, ou il n’y est plus montré."
    english = "There is no receipt at this address, or it is no longer shown there."


class SaleExpired(Refusal):
    code = "sale.expired"
    status = 409
    french = "Rien n’a été débité. Cette vente a expiré ; demandez un nouveau code."
    english = "Nothing was taken. This sale has expired; ask for a new code."


class SaleAlreadyPaid(Refusal):
    code = "sale.already_paid"
    status = 409
    french = "Rien de plus n’a été débité. Cette vente a déjà un paiement."
    english = "Nothing more was taken. This sale already has a payment."


class SaleCancelled(Refusal):
    code = "sale.cancelled"
    status = 409
    french = "Rien n’a été débité. Le commerçant a annulé cette vente."
    english = "Nothing was taken. The merchant cancelled this sale."


class SaleMismatch(Refusal):
    """Amount or payee of the signed payment are not the sale's."""

    code = "sale.mismatch"
    status = 409
    french = "Rien n’a été débité. Le paiement ne correspond pas à cette vente."
    english = "Nothing was taken. The payment does not match this sale."


class SaleReferenceReused(Refusal):
    code = "sale.reference_reused"
    status = 409
    french = "Cette référence de vente a déjà servi pour une autre vente."
    english = "This sale reference was already used for another sale."


class SaleNotCancellable(Refusal):
    code = "sale.not_cancellable"
    status = 409
    french = "Cette vente ne peut plus être annulée : un paiement est en cours ou fait."
    english = "This sale can no longer be cancelled: a payment is under way or done."


class TillCannotSell(Refusal):
    code = "sale.till_cannot_sell"
    status = 403
    french = (
        "Ce point de vente ne peut pas encaisser : le compte du commerce n’est pas ouvert, ou il est gelé."
    )
    english = "This till cannot take payments: the shop's account is not open or is frozen."


class SalesStopped(Refusal):
    """Not a 503: the till must hear it at once, not try again behind the cashier's back."""

    code = "sale.payments_stopped"
    status = 409
    french = "Aucun QR n’est ouvert : les paiements sont suspendus par l’association. Encaissez autrement."
    english = "No QR is open: payments are suspended by the association. Take payment another way."


class TooManyOpenSales(Refusal):
    code = "sale.too_many_open"
    status = 429
    french = "Trop de ventes ouvertes sur ce point de vente. Annulez-en ou attendez leur expiration."
    english = "Too many open sales on this till. Cancel some or wait until they expire."


class TipTooLarge(Refusal):
    code = "sale.tip_too_large"
    status = 422
    french = "Rien n’a été encaissé. Sur cette vente, le pourboire va jusqu’à {maximum_cents}."
    english = "Nothing was taken. On this sale the tip may be up to {maximum_cents}."


class RefundNotFound(Refusal):
    code = "refund.not_found"
    status = 404
    french = "Cette demande de remboursement est inconnue."
    english = "This refund request is unknown."


class RefundReferenceReused(Refusal):
    code = "refund.reference_reused"
    status = 409
    french = "Cette référence de remboursement a déjà servi."
    english = "This refund reference was already used."


class SaleNotPaid(Refusal):
    code = "refund.sale_not_paid"
    status = 409
    french = "Seule une vente payée peut être remboursée."
    english = "Only a paid sale can be refunded."


class RefundTooLarge(Refusal):
    code = "refund.too_large"
    status = 409
    french = "Il reste {left_cents} à rembourser sur cette vente."
    english = "{left_cents} are left to refund on this sale."


class RefundAlreadyDecided(Refusal):
    code = "refund.already_decided"
    status = 409
    french = "Cette demande de remboursement a déjà reçu une réponse."
    english = "This refund request was already answered."


class RefundMismatch(Refusal):
    code = "refund.mismatch"
    status = 409
    french = "Rien n’a été débité. Le paiement ne correspond pas à la demande de remboursement."
    english = "Nothing was taken. The payment does not match the refund request."
