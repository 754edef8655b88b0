"""Refusals about who somebody is: sign-in, codes, passkeys, identity files and documents."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class DeclarationInvalid(Refusal):
    code = "identity.declaration_invalid"
    status = 422
    french = "La déclaration n’a pas été enregistrée : une réponse manque ou ne se lit pas."
    english = "The declaration was not saved: an answer is missing or cannot be read."


class BirthDateRefused(Refusal):
    code = "identity.birth_date"
    status = 422
    french = "Vérifiez la date de naissance : il faut avoir de {minimum} à {maximum} ans."
    english = "Check the date of birth: one must be {minimum} to {maximum} years old."


class IdentityUnderReview(Refusal):
    code = "identity.under_review"
    status = 409
    french = "Votre dossier est en cours d’examen : il ne peut plus changer."
    english = "Your file is under review: it can no longer change."


class IdentitySecondOfficer(Refusal):
    code = "identity.second_officer_needed"
    status = 403
    french = "Rien n’a changé : vous avez copié cette pièce au guichet, un autre agent décide."
    english = "Nothing changed: you copied this paper at the desk, another officer decides."


class IdentityNotForProfessionals(Refusal):
    code = "identity.not_for_professionals"
    status = 409
    french = "Un compte professionnel est vérifié par l’association, pas ici."
    english = "A professional account is verified by the association, not here."


class IdentityFileUnknown(Refusal):
    code = "identity.file_unknown"
    status = 404
    french = "Ce dossier n’existe pas."
    english = "There is no such file."


class IdentityFileIncomplete(Refusal):
    code = "identity.file_incomplete"
    status = 409
    french = "Il manque la déclaration ou un document."
    english = "The declaration or a document is missing."


class IdentityFileTransition(Refusal):
    code = "identity.file_state"
    status = 409
    french = "Ce dossier est dans l’état « {state} » : cette action n’est plus possible."
    english = "This file is in the state “{state}”: this is no longer possible."


class DocumentTooLarge(Refusal):
    code = "identity.document_too_large"
    status = 413
    french = "Le document dépasse {limit_megabytes} Mo. Prenez une photo plus légère."
    english = "The document exceeds {limit_megabytes} MB. Take a lighter picture."


class DocumentTypeRefused(Refusal):
    code = "identity.document_type"
    status = 415
    french = (
        "Rien n’a été gardé : ce fichier n’est ni une photo (JPEG, PNG) ni un PDF lisible. "
        "D’un iPhone (HEIC) : Réglages, Appareil photo, Formats, « Le plus compatible », "
        "puis une nouvelle photo."
    )
    english = (
        "Nothing was kept: this file is neither a picture (JPEG, PNG) nor a readable PDF. "
        "From an iPhone (HEIC): Settings, Camera, Formats, “Most Compatible”, then a new picture."
    )


class DocumentTooManyPixels(Refusal):
    code = "identity.document_pixels"
    status = 422
    french = "La photo est trop grande : {limit_megapixels} mégapixels au plus."
    english = "The picture is too large: {limit_megapixels} megapixels at most."


class DocumentTooManyPages(Refusal):
    code = "identity.document_pages"
    status = 422
    french = "Rien n’a été gardé : ce PDF a plus de {limit} pages. Envoyez seulement celles qui comptent."
    english = "Nothing was kept: this PDF has more than {limit} pages. Send only those that matter."


class DocumentTooHeavy(Refusal):
    code = "identity.document_too_heavy"
    status = 422
    french = "Rien n’a été gardé : ce document demande trop de travail à lire. Envoyez-en une photo."
    english = "Nothing was kept: this document takes too much work to read. Send a picture of it."


class TooManyDocuments(Refusal):
    code = "identity.too_many_documents"
    status = 409
    french = "Le dossier contient déjà {limit} documents."
    english = "The file already holds {limit} documents."


class DocumentUnknown(Refusal):
    code = "identity.document_unknown"
    status = 404
    french = "Ce document n’existe pas."
    english = "There is no such document."
