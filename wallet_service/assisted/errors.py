"""Refusals at the desk where accounts without a phone are opened."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class PapersNotSeen(Refusal):
    code = "assisted.papers_not_seen"
    status = 422
    french = "Rien n’a été fait. Confirmez que vous avez vu l’original de la pièce, en cours de validité."
    english = "Nothing was done. Confirm that you saw the original paper, still valid."


class PaperInvalid(Refusal):
    code = "assisted.paper_invalid"
    status = 422
    french = (
        "Rien n’a été fait. Choisissez la pièce vue, et tapez les {characters} derniers caractères "
        "de son numéro."
    )
    english = (
        "Nothing was done. Choose the paper you saw, and type the last {characters} characters of its number."
    )


class TelephoneInvalid(Refusal):
    code = "assisted.telephone_invalid"
    status = 422
    french = "Rien n’a été fait. Ce numéro de téléphone ne se lit pas : corrigez-le ou laissez-le vide."
    english = "Nothing was done. This telephone number cannot be read: correct it or leave it empty."


class ConsentMissing(Refusal):
    code = "assisted.consent_missing"
    status = 422
    french = "Rien n’a été fait. La personne signe d’abord les conditions d’utilisation, sur papier."
    english = "Nothing was done. The person signs the terms of use first, on paper."


class FormUsed(Refusal):
    """The same form came twice, or its answer was lost: the account is there, its code is not."""

    code = "assisted.form_used"
    status = 409
    french = (
        "Ce compte est déjà ouvert, rien de plus n’a été fait. Si la carte n’est pas sortie, trouvez-le "
        "parmi les derniers membres et refaites une carte."
    )
    english = (
        "This account is open already, nothing more was done. If its card did not come out, find it among "
        "the newest members and make a new card."
    )


class AlreadyOpen(Refusal):
    """Somebody of the same first name, name and birth date has an account that is not closed."""

    code = "assisted.already_open"
    status = 409
    french = (
        "Rien n’a été fait. Le compte {number} est déjà à quelqu’un du même prénom, du même nom et né le "
        "même jour. Refaites sa carte, ou passez par « Téléphones perdus ». Si les papiers montrent que "
        "c’est une autre personne, cochez-le."
    )
    english = (
        "Nothing was done. Account {number} already belongs to somebody of the same first name, name and "
        "birth date. Make its card again, or go by “Lost phones”. If the papers show that it is another "
        "person, tick that box."
    )


class NothingCorrected(Refusal):
    code = "assisted.nothing_corrected"
    status = 422
    french = "Rien n’a changé : tapez ce qui est à corriger."
    english = "Nothing changed: type what is to be corrected."


class NotAssisted(Refusal):
    """It never was, or a phone has taken it: its owner sees and prints everything there."""

    code = "assisted.not_assisted"
    status = 409
    french = (
        "Rien n’a été fait. Ce compte n’est pas, ou n’est plus, un compte assisté : son titulaire fait cela "
        "sur son téléphone."
    )
    english = (
        "Nothing was done. This is not, or no longer, an assisted account: its owner does this on their "
        "phone."
    )


class AccountClosed(Refusal):
    code = "assisted.closed"
    status = 409
    french = "Rien n’a été fait. Ce compte est fermé."
    english = "Nothing was done. This account is closed."
