"""The state machines of sales and refund requests: one enum and one table of transitions each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class SaleState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class RefundRequestState(StrEnum):
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    PAID = "paid"
    REFUSED = "refused"


#: accepted -> open | expired: its payment was refused on chain.
SALE_TRANSITIONS: Mapping[SaleState, frozenset[SaleState]] = {
    SaleState.OPEN: frozenset({SaleState.ACCEPTED, SaleState.EXPIRED, SaleState.CANCELLED}),
    SaleState.ACCEPTED: frozenset({SaleState.PAID, SaleState.OPEN, SaleState.EXPIRED}),
    SaleState.PAID: frozenset(),
    SaleState.EXPIRED: frozenset(),
    SaleState.CANCELLED: frozenset(),
}


#: accepted -> requested: the signed refund was refused on chain; the merchant may sign again or refuse.
REFUND_REQUEST_TRANSITIONS: Mapping[RefundRequestState, frozenset[RefundRequestState]] = {
    RefundRequestState.REQUESTED: frozenset({RefundRequestState.ACCEPTED, RefundRequestState.REFUSED}),
    RefundRequestState.ACCEPTED: frozenset({RefundRequestState.PAID, RefundRequestState.REQUESTED}),
    RefundRequestState.PAID: frozenset(),
    RefundRequestState.REFUSED: frozenset(),
}
