"""Bank entries as officers find and see them: pages without end and a search in sealed texts. Reads only.

A page goes on behind its last row (booking date and id), so it costs the same whichever it is. Amount, date,
direction and reason are asked of SQL; words are looked for in texts that are opened here, a bounded number
a look: a look that ends before its page is full says where the next one goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, Row

from wallet_service.database.unit_of_work import reading
from wallet_service.platform.push import Push
from wallet_service.platform.quarantine import RowKind
from wallet_service.security.sealing import SealBroken, Sealer
from wallet_service.treasury import repository
from wallet_service.treasury.booking.details import details_field
from wallet_service.treasury.models import (
    UNTOLD_REASONS,
    BankEntry,
    EntryDetails,
    EntryPage,
    EntryQuery,
    ReasonSum,
)

PAGE_LENGTH = 50
#: Sealed texts opened in one look: some tenths of a second.
OPENED_PER_LOOK = 2_000
READ_AT_A_TIME = 500
MAX_WORDS_CHARACTERS = 80


class EntryFinder:
    """Opens what is sealed with the service's key; what does not open is shown without it and reported."""

    def __init__(self, engine: Engine, push: Push, sealer: Sealer) -> None:
        self._engine = engine
        self._push = push
        self._sealer = sealer

    def find(
        self, query: EntryQuery, page_length: int = PAGE_LENGTH, opened_at_most: int = OPENED_PER_LOOK
    ) -> EntryPage:
        """One page."""
        words = query.words.strip()[:MAX_WORDS_CHARACTERS]
        found: list[BankEntry] = []
        with reading(self._engine) as connection:
            last = None
            read_at_a_time = READ_AT_A_TIME if words else page_length + 1
            for row in islice(_rows(connection, query, read_at_a_time), opened_at_most):
                if len(found) == page_length:
                    return EntryPage(tuple(found), _mark(last))
                last = row
                entry = self.opened(row)
                if not words or entry.holds(words):
                    found.append(entry)
            goes_on = last is not None and bool(repository.entry_page(connection, query, _mark(last), 1))
        is_cut = goes_on and len(found) < page_length
        return EntryPage(tuple(found), _mark(last) if goes_on else None, is_cut)

    def one(self, entry_id: str) -> BankEntry | None:
        """An entry in whatever state."""
        with reading(self._engine) as connection:
            row = repository.entry_with_source(connection, entry_id)
        return None if row is None else self.opened(row)

    def waiting_by_reason(self) -> list[ReasonSum]:
        """Most frequent first."""
        sums: dict[str, ReasonSum] = {}
        with reading(self._engine) as connection:
            waiting = repository.waiting_sums(connection)
        for direction, reason, count, cents in waiting:
            code = reason or UNTOLD_REASONS[direction]
            so_far = sums.get(code, ReasonSum(code, 0, 0))
            sums[code] = ReasonSum(code, so_far.count + count, so_far.rest_cents + cents)
        return sorted(sums.values(), key=lambda each: (-each.count, each.reason))

    def to_return(self) -> ReasonSum:
        """How many credits go back to their payers by a transfer made at the bank, and how much."""
        with reading(self._engine) as connection:
            count, cents = repository.sum_to_return(connection)
        return ReasonSum("to_return", count, cents)

    def opened(self, row: Row[Any]) -> BankEntry:
        details, is_readable = EntryDetails(), True
        if row.sealed_details is not None:
            try:
                opened = self._sealer.unseal_service(details_field(row.id), row.sealed_details)
                details = EntryDetails.from_bytes(opened)
            except (SealBroken, ValueError, KeyError, TypeError, AttributeError) as error:
                is_readable = False  # its amount and day are still shown
                self._push.quarantine.put_alone(RowKind.BANK_ENTRY, row.id, error)
        return BankEntry(
            id=row.id,
            direction=row.direction,
            amount_cents=row.amount_cents,
            given_cents=row.given_cents,
            booked_on=row.booked_on,
            state=row.state,
            reason=row.reason or UNTOLD_REASONS[row.direction],
            structured_reference=row.structured_reference,
            details=details,
            file_name=row.file_name,
            statement_id=row.statement_id,
            statement_row_id=row.bank_statement_id,
            is_to_return=bool(row.is_to_return),
            is_readable=is_readable,
        )


def _rows(connection: Connection, query: EntryQuery, read_at_a_time: int) -> Iterator[Row[Any]]:
    """Every row the query's plain conditions leave."""
    after = query.after
    while True:
        rows = repository.entry_page(connection, query, after, read_at_a_time)
        yield from rows
        if len(rows) < read_at_a_time:
            return
        after = _mark(rows[-1])


def _mark(row: Any) -> str:
    return f"{row.booked_on}.{row.id}"
