"""What may become of a part of an ask: its states, what may follow what, the words people are shown. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class PartState(StrEnum):
    """waiting: nobody has said yet that it is they who shall receive. open: it may be paid."""

    WAITING = "waiting"
    OPEN = "open"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


#: A part has no state for its payment: whether it is being paid, or paid, only the payment says.
PART_TRANSITIONS: Mapping[PartState, frozenset[PartState]] = {
    PartState.WAITING: frozenset({PartState.OPEN, PartState.CANCELLED, PartState.EXPIRED}),
    PartState.OPEN: frozenset({PartState.DECLINED, PartState.CANCELLED, PartState.EXPIRED}),
    PartState.DECLINED: frozenset(),
    PartState.CANCELLED: frozenset(),
    PartState.EXPIRED: frozenset(),
}


class ShownPartState(StrEnum):
    """What people are shown: the part's own state, or its payment's."""

    WAITING = "waiting"
    OPEN = "open"
    CONFIRMING = "confirming"
    PAID = "paid"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
