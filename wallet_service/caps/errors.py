"""Refusals by a member's own caps. Sentences speak of the money first."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class OwnPaymentCapPassed(Refusal):
    """`limit_cents`: what one payment may be of, by the member's own choice."""

    code = "cap.payment"
    status = 403
    french = "Rien n’a été débité. Vous avez fixé à {limit_cents} votre plus gros paiement : voir « Moi »."
    english = "Nothing was taken. You have set your largest payment to {limit_cents}: see “Me”."


class OwnDayCapPassed(Refusal):
    """`left_cents`: what is left of it today."""

    code = "cap.day"
    status = 403
    french = "Rien n’a été débité. De votre propre plafond du jour, {limit_cents}, il reste {left_cents}."
    english = "Nothing was taken. Of your own daily cap of {limit_cents}, {left_cents} are left."


class OwnMonthCapPassed(Refusal):
    """`left_cents`: what is left of it over thirty days."""

    code = "cap.month"
    status = 403
    french = (
        "Rien n’a été débité. De votre propre plafond sur 30 jours, {limit_cents}, il reste {left_cents}."
    )
    english = "Nothing was taken. Of your own cap of {limit_cents} over 30 days, {left_cents} are left."
