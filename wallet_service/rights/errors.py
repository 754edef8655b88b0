"""Refusals about an account that is to be closed, and about what is held of a person."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal
from wallet_service.security.errors import PasskeyNeeded


class MoneyLeft(Refusal):
    code = "closing.money_left"
    status = 409
    french = "Rien n’a été fait. Ce compte n’est pas vide : il tient encore {posted_cents} centimes."
    english = "Nothing was done. This account is not empty: it still holds {posted_cents} cents."


class SomethingOpen(Refusal):
    code = "closing.something_open"
    status = 409
    french = "Rien n’a été fait. Quelque chose est encore en cours sur ce compte ({what})."
    english = "Nothing was done. Something is still under way on this account ({what})."


class DataTooLong(Refusal):
    code = "data.too_long"
    status = 503
    french = (
        "Ce papier est trop long à écrire. Le fichier JSON contient tout ; les relevés, mois par mois, aussi."
    )
    english = (
        "This paper takes too long to write. The JSON file has everything; so do the monthly statements."
    )


class DataPasskeyNeeded(PasskeyNeeded):
    code = "data.passkey_needed"
    french = "Rien n’a été fait. Reconnectez-vous avec votre clé d’accès pour voir ou effacer tout ce compte."
    english = "Nothing was done. Sign in again with your passkey to see or erase all of this account."
