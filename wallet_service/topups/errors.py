"""Refusals of top-ups."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class TopupMemberUnknown(Refusal):
    code = "topup.member_unknown"
    status = 404
    french = "Ce membre n’existe pas."
    english = "This member does not exist."


class TopupUnknown(Refusal):
    code = "topup.unknown"
    status = 404
    french = "Ce chargement n’existe pas."
    english = "This top-up does not exist."


class TopupNotHeld(Refusal):
    code = "topup.not_held"
    status = 409
    french = "Ce chargement n’est plus en attente. Rechargez la page."
    english = "This top-up is no longer waiting. Reload the page."


class TopupAmountOutOfRange(Refusal):
    code = "topup.amount_out_of_range"
    status = 422
    french = "Choisissez un montant entre {minimum_cents} et {maximum_cents} euros."
    english = "Choose an amount between {minimum_cents} and {maximum_cents} euros."


class TopupNotProposed(Refusal):
    code = "topup.not_proposed"
    status = 409
    french = "Rien n’a été fait. Ce chargement n’attend pas de second émetteur. Rechargez la page."
    english = "Nothing was done. This top-up does not wait for a second issuer. Reload the page."


class SameOfficerGave(Refusal):
    code = "topup.same_officer"
    status = 403
    french = "Rien n’a été fait. Vous avez attribué ce virement : un autre agent doit approuver l’émission."
    english = "Nothing was done. You assigned this transfer: another officer must approve the issuing."
