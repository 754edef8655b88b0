"""Refusals about who somebody is: sign-in, codes, passkeys, identity files and documents."""

from __future__ import annotations

from wallet_service.errors import BusinessError


class ChallengeUnknown(BusinessError):
    code = "session.challenge_unknown"
    status = 401
    french = "La connexion a pris trop de temps. Recommencez."
    english = "Signing in took too long. Start again."


class DeviceUnknown(BusinessError):
    code = "session.device_unknown"
    status = 401
    french = "Cet appareil n’est lié à aucun compte, ou sa signature n’est pas la bonne."
    english = "This device belongs to no account, or its signature is wrong."


class PasskeyRefused(BusinessError):
    code = "session.passkey_refused"
    status = 401
    french = "Cette clé d’accès n’est pas reconnue. Essayez-en une autre, ou l’appareil habituel."
    english = "This passkey is not recognised. Try another one, or your usual device."


class PasskeyInvalid(BusinessError):
    code = "passkey.invalid"
    status = 422
    french = "La clé d’accès n’a pas pu être enregistrée. Recommencez."
    english = "The passkey could not be registered. Start again."


class TooManyPasskeys(BusinessError):
    code = "passkey.too_many"
    status = 409
    french = "Ce compte a déjà {limit} clés d’accès."
    english = "This account already has {limit} passkeys."


class PasskeyUnknown(BusinessError):
    code = "passkey.unknown"
    status = 404
    french = "Cette clé d’accès n’est pas celle de ce compte."
    english = "This passkey is not one of this account’s."


class PasskeyCannotSign(BusinessError):
    """The ledger checks ES256 (ECDSA on P-256, RFC 9053) and nothing else."""

    code = "passkey.cannot_sign"
    status = 422
    french = "Cette clé d’accès ouvre le compte, mais ne peut pas signer de paiements."
    english = "This passkey opens the account, but cannot sign payments."


class OfficerCodeRefused(BusinessError):
    code = "officer.code_refused"
    status = 401
    french = "Ce code n’est pas valable, ou il a déjà servi."
    english = "This code is not valid, or was already used."


class OfficerUnknown(BusinessError):
    code = "officer.unknown"
    status = 404
    french = "Cet agent n’existe pas."
    english = "There is no such officer."


class PasskeyRequired(BusinessError):
    code = "officer.passkey_required"
    status = 403
    french = "Enregistrez d’abord une clé d’accès : le code ne sert qu’à cela."
    english = "Register a passkey first: the code is only good for that."


class DeclarationInvalid(BusinessError):
    code = "identity.declaration_invalid"
    status = 422
    french = "La déclaration n’est pas complète : {field}."
    english = "The declaration is not complete: {field}."


class IdentityUnderReview(BusinessError):
    code = "identity.under_review"
    status = 409
    french = "Votre dossier est en cours d’examen : il ne peut plus changer."
    english = "Your file is under review: it can no longer change."


class IdentityNotForProfessionals(BusinessError):
    code = "identity.not_for_professionals"
    status = 409
    french = "Un compte professionnel est vérifié par l’association, pas ici."
    english = "A professional account is verified by the association, not here."


class IdentityFileUnknown(BusinessError):
    code = "identity.file_unknown"
    status = 404
    french = "Ce dossier n’existe pas."
    english = "There is no such file."


class IdentityFileIncomplete(BusinessError):
    code = "identity.file_incomplete"
    status = 409
    french = "Il manque la déclaration ou un document."
    english = "The declaration or a document is missing."


class IdentityFileTransition(BusinessError):
    code = "identity.file_state"
    status = 409
    french = "Ce dossier est dans l’état « {state} » : cette action n’est plus possible."
    english = "This file is in the state “{state}”: this is no longer possible."


class DocumentTooLarge(BusinessError):
    code = "identity.document_too_large"
    status = 413
    french = "Le document dépasse {limit_megabytes} Mo. Prenez une photo plus légère."
    english = "The document exceeds {limit_megabytes} MB. Take a lighter picture."


class DocumentTypeRefused(BusinessError):
    code = "identity.document_type"
    status = 415
    french = "Ce fichier n’est ni une photo (JPEG, PNG) ni un PDF lisible."
    english = "This file is neither a picture (JPEG, PNG) nor a readable PDF."


class DocumentTooManyPixels(BusinessError):
    code = "identity.document_pixels"
    status = 422
    french = "La photo est trop grande : {limit_megapixels} mégapixels au plus."
    english = "The picture is too large: {limit_megapixels} megapixels at most."


class TooManyDocuments(BusinessError):
    code = "identity.too_many_documents"
    status = 409
    french = "Le dossier contient déjà {limit} documents."
    english = "The file already holds {limit} documents."


class DocumentUnknown(BusinessError):
    code = "identity.document_unknown"
    status = 404
    french = "Ce document n’existe pas."
    english = "There is no such document."
