"""What may follow what, the gap a reversal leaves, which acts take two officers. Pure; amounts in cents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wallet_service.protocol.text.lines import one_line
from wallet_service.reversals import errors
from wallet_service.reversals.models import ReversalState, ReversedTopup

R = ReversalState
REVERSAL_TRANSITIONS: Mapping[ReversalState, frozenset[ReversalState]] = {
    R.OPEN: frozenset({R.CLAWED_BACK, R.FORCED, R.LOSS, R.MISTAKEN, R.NOT_MINTED}),
    # Back only when the chain takes back the block that closed it.
    R.CLAWED_BACK: frozenset({R.OPEN}),
    R.FORCED: frozenset({R.OPEN}),
    R.LOSS: frozenset(),
    R.MISTAKEN: frozenset(),
    R.NOT_MINTED: frozenset(),
}

#: From here on "the bank was mistaken" takes two officers, as giving a credit away does; a loss and a
#: transfer by order always do.
TWO_OFFICERS_FROM_CENTS = 1_000_00
#: How long the member's sending stays frozen unless somebody lifts it. The ledger wants every freeze to end.
FREEZE_DAYS = 90
MIN_ACCOUNT_CHARACTERS, MAX_ACCOUNT_CHARACTERS = 3, 60


def gap_cents(amount_cents: int, available_cents: int, claimed_cents: int) -> int:
    """What of a reversed credit the member no longer holds.

    `available_cents` is free to spend, `claimed_cents` of it is wanted by other open reversals already.
    """
    left_cents = max(available_cents - claimed_cents, 0)
    return max(amount_cents - left_cents, 0)


def mistake_takes_two(amount_cents: int) -> bool:
    """Whether closing a reversal as the bank's mistake needs a second officer."""
    return amount_cents >= TWO_OFFICERS_FROM_CENTS


def checked_account(name: str) -> str:
    """The name of the reserve that bears a loss, as one line. Raises LossAccountInvalid."""
    text = one_line(name) or ""
    if not MIN_ACCOUNT_CHARACTERS <= len(text) <= MAX_ACCOUNT_CHARACTERS:
        raise errors.LossAccountInvalid(minimum=MIN_ACCOUNT_CHARACTERS, maximum=MAX_ACCOUNT_CHARACTERS)
    return text


def the_one(candidates: Iterable[ReversedTopup]) -> ReversedTopup | None:
    """The top-up that is meant, the newest first in `candidates`; None when they are of several members.

    Top-ups of one member and one amount stand for each other: whichever is taken, the member owes the same.
    """
    found = list(candidates)
    return found[0] if found and len({topup.member_id for topup in found}) == 1 else None


def shares(amount_cents: int, missing_cents: Iterable[int]) -> list[int]:
    """How a payment is spread over open reversals, the oldest first; what is left over stays a payment."""
    left_cents, parts = amount_cents, []
    for missing in missing_cents:
        part = min(left_cents, missing)
        parts.append(part)
        left_cents -= part
    return parts
