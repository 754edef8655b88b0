"""Refusals about recoveries and the codes kept on paper."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class RecoveryUnknown(Refusal):
    code = "recovery.unknown"
    status = 404
    french = "Cette demande n’existe pas, ou elle n’est pas pour ce compte."
    english = "There is no such request, or it is not for this account."


class RecoveryMoved(Refusal):
    """It is not where this act may be done any more."""

    code = "recovery.moved"
    status = 409
    french = "Rien n’a été fait. Cette demande a avancé entre-temps : regardez où elle en est."
    english = "Nothing was done. This request has moved on meanwhile: look where it stands."


class RecoveryAskedFor(Refusal):
    code = "recovery.asked_for"
    status = 409
    french = "Rien n’a été fait. Un second agent doit déjà signer cette demande."
    english = "Nothing was done. A second officer is already to sign this request."


class AnotherRecoveryPending(Refusal):
    code = "recovery.another_pending"
    status = 409
    french = "Rien n’a été fait. Une autre clé est déjà annoncée pour ce compte : annulez-la d’abord."
    english = "Nothing was done. Another key is already announced for this account: cancel that first."


class KeyTaken(Refusal):
    """The key that is asked for signs for an account by now, or is announced for one."""

    code = "recovery.key_taken"
    status = 409
    french = "Rien n’a été fait. Ce téléphone a reçu un autre compte entre-temps : qu’il demande à nouveau."
    english = "Nothing was done. This phone has been given another account meanwhile: let it ask again."


class VetoNotSigned(Refusal):
    code = "recovery.veto_not_signed"
    status = 422
    french = "Rien n’a changé. Cet appareil ne peut pas, ou plus, signer pour ce compte."
    english = "Nothing has changed. This device cannot, or no longer, sign for this account."


class RecoveryCodeRefused(Refusal):
    code = "recovery.code_refused"
    status = 403
    french = "Rien n’a été fait. Ce code de secours n’est pas valable, ou il a déjà servi."
    english = "Nothing was done. This recovery code is not valid, or was already used."
