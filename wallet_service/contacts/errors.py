"""Refusals about contacts. Sentences speak of the money first."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class PersonUnknown(Refusal):
    """Nobody is named so, or not to the one who asks: the two are not told apart."""

    code = "contact.person_unknown"
    status = 404
    french = "Rien n’a été débité. Personne n’est, ou n’est plus, connu sous ce code : demandez-en un autre."
    english = "Nothing was taken. This person is not, or no longer, known by this code: ask them for another."


class PersonIsYourself(Refusal):
    code = "contact.yourself"
    status = 409
    french = "Rien n’a été débité. C’est votre propre code."
    english = "Nothing was taken. This is your own code."


class TooManyContacts(Refusal):
    """`limit` is how many there may be."""

    code = "contact.too_many"
    status = 409
    french = "Vous avez déjà {limit} contacts. Retirez-en un d’abord."
    english = "You have {limit} contacts already. Remove one first."


class ContactUnknown(Refusal):
    code = "contact.unknown"
    status = 404
    french = "Ce contact n’existe pas, ou plus."
    english = "There is no such contact, or no longer."
