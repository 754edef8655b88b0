"""The three state machines of this subject: one enum and one table of transitions each. Pure.

SQL updates take their allowed sources from these tables (`sources_of`), so a transition that is not written
here can happen nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class PaymentState(StrEnum):
    """accepted: money reserved. settling: in stored bytes, fate unknown. paid, refused: the last word."""

    ACCEPTED = "accepted"
    SETTLING = "settling"
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
