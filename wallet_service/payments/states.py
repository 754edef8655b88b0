"""The three state machines of this subject: one enum and one table of transitions each. Pure.

SQL updates take their allowed sources from these tables (`sources_of`), so a transition that is not written
here can happen nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar


class PaymentState(StrEnum):
    """accepted: money reserved. settling: in stored bytes, fate unknown. paid, refused: the last word."""

    ACCEPTED = "accepted"
    SETTLING = "settling"
    PAID = "paid"
    REFUSED = "refused"


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


#: accepted -> paid and accepted -> refused exist because anybody may relay a signed payment (settle is
#: permissionless), and because a payment that was never sent may expire here.
#: settling -> accepted: its transaction was mined but reverted as a whole, so nothing happened on chain.
PAYMENT_TRANSITIONS: Mapping[PaymentState, frozenset[PaymentState]] = {
    PaymentState.ACCEPTED: frozenset({PaymentState.SETTLING, PaymentState.PAID, PaymentState.REFUSED}),
    PaymentState.SETTLING: frozenset({PaymentState.PAID, PaymentState.REFUSED, PaymentState.ACCEPTED}),
    PaymentState.PAID: frozenset(),
    PaymentState.REFUSED: frozenset(),
}

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

State = TypeVar("State", PaymentState, SaleState, RefundRequestState)


class IllegalTransition(Exception):
    """A defect of the program, never an answer to a person."""


def check_transition(table: Mapping[State, frozenset[State]], source: State, target: State) -> None:
    """Raises IllegalTransition unless `table` allows source -> target."""
    if target not in table[source]:
        raise IllegalTransition(f"{type(source).__name__}: {source} -> {target}")


def sources_of(table: Mapping[State, frozenset[State]], target: State) -> list[str]:
    """The states from which `target` may be reached, for a WHERE clause."""
    sources = [str(source) for source, targets in table.items() if target in targets]
    if not sources:
        raise IllegalTransition(f"nothing leads to {target}")
    return sources
