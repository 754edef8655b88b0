"""Refusals about members, their devices and tills."""

from __future__ import annotations

from wallet_service.errors import BusinessError

_FIELD_WORDS = {
    "kind": ("type de professionnel", "kind of professional"),
    "public_name": ("nom public", "public name"),
    "description": ("description", "description"),
    "representative_given_name": ("prénom du représentant", "representative's first name"),
    "representative_family_name": ("nom du représentant", "representative's last name"),
    "ground": ("motif", "ground"),
}


class KeyInvalid(BusinessError):
    code = "wallet.key_invalid"
    status = 422
    french = "La clé de cet appareil n’est pas lisible."
    english = "This device's key cannot be read."


class ProofInvalid(BusinessError):
    code = "wallet.proof_invalid"
    status = 422
    french = "Cet appareil n’a pas pu prouver que la clé est la sienne."
    english = "This device could not prove that the key is its own."


class WalletExists(BusinessError):
    code = "wallet.exists"
    status = 409
    french = "Cet appareil a déjà un compte : connectez-vous."
    english = "This device already has an account: sign in."


class MemberUnknown(BusinessError):
    code = "member.unknown"
    status = 404
    french = "Ce membre n’existe pas."
    english = "There is no such member."


class MemberStateRefused(BusinessError):
    code = "member.state"
    status = 409
    french = "Ce compte est dans l’état « {state} » : cette action n’est pas possible."
    english = "This account is in the state “{state}”: this is not possible."


class TierChangeRefused(BusinessError):
    code = "member.tier_change"
    status = 409
    french = "Un compte ne passe pas de « {tier} » à « {wanted} »."
    english = "An account does not go from “{tier}” to “{wanted}”."


class AlreadyProfessional(BusinessError):
    code = "member.already_professional"
    status = 409
    french = "Rien n’a été fait. Ce compte est déjà inscrit comme professionnel, ou en train de l’être."
    english = (
        "Nothing was done. This account is already registered as a professional, or is being registered."
    )


class SiretInvalid(BusinessError):
    code = "member.siret_invalid"
    status = 422
    french = "Ce numéro SIRET n’est pas valable."
    english = "This SIRET number is not valid."


class SectorUnknown(BusinessError):
    code = "member.sector_unknown"
    status = 422
    french = "Ce code d’activité NAF n’est pas connu."
    english = "This NAF activity code is not known."


class CommuneUnknown(BusinessError):
    code = "member.commune_unknown"
    status = 422
    french = "Cette commune n’est pas en {region}, ou plusieurs portent ce nom : donnez son code INSEE."
    english = "This commune is not in {region}, or several have that name: give its INSEE code."


class ProfessionalInvalid(BusinessError):
    code = "member.professional_invalid"
    status = 422
    french = "La fiche du professionnel n’est pas complète : {field}."
    english = "The professional's record is not complete: {field}."

    def sentence(self, language: str) -> str:
        """With the field's name as the form has it."""
        field = str(self.values["field"])
        french, english = _FIELD_WORDS.get(field, (field, field))
        template = self.english if language == "en" else self.french
        return template.format(field=english if language == "en" else french)


class NotAProfessional(BusinessError):
    code = "till.not_a_professional"
    status = 403
    french = "Seul un compte professionnel peut avoir une caisse."
    english = "Only a professional account can have a till."


class TooManyTills(BusinessError):
    code = "till.too_many"
    status = 409
    french = "Ce compte a déjà {limit} caisses."
    english = "This account already has {limit} tills."


class PairingCodeRefused(BusinessError):
    code = "till.pairing_code_refused"
    status = 401
    french = (
        "Ce code n’est pas valable : il a expiré ou déjà servi. "
        "Demandez-en un autre dans l’application du commerçant."
    )
    english = "This code is not valid: it expired or was used. Ask for another one in the merchant's app."


class TillUnknown(BusinessError):
    code = "till.unknown"
    status = 401
    french = "Cette tablette n’est associée à aucun commerce. Associez-la à nouveau."
    english = "This till is paired with no shop. Pair it again."


class TillNotFound(BusinessError):
    code = "till.not_found"
    status = 404
    french = "Cette caisse n’existe pas."
    english = "There is no such till."


class TillRevoked(BusinessError):
    code = "till.revoked"
    status = 401
    french = "Cette tablette a été retirée par le commerçant. Associez-la à nouveau pour vendre."
    english = "This till was removed by the merchant. Pair it again to sell."


class TillSignatureInvalid(BusinessError):
    code = "till.signature_invalid"
    status = 401
    french = "Rien n’a été fait : la signature de la tablette n’est pas la bonne."
    english = "Nothing was done: the till's signature is wrong."


class TillClockWrong(BusinessError):
    code = "till.clock_wrong"
    status = 401
    french = "L’horloge de la tablette n’est pas à l’heure."
    english = "The till's clock is wrong."


class TillRequestReplayed(BusinessError):
    code = "till.replayed"
    status = 401
    french = "Rien n’a été fait : cette demande a déjà été reçue."
    english = "Nothing was done: this request was already received."


class DeviceCodeRefused(BusinessError):
    code = "device.code_refused"
    status = 403
    french = "Ce code d’appareil n’est pas valable, ou il a déjà servi. Demandez-en un autre."
    english = "This device code is not valid, or was already used. Ask for another one."


class DeviceKnown(BusinessError):
    code = "device.known"
    status = 409
    french = "Cet appareil appartient déjà à un compte. Déconnectez-le d’abord."
    english = "This device already belongs to an account. Sign it out first."
