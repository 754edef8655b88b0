"""A movement as it is decided: one transfer of an entry, or a sum that stays whole. Frozen facts in cents.

What parts an entry has is `bank.splitting`'s, which movement it is `bank.identity`'s. Must not know files,
tables or members.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from wallet_service.bank.errors import AmountUnreadable, SumMismatch
from wallet_service.bank.reported import AccountReport, Direction, Entry, References, TransferDetail

#: Why a movement must not be matched by itself; kept with it until an officer, or a later file, tells more.
#: batch_*: a sum whose transfers are not all known (missing, of both directions, less fees); reversal: the
#: bank undoes an entry; odd: a part could not be read; repeated: its report looks like one read before;
#: corrected: its report replaces one read before; lookalike: perhaps a movement read before under another
#: name; several_members: it carries the references of more than one.
Reason = Literal[
    "batch_incomplete",
    "batch_mixed",
    "batch_net_of_fees",
    "reversal",
    "odd",
    "repeated",
    "corrected",
    "lookalike",
    "several_members",
]
#: As wide as the columns: what is longer is compared, and kept, by its beginning.
NAME_LENGTH = 70
MARK_SHOWN = 16
#: The oddity of an entry whose amount is over its bound, or cannot be read: the latter comes with 0 cents.
AMOUNT_UNREADABLE = "bank.entry_amount"
#: Sums that a later, more detailed file may take apart.
OPEN_SUMS: frozenset[str | None] = frozenset({"batch_incomplete", "batch_mixed", "batch_net_of_fees"})


@dataclass(frozen=True)
class EntryLine:
    """One movement of money: an entry that stands alone, one transfer of a batch, or a sum that stays whole.

    Attributes:
        amount_cents: always positive; `direction` gives the sign (CRDT: euros came in). What arrived, where
            the bank kept charges.
        references: the transfer's own, completed with its entry's where the entry holds this transfer alone.
        return_reason: the bank's reason code when this is a transfer sent back, "" when it gave none.
        structured, texts, counterparty_name, counterparty_iban: personal, to be sealed before they are kept.
        charges_cents: what the bank kept from it, None when it says nothing.
        reason: why it must not be matched by itself, None when it may. A debit that is a sum without its
            parts may still be a payout file's: those compare the amount with their own.
        entry_cents: the amount of the whole entry this is a line of.
        number: 0 for an entry kept whole, else 1, 2, ... inside it.
        parts: of a sum that stays whole, every transfer the bank showed, for the officer.
        name: what tells it from others of its day, direction and amount (bank.identity).
        ordinal: among those of one name, 0, 1, ...
    """

    direction: Direction
    amount_cents: int
    booked_on: str
    references: References = field(default_factory=References)
    return_reason: str | None = None
    is_reversal: bool = False
    structured: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    charges_cents: int | None = None
    counterparty_name: str = ""
    counterparty_iban: str = ""
    reason: Reason | None = None
    entry_cents: int = 0
    number: int = 0
    parts: tuple[TransferDetail, ...] = ()
    name: str = ""
    ordinal: int = 0

    @property
    def signed_cents(self) -> int:
        return self.amount_cents if self.direction == "CRDT" else -self.amount_cents

    def key(self, iban: str) -> str:
        """What makes this movement unique for ever, in whatever file it comes again; no personal data."""
        return f"{iban}:{self.booked_on}:{self.direction}:{self.amount_cents}:{self.name}:{self.ordinal}"


def name_of(references: References, mark: str) -> str:
    """The best there is: the transfer's own id, else the bank's or the payer's name with what it says."""
    if references.transaction:
        return "T" + _short(references.transaction)
    for letter, reference in (("S", references.servicer), ("E", references.end_to_end)):
        if reference:
            return f"{letter}{_short(reference)}/{mark[:MARK_SHOWN]}"
    return "C" + mark[:MARK_SHOWN]


def _short(reference: str) -> str:
    if len(reference) <= NAME_LENGTH:
        return reference
    return hashlib.sha256(reference.encode()).hexdigest()


def as_of_unix_s(report: AccountReport) -> int:
    """When what it says was true: its closing balance's moment, else when the bank wrote it."""
    return report.closing.as_of_unix_s if report.closing is not None else report.created_unix_s


def content_hash(report: AccountReport) -> str:
    """SHA-256, as a 0x word, of what the report says about money.

    Nothing personal goes into it: it is published on chain as the proof of which statement an attestation
    rests on.
    """
    canonical_fields = {
        "kind": report.kind,
        "iban": report.iban,
        "statement": report.report_id,
        "opening_cents": report.opening and report.opening.amount_cents,
        "closing_cents": report.closing and report.closing.amount_cents,
        "as_of_unix_s": as_of_unix_s(report),
        "lines": sorted(
            (
                entry.booked_on,
                entry.references.servicer or entry.references.entry or "",
                entry.signed_cents,
                [each.amount_cents or 0 for each in entry.transfers],
            )
            for entry in report.entries
        ),
    }
    canonical = json.dumps(canonical_fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "0x" + hashlib.sha256(canonical.encode()).hexdigest()


def proven(entries: Sequence[Entry], opening_cents: int, closing_cents: int) -> tuple[Entry, ...]:
    """What the balances of a statement of lines (CFONB 120, MT940) prove of its entries.

    Returned are those that moved money; one whose amount cannot be read is what the others lack, and odd.

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
