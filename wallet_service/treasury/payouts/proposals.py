"""What a movement nothing matched may be: which conversions a debit may pay, which one a credit may return.

Proposals for an officer, best first, never acts: an amount alone decides nothing. Reads, changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from sqlalchemy import Connection, Engine

from wallet_service.bank.reported import Direction
from wallet_service.database.unit_of_work import reading
from wallet_service.redemptions import repository as redemptions_repository
from wallet_service.redemptions.matching import named_in, sent_back_less_a_fee
from wallet_service.redemptions.repository import Redemption
from wallet_service.security.sealing import SealBroken, Sealer
from wallet_service.treasury import repository as treasury_repository
from wallet_service.treasury.booking.details import details_field
from wallet_service.treasury.errors import EntryUnknown
from wallet_service.treasury.repository import EntryRow

#: file_named: the bank names our file; file_sum: a file's transfers add up to it; same_amount: one does.
DebitReason = Literal["file_named", "file_sum", "same_amount"]
MAX_PROPOSALS = 8
#: A bank rejects few of a file's transfers; more would fit any sum by chance.
MAX_LEFT_OUT = 2
#: More transfers than this in one file are not tried in pairs.
MAX_TRIED = 100


@dataclass(frozen=True)
class DebitProposal:
    """Conversions whose sum is the debit's. `left_out`: of the same file, those it would not pay."""

    why: DebitReason
    payout_file_id: str | None
    refs: tuple[str, ...]
    left_out: tuple[str, ...]
    total_cents: int


@dataclass(frozen=True)
class ReturnProposal:
    """The conversion a credit may return. `fee_cents`: what it is less; `is_named`: the bank says which."""

    ref: str
    fee_cents: int
    is_named: bool


class PayoutProposals:
    """For the page that classifies a movement."""

    def __init__(self, engine: Engine, sealer: Sealer) -> None:
        self._engine = engine
        self._sealer = sealer

    def for_debit(self, entry: EntryRow) -> list[DebitProposal]:
        """Best first; empty for a credit."""
        if entry.direction != "DBIT":
            return []
        with reading(self._engine) as connection:
            unpaid = redemptions_repository.unpaid_at_the_bank(
                connection, redemptions_repository.MAX_PAGE_LENGTH
            )
            named = self._names(entry)
            of_named = {
                each.payout_file_id
                for each in redemptions_repository.of_payout_messages(connection, named)
                if named
            }
        return debit_proposals(unpaid, of_named, entry.amount_cents)

    def for_credit(self, entry: EntryRow) -> list[ReturnProposal]:
        """Best first; empty for a debit."""
        if entry.direction != "CRDT":
            return []
        with reading(self._engine) as connection:
            less = sent_back_less_a_fee(connection, self._names(entry), entry.amount_cents)
            if less is not None:
                return [ReturnProposal(less.redemption.ref, less.fee_cents, is_named=True)]
            same = redemptions_repository.returnable(connection, entry.amount_cents, MAX_PROPOSALS)
        return [ReturnProposal(each.ref, 0, is_named=False) for each in same]

    def movement(self, entry_id: str, direction: Direction) -> EntryRow:
        """One that nothing matched. Raises EntryUnknown, also when it has been dealt with."""
        with reading(self._engine) as connection:
            entry = entry_of_kind(connection, entry_id, direction)
        if entry is None:
            raise EntryUnknown()
        return entry

    def unpaid(self) -> Sequence[Redemption]:
        """All that a debit may be for, oldest first; a bounded number."""
        with reading(self._engine) as connection:
            return redemptions_repository.unpaid_at_the_bank(
                connection, redemptions_repository.MAX_PAGE_LENGTH
            )

    def _names(self, entry: EntryRow) -> frozenset[str]:
        """Our names in all the bank wrote about it, also over the lines of its texts."""
        if entry.sealed_details is None:
            return frozenset()
        try:
            told = self._sealer.unseal_service(details_field(entry.id), entry.sealed_details).decode()
            return named_in(told, "".join(json.loads(told)["texts"]))
        except (SealBroken, ValueError, KeyError, TypeError):  # its amount still proposes something
            return frozenset()


def debit_proposals(
    unpaid: Sequence[Redemption], named_files: set[str | None], amount_cents: int
) -> list[DebitProposal]:
    """Pure: sums of what is unpaid, by file, that make the debit; then single transfers of its amount."""
    by_file: dict[str | None, list[Redemption]] = {}
    for each in unpaid:
        by_file.setdefault(each.payout_file_id, []).append(each)
    found: list[DebitProposal] = []
    for payout_file_id in sorted(by_file, key=lambda each: (each not in named_files, each or "")):
        is_named = payout_file_id in named_files
        most_left_out = MAX_LEFT_OUT if len(by_file[payout_file_id]) <= MAX_TRIED else 0
        for left_out in range(most_left_out + 1 if is_named else 1):
            why: DebitReason = "file_named" if is_named else "file_sum"
            found += _leaving_out(by_file[payout_file_id], left_out, amount_cents, (why, payout_file_id))
    for each in unpaid:
        single = DebitProposal("same_amount", each.payout_file_id, (each.ref,), (), each.net_cents)
        if each.net_cents == amount_cents and not any(known.refs == single.refs for known in found):
            found.append(single)
    return found[:MAX_PROPOSALS]


def _leaving_out(
    inside: Sequence[Redemption], count: int, amount_cents: int, said: tuple[DebitReason, str | None]
) -> list[DebitProposal]:
    """The ways to leave out so many of them that the rest makes the amount."""
    surplus_cents = sum(each.net_cents for each in inside) - amount_cents
    found = []
    for chosen in combinations(inside, count):
        if len(chosen) < len(inside) and sum(each.net_cents for each in chosen) == surplus_cents:
            left_out = tuple(each.ref for each in chosen)
            refs = tuple(each.ref for each in inside if each.ref not in left_out)
            found.append(DebitProposal(*said, refs, left_out, amount_cents))
        if len(found) >= MAX_PROPOSALS:
            break
    return found


def entry_of_kind(connection: Connection, entry_id: str, direction: Direction) -> EntryRow | None:
    """A movement nothing matched yet, of that direction."""
    entry = treasury_repository.entry_by_id(connection, entry_id)
    return entry if entry is not None and (entry.direction, entry.state) == (direction, "unmatched") else None
