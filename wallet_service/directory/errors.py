"""Refusals about the directory."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class CardInvalid(Refusal):
    code = "directory.card_invalid"
    status = 422
    french = "La fiche n’est pas enregistrée : « {field} » ne se lit pas, ou est trop long."
    english = "The card was not saved: “{field}” cannot be read, or is too long."


class HoursInvalid(Refusal):
    code = "directory.hours_invalid"
    status = 422
    french = "La fiche n’est pas enregistrée : vérifiez les horaires du {day}."
    english = "The card was not saved: check the opening hours of {day}."


class SpotTooFar(Refusal):
    code = "directory.spot_too_far"
    status = 422
    french = "La fiche n’est pas enregistrée : cet endroit est à plus de {limit_km} km de votre commune."
    english = "The card was not saved: that place is more than {limit_km} km from your commune."


class ListingUnknown(Refusal):
    code = "directory.listing_unknown"
    status = 404
    french = "Ce professionnel n’est pas dans l’annuaire."
    english = "This professional is not in the directory."


class NotInTheDirectory(Refusal):
    code = "directory.professionals_only"
    status = 403
    french = "L’annuaire est celui des professionnels."
    english = "The directory is for professionals."


class PictureUnknown(Refusal):
    code = "directory.picture_unknown"
    status = 404
    french = "Cette photo n’est plus là."
    english = "This picture is no longer there."


class PictureRefused(Refusal):
    code = "directory.picture_refused"
    status = 415
    french = "La photo n’est pas enregistrée : il faut une image JPEG ou PNG."
    english = "The picture was not saved: a JPEG or PNG picture is needed."


class ChangeMoved(Refusal):
    code = "directory.change_moved"
    status = 409
    french = "La fiche a encore changé pendant que vous la lisiez : relisez-la."
    english = "The card has changed again while you were reading: read it once more."


class AlreadyWithheld(Refusal):
    code = "directory.already_withheld"
    status = 409
    french = "Cette fiche est déjà retirée de l’annuaire."
    english = "This card is already out of the directory."
