"""Refusals about members, their devices and tills."""

from __future__ import annotations

from wallet_service.languages.catalogues import said
from wallet_service.protocol.refusal import Refusal

#: The ledger takes a hundred enrolments a block and more.
ENROLMENTS_RETRY_AFTER_S = 10

_FIELD_WORDS = {
    "kind": ("type de professionnel", "kind of professional"),
    "public_name": ("nom public", "public name"),
    "description": ("description", "description"),
    "representative_given_name": ("prénom du représentant", "representative's first name"),
    "representative_family_name": ("nom du représentant", "representative's last name"),
    "ground": ("motif", "ground"),
}


class ProofInvalid(Refusal):
    code = "wallet.proof_invalid"
    status = 422
    french = "Cet appareil n’a pas pu prouver que la clé est la sienne."
    english = "This device could not prove that the key is its own."


class WalletExists(Refusal):
    code = "wallet.exists"
    status = 409
    french = "Cet appareil a déjà un compte : connectez-vous."
    english = "This device already has an account: sign in."


class MemberUnknown(Refusal):
    code = "member.unknown"
    status = 404
    french = "Ce membre n’existe pas."
    english = "There is no such member."


class MemberStateRefused(Refusal):
    code = "member.state"
    status = 409
    french = "Ce compte est dans l’état « {state} » : cette action n’est pas possible."
    english = "This account is in the state “{state}”: this is not possible."


class TierChangeRefused(Refusal):
    code = "member.tier_change"
    status = 409
    french = "Un compte ne passe pas de « {tier} » à « {wanted} »."
    english = "An account does not go from “{tier}” to “{wanted}”."


class AlreadyProfessional(Refusal):
    code = "member.already_professional"
    status = 409
    french = "Rien n’a été fait. Ce compte est déjà inscrit comme professionnel, ou en train de l’être."
    english = (
        "Nothing was done. This account is already registered as a professional, or is being registered."
    )


class SiretInvalid(Refusal):
    code = "member.siret_invalid"
    status = 422
    french = "Ce numéro SIRET n’est pas valable."
    english = "This SIRET number is not valid."


class EnrolmentsFull(Refusal):
    """So many new wallets wait for the ledger that one more would only make all of them wait longer."""

    code = "member.enrolments_full"
    status = 503
    french = (
        "Rien n’a été ouvert. Beaucoup de portefeuilles s’ouvrent en ce moment ; "
        "réessayez dans {retry_after_s} s."
    )
    english = "Nothing was opened. Many wallets are being opened right now; try again in {retry_after_s} s."

    def __init__(self) -> None:
        super().__init__(retry_after_s=ENROLMENTS_RETRY_AFTER_S)


class SectorUnknown(Refusal):
    code = "member.sector_unknown"
    status = 422
    french = "Ce code d’activité NAF n’est pas connu."
    english = "This NAF activity code is not known."


class CommuneUnknown(Refusal):
    code = "member.commune_unknown"
    status = 422
    french = "Cette commune n’est pas en {region}, ou plusieurs portent ce nom : donnez son code INSEE."
    english = "This commune is not in {region}, or several have that name: give its INSEE code."


class ProfessionalInvalid(Refusal):
    code = "member.professional_invalid"
    status = 422
    french = "La fiche du professionnel n’est pas complète : {field}."
    english = "The professional's record is not complete: {field}."

    def sentence(self, language: str) -> str:
        """With the field's name as the form has it."""
        field = str(self.values["field"])
        french, english = _FIELD_WORDS.get(field, (field, field))
        return said(language, self.french, self.english).format(field=said(language, french, english))


class DeviceCodeTooMuch(Refusal):
    """One officer must not be able to hand somebody's money to whom they like."""

    code = "device.code_needs_recovery"
    status = 409
    french = (
        "Rien n’a été fait. Ce compte est gelé, il tient {least_cents} centimes ou plus, ou aucun appareil "
        "ne paie pour lui : passez par « Téléphones perdus »."
    )
    english = (
        "Nothing was done. This account is frozen, holds {least_cents} cents or more, or has no device that "
        "pays: use “Lost phones”."
    )


class DeviceCodeRefused(Refusal):
    code = "device.code_refused"
    status = 403
    french = "Ce code d’appareil n’est pas valable, ou il a déjà servi. Demandez-en un autre."
    english = "This device code is not valid, or was already used. Ask for another one."


class DeviceKnown(Refusal):
    code = "device.known"
    status = 409
    french = "Cet appareil appartient déjà à un compte. Déconnectez-le d’abord."
    english = "This device already belongs to an account. Sign it out first."


class DeviceNotFound(Refusal):
    code = "device.unknown"
    status = 404
    french = "Cet appareil n’est pas, ou n’est plus, l’un des vôtres."
    english = "This device is not, or no longer, one of yours."


class LastSigner(Refusal):
    """What would be removed is the only key the ledger lets pay for the account."""

    code = "access.last_signer"
    status = 409
    french = "Rien n’a changé. C’est la seule clé qui paie pour ce compte : liez d’abord un autre téléphone."
    english = "Nothing changed. This is the only key that pays for this account: link another phone first."
