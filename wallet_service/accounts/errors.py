"""Refusals about an account itself, and the one about all of them: the copy is not whole."""

from __future__ import annotations

from wallet_service.platform.errors import ChainUnavailable
from wallet_service.protocol.refusal import Refusal

CATCHING_UP_RETRY_AFTER_S = 2
RULES_RETRY_AFTER_S = 10


class PayerUnknown(Refusal):
    code = "payment.payer_unknown"
    status = 403
    french = "Rien n’a été débité. Votre compte n’est pas encore ouvert sur le registre."
    english = "Nothing was taken. Your account is not open on the ledger yet."


class CopyCatchingUp(Refusal):
    """Our copy of the ledger lacks blocks it had, or is far behind: no balance is said, no money decided."""

    code = "chain.catching_up"
    status = 503
    french = "Rien n’a été débité. Un instant : nous relisons le registre ; réessayez dans {retry_after_s} s."
    english = (
        "Nothing was taken. One moment: we are reading the ledger again; try again in {retry_after_s} s."
    )

    def __init__(self) -> None:
        super().__init__(retry_after_s=CATCHING_UP_RETRY_AFTER_S)


class RulesTooOld(ChainUnavailable):
    """The ledger's rules were not read for too long (`rules.RULES_FRESH_FOR_S`), or never yet."""

    code = "chain.rules_too_old"
    french = (
        "Rien n’a été débité. Le registre ne répond plus depuis un moment ; réessayez dans {retry_after_s} s."
    )
    english = "Nothing was taken. The ledger has not answered for a while; try again in {retry_after_s} s."

    def __init__(self) -> None:
        Refusal.__init__(self, retry_after_s=RULES_RETRY_AFTER_S)
        self.reason = "the ledger's rules are not known or too old"


class AmountNotAllowed(Refusal):
    code = "payment.amount_not_allowed"
    status = 422
    french = "Rien n’a été débité. Ce montant n’est pas possible."
    english = "Nothing was taken. This amount is not possible."


class KeySuspended(Refusal):
    """An officer has suspended the key that signed this: what it signs counts for nothing until then."""

    code = "key.suspended"
    status = 403
    french = (
        "Rien n’a été débité, rien n’a changé. La clé de cet appareil est suspendue : "
        "contactez l’association, qui seule peut lever la suspension."
    )
    english = (
        "Nothing was taken, nothing has changed. This device’s key is suspended: "
        "contact the association, which alone can release it."
    )
