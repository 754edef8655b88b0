"""What is pushed when sales, payments and refund requests change: ids, amounts, states; never a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wallet_service.payments.models import Payment, RefundRequest, Sale
from wallet_service.payments.states import PaymentState, RefundRequestState
from wallet_service.protocol.references import proof_code

Event = tuple[str, str, Mapping[str, Any]]

#: What people are shown: a payment between acceptance and the chain's answer is one thing to them.
CONFIRMING = "confirming"


def shown_state(state: PaymentState) -> str:
    return CONFIRMING if state in (PaymentState.ACCEPTED, PaymentState.SETTLING) else str(state)


def member_topic(member_id: str) -> str:
    return f"member:{member_id}"


def till_topic(till_id: str) -> str:
    return f"till:{till_id}"


def refunded_cents(requests: Sequence[RefundRequest]) -> int:
    return sum(request.amount_cents for request in requests if request.state is RefundRequestState.PAID)


def sale_data(sale: Sale, requests: Sequence[RefundRequest] = ()) -> dict[str, Any]:
    return {
        "id": sale.id,
        "amount_cents": sale.amount_cents,
        "short_code": sale.short_code,
        "state": str(sale.state),
        "created_at_unix_ms": sale.created_at_unix_ms,
        "expires_at_unix_ms": sale.expires_at_unix_ms,
        "accepted_at_unix_ms": sale.accepted_at_unix_ms,
        "paid_at_unix_ms": sale.paid_at_unix_ms,
        "proof_code": None if sale.payment_ref is None else proof_code(sale.payment_ref),
        "refunded_cents": refunded_cents(requests),
    }


def refund_request_data(request: RefundRequest) -> dict[str, Any]:
    return {
        "id": request.id,
        "sale_id": request.sale_id,
        "client_reference": request.client_reference,
        "amount_cents": request.amount_cents,
        "state": str(request.state),
        "refusal_code": request.refusal_code,
        "proof_code": None if request.payment_ref is None else proof_code(request.payment_ref),
        "requested_at_unix_ms": request.requested_at_unix_ms,
        "decided_at_unix_ms": request.decided_at_unix_ms,
    }


def payment_data(payment: Payment) -> dict[str, Any]:
    return {
        "ref": payment.ref,
        "state": shown_state(payment.state),
        "amount_cents": payment.amount_cents,
        "proof_code": proof_code(payment.ref),
        "sale_id": payment.sale_id,
        "refusal_code": payment.refusal_code,
        "accepted_at_unix_ms": payment.accepted_at_unix_ms,
        "final_at_unix_ms": payment.final_at_unix_ms,
    }


def sale_changed(sale: Sale, requests: Sequence[RefundRequest] = ()) -> list[Event]:
    data = {"sale": sale_data(sale, requests)}
    return [
        (till_topic(sale.till_id), "sale.changed", data),
        (member_topic(sale.member_id), "sale.changed", data),
    ]


def refund_changed(request: RefundRequest) -> list[Event]:
    data = {"refund": refund_request_data(request)}
    kind = "refund.requested" if request.state is RefundRequestState.REQUESTED else "refund.changed"
    return [
        (till_topic(request.till_id), "refund.changed", data),
        (member_topic(request.member_id), kind, data),
    ]


def payment_accepted(payment: Payment) -> list[Event]:
    return [(member_topic(payment.payer_member_id), "payment.accepted", payment_data(payment))]


def payment_paid(payment: Payment) -> list[Event]:
    data = payment_data(payment)
    return [
        (member_topic(payment.payer_member_id), "payment.paid", data),
        (member_topic(payment.payee_member_id), "money.received", data),
    ]


def payment_refused(payment: Payment) -> list[Event]:
    return [(member_topic(payment.payer_member_id), "payment.refused", payment_data(payment))]
