"""What the balances of a statement of lines (CFONB 120, MT940) prove of its entries. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wallet_service.bank.errors import AmountUnreadable, SumMismatch
from wallet_service.bank.reported import Entry

#: The oddity of an entry whose amount is over its bound, or cannot be read: the latter comes with 0 cents.
AMOUNT_UNREADABLE = "bank.entry_amount"


def proven(entries: Sequence[Entry], opening_cents: int, closing_cents: int) -> tuple[Entry, ...]:
    """The entries that moved money; one whose amount cannot be read is what the others lack, and stays odd.

    Raises AmountUnreadable when two cannot be read, SumMismatch when the entries do not lead to the closing
    balance.
    """
    lacking_cents = closing_cents - opening_cents - sum(entry.signed_cents for entry in entries)
    unread = [entry for entry in entries if entry.amount_cents == 0 and entry.oddity == AMOUNT_UNREADABLE]
    if len(unread) > 1:
        raise AmountUnreadable()
    if unread:
        found = replace(
            unread[0],
            amount_cents=abs(lacking_cents),
            direction="CRDT" if lacking_cents > 0 else "DBIT",
        )
        entries = [found if entry is unread[0] else entry for entry in entries]
    elif lacking_cents:
        raise SumMismatch(expected_cents=closing_cents - lacking_cents, closing_cents=closing_cents)
    return tuple(entry for entry in entries if entry.amount_cents > 0)
