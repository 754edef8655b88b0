"""What is pushed and answered when sales, payments and refund requests change: never a name."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, TypeVar

from wallet_service.payments.models import Payment
from wallet_service.payments.states import PaymentState
from wallet_service.protocol.event_kinds import (
    Event,
    MoneyReceived,
    PaymentAccepted,
    PaymentPaid,
    PaymentRefused,
    to_member,
)
from wallet_service.protocol.shown import PaymentStateWord, ShownPayment
from wallet_service.protocol.text.references import proof_code

Shown = TypeVar("Shown", bound=ShownPayment)

#: What people are shown: a payment between acceptance and the chain's answer is one thing to them.
CONFIRMING: PaymentStateWord = "confirming"
_STATE_WORDS: dict[PaymentState, PaymentStateWord] = {
    PaymentState.ACCEPTED: CONFIRMING,
    PaymentState.SETTLING: CONFIRMING,
    PaymentState.PAID: "paid",
    PaymentState.REFUSED: "refused",
}


def state_word(state: PaymentState) -> PaymentStateWord:
    """The word for a payment's state that people are shown."""
    return _STATE_WORDS[state]


def payment_view(payment: Payment, as_what: type[Shown]) -> Shown:
    """A payment as its payer and payee see it: itself, or one of the events about it."""
    return as_what(
        ref=payment.ref,
        state=state_word(payment.state),
        amount_cents=payment.amount_cents,
        proof_code=proof_code(payment.ref),
        sale_id=payment.sale_id,
        refusal_code=payment.refusal_code,
        accepted_at_unix_ms=payment.accepted_at_unix_ms,
        final_at_unix_ms=payment.final_at_unix_ms,
    )


def payment_data(payment: Payment) -> dict[str, Any]:
    """`payment_view` as an answer carries it."""
    return asdict(payment_view(payment, ShownPayment))


def payment_accepted(payment: Payment) -> list[Event]:
    return [to_member(payment.payer_member_id, payment_view(payment, PaymentAccepted))]


def payment_paid(payment: Payment) -> list[Event]:
    return [
        to_member(payment.payer_member_id, payment_view(payment, PaymentPaid)),
        to_member(payment.payee_member_id, payment_view(payment, MoneyReceived)),
    ]


def payment_refused(payment: Payment) -> list[Event]:
    return [to_member(payment.payer_member_id, payment_view(payment, PaymentRefused))]
