"""What is pushed and answered when sales and refund requests change: never a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from wallet_service.protocol.event_kinds import (
    Event,
    RefundChanged,
    RefundRequested,
    SaleChanged,
    to_member,
    to_till,
)
from wallet_service.protocol.shown import ShownRefund, ShownSale
from wallet_service.protocol.text.references import proof_code
from wallet_service.sales.models import RefundRequest, Sale
from wallet_service.sales.states import RefundRequestState


def refunded_cents(requests: Sequence[RefundRequest]) -> int:
    return sum(request.amount_cents for request in requests if request.state is RefundRequestState.PAID)


def sale_view(sale: Sale, requests: Sequence[RefundRequest] = ()) -> ShownSale:
    """A sale as anybody concerned may see it; `requests` are all its refund requests."""
    return ShownSale(
        id=sale.id,
        amount_cents=sale.amount_cents,
        tip_cents=sale.tip_cents,
        short_code=sale.short_code,
        state=sale.state.value,
        created_at_unix_ms=sale.created_at_unix_ms,
        expires_at_unix_ms=sale.expires_at_unix_ms,
        accepted_at_unix_ms=sale.accepted_at_unix_ms,
        paid_at_unix_ms=sale.paid_at_unix_ms,
        proof_code=None if sale.payment_ref is None else proof_code(sale.payment_ref),
        refunded_cents=refunded_cents(requests),
    )


def shown_refund(request: RefundRequest) -> ShownRefund:
    """A refund request as its till and its merchant see it."""
    return ShownRefund(
        id=request.id,
        sale_id=request.sale_id,
        client_reference=request.client_reference,
        amount_cents=request.amount_cents,
        state=request.state.value,
        refusal_code=request.refusal_code,
        proof_code=None if request.payment_ref is None else proof_code(request.payment_ref),
        requested_at_unix_ms=request.requested_at_unix_ms,
        decided_at_unix_ms=request.decided_at_unix_ms,
    )


def sale_data(sale: Sale, requests: Sequence[RefundRequest] = ()) -> dict[str, Any]:
    """`sale_view` as an answer carries it."""
    return asdict(sale_view(sale, requests))


def refund_request_data(request: RefundRequest) -> dict[str, Any]:
    """`shown_refund` as an answer carries it."""
    return asdict(shown_refund(request))


def sale_changed(sale: Sale, requests: Sequence[RefundRequest] = ()) -> list[Event]:
    return [to_till(sale.till_id, SaleChanged(sale_view(sale, requests)))]


def refund_changed(request: RefundRequest) -> list[Event]:
    shown = shown_refund(request)
    for_till = to_till(request.till_id, RefundChanged(shown))
    if request.state is RefundRequestState.REQUESTED:
        return [for_till, to_member(request.member_id, RefundRequested(shown))]
    return [for_till, to_member(request.member_id, RefundChanged(shown))]
