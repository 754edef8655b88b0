"""Refusals of redemptions."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class NotProfessional(Refusal):
    """CMF L311-5: private persons are not reimbursed in euros."""

    code = "redemption.not_professional"
    status = 403
    french = (
        "Rien n’a été converti : la loi réserve la conversion en euros aux professionnels adhérents. "
        "Vos unités restent dans votre portefeuille, à dépenser chez les commerçants."
    )
    english = (
        "Nothing was converted: the law keeps conversion into euros for professional members. "
        "Your units stay in your wallet, to be spent at merchants."
    )


class RedeemingStopped(Refusal):
    code = "redemption.stopped"
    status = 503
    french = "Rien n’a été converti : les conversions sont suspendues pour le moment. Réessayez plus tard."
    english = "Nothing was converted: redemptions are suspended for now. Try again later."


class RedeemerFrozen(Refusal):
    code = "redemption.frozen"
    status = 403
    french = "Rien n’a été converti : votre compte est gelé. Contactez l’association."
    english = "Nothing was converted: your account is frozen. Contact the association."


class RedeemerIdentityExpired(Refusal):
    code = "redemption.identity_expired"
    status = 403
    french = "Rien n’a été converti : votre dossier d’identité a expiré. Mettez-le à jour."
    english = "Nothing was converted: your identity file has expired. Bring it up to date."


class RedemptionReferenceNotOwn(Refusal):
    """The ledger takes only references that begin with the account's address (LedgerStorage.sol)."""

    code = "redemption.reference_not_own"
    status = 422
    french = "Rien n’a été converti : cette application est trop ancienne. Rechargez-la et recommencez."
    english = "Nothing was converted: this app is too old. Reload it and try again."


class IbanInvalid(Refusal):
    code = "redemption.iban_invalid"
    status = 422
    french = "Rien n’a été converti : cet IBAN n’est pas valable. Vérifiez-le, chiffre par chiffre."
    english = "Nothing was converted: this IBAN is not valid. Check it digit by digit."


class IbanNotSepa(Refusal):
    code = "redemption.iban_not_sepa"
    status = 422
    french = "Rien n’a été converti : cet IBAN n’est pas dans la zone SEPA."
    english = "Nothing was converted: this IBAN is outside the SEPA area."


class IbanOutsideEea(Refusal):
    """Banks there want more than an IBAN and a name: docs/decisions, payouts."""

    code = "redemption.iban_outside_eea"
    status = 422
    french = (
        "Rien n’a été converti : nous ne virons que vers l’Espace économique européen. "
        "Donnez l’IBAN d’un compte tenu en France ou dans un de ces pays."
    )
    english = (
        "Nothing was converted: we transfer to the European Economic Area only. "
        "Give the IBAN of an account held in France or in one of those countries."
    )


class HolderInvalid(Refusal):
    """Only what EPC217-08 lets through reaches a bank."""

    code = "redemption.holder_invalid"
    status = 422
    french = (
        "Rien n’a été converti : écrivez le nom du titulaire du compte en lettres, "
        "comme sur votre relevé d’identité bancaire."
    )
    english = "Nothing was converted: write the account holder's name in letters, as your bank writes it."


class RedemptionAmountInvalid(Refusal):
    code = "redemption.amount_invalid"
    status = 422
    french = "Rien n’a été converti : le montant doit dépasser les frais ({fee_cents})."
    english = "Nothing was converted: the amount must be more than the fee ({fee_cents})."


class RedemptionBalanceTooLow(Refusal):
    code = "redemption.insufficient_balance"
    status = 422
    french = "Rien n’a été converti : il y a {available_cents} de disponible."
    english = "Nothing was converted: {available_cents} are available."


class RedemptionValidityInvalid(Refusal):
    code = "redemption.validity_invalid"
    status = 422
    french = "Rien n’a été converti : la demande a expiré ou l’heure de l’appareil est fausse. Recommencez."
    english = "Nothing was converted: the request has expired or the device's clock is wrong. Try again."


class RedemptionSignerUnknown(Refusal):
    code = "redemption.signer_unknown"
    status = 403
    french = "Rien n’a été converti : cet appareil n’est pas autorisé à signer pour ce compte."
    english = "Nothing was converted: this device may not sign for this account."


class RedemptionPasskeyRequired(Refusal):
    """The ledger's floors (setPasskeyFloors): a redemption needs a passkey where a payment would."""

    code = "redemption.passkey_required"
    status = 403
    french = "Rien n’a été converti : ce montant demande votre clé d’accès. Signez avec elle."
    english = "Nothing was converted: this amount needs your passkey. Sign with it."


class RedemptionReferenceReused(Refusal):
    code = "redemption.reference_reused"
    status = 409
    french = "Cette référence a déjà servi pour une autre demande. Rien de plus n’a été converti."
    english = "This reference was already used for another request. Nothing more was converted."


class RedemptionNonceUsed(Refusal):
    code = "redemption.nonce_used"
    status = 409
    french = "Rien n’a été converti : ce numéro d’ordre a déjà servi. Recommencez."
    english = "Nothing was converted: this sequence number was already used. Try again."


class RedeemerUnknown(Refusal):
    code = "redemption.member_unknown"
    status = 404
    french = "Ce membre n’existe pas ou n’est pas encore actif."
    english = "This member does not exist or is not active yet."


class RedemptionUnknown(Refusal):
    code = "redemption.unknown"
    status = 404
    french = "Cette conversion n’existe pas."
    english = "This redemption does not exist."
