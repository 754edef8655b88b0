"""Refusals of top-ups."""

from __future__ import annotations

from wallet_service.errors import BusinessError


class TopupMemberUnknown(BusinessError):
    code = "topup.member_unknown"
    status = 404
    french = "Ce membre n’existe pas."
    english = "This member does not exist."


class TopupUnknown(BusinessError):
    code = "topup.unknown"
    status = 404
    french = "Ce chargement n’existe pas."
    english = "This top-up does not exist."


class TopupNotHeld(BusinessError):
    code = "topup.not_held"
    status = 409
    french = "Ce chargement n’est plus en attente. Rechargez la page."
    english = "This top-up is no longer waiting. Reload the page."


class TopupAmountOutOfRange(BusinessError):
    code = "topup.amount_out_of_range"
    status = 422
    french = "Choisissez un montant entre {minimum_cents} et {maximum_cents} euros."
    english = "Choose an amount between {minimum_cents} and {maximum_cents} euros."
