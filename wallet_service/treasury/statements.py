"""The bank's reports as officers read them: newest first, each with how its balances join the one before.

Reads only: what a report's continuity is was decided when it was booked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from wallet_service.database.unit_of_work import reading
from wallet_service.treasury import repository
from wallet_service.treasury.models import HeldLine

PAGE_LENGTH = 30
#: Of one held report, what an officer reads before accepting it; the rest stands among what is unmatched.
HELD_LINES_SHOWN = 60
#: Seconds since 1970 in as many digits are far beyond any statement.
MAX_MOMENT_DIGITS = 13


@dataclass(frozen=True)
class StatementView:
    """A report as recorded.

    Attributes:
        kind: statement, report or notification (bank.reported.ReportKind).
        from_on, to_on: ISO dates of the days it covers, "" when it says nothing.
        opening_cents, closing_cents: None where the bank gave none.
        continuity: first, follows, explained, broken or unknown; state: booking, booked, held, accepted or
            dismissed (database.tables.bank).
        warnings: codes of what was wrong with the file and did not matter.
        waiting_count: of its entries, how many are still unmatched; odd_count: how many of all could not be
            taken as they stood, whatever became of them.
        held: its movements while it is held, HELD_LINES_SHOWN at most.
        other_accounts, refused: of its file, how many reports on other accounts were left aside, and which
            parts could not be trusted: (name inside the file, refusal code).
    """

    id: str
    kind: str
    format: str
    statement_id: str
    file_name: str
    from_on: str
    to_on: str
    opening_cents: int | None
    closing_cents: int | None
    entries_count: int
    continuity: str
    state: str
    warnings: tuple[str, ...]
    as_of_unix_s: int
    received_at_unix_ms: int
    waiting_count: int
    odd_count: int
    other_accounts: int
    refused: tuple[tuple[str, str], ...]
    held: tuple[HeldLine, ...] = ()


@dataclass(frozen=True)
class StatementPage:
    """`next` goes on behind the last one, None at the end."""

    statements: tuple[StatementView, ...]
    next: str | None


class StatementFinder:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, after: str = "", page_length: int = PAGE_LENGTH) -> StatementPage:
        """Newest balance first; `after` is an earlier page's `next`."""
        moment, has_mark, last_id = after.partition(".")
        is_mark = has_mark and moment.isdecimal() and len(moment) < MAX_MOMENT_DIGITS
        before = (int(moment), last_id) if is_mark else None
        with reading(self._engine) as connection:
            rows = repository.statement_page(connection, before, page_length + 1)
            shown = rows[:page_length]
            counts = repository.entry_counts(connection, [row.id for row in shown])
            held = {row.id: self._held(connection, row.id) for row in shown if row.state == "held"}
            aside = repository.left_aside(connection, {row.file_sha256 for row in shown})
        last = shown[-1] if len(rows) > page_length else None
        return StatementPage(
            tuple(
                _view(row, counts.get(row.id, (0, 0)), aside.get(row.file_sha256, {}), held.get(row.id, ()))
                for row in shown
            ),
            f"{last.as_of_unix_s}.{last.id}" if last is not None else None,
        )

    def held_lines(self, statement_row_id: str) -> tuple[HeldLine, ...]:
        """Those of one report, HELD_LINES_SHOWN at most; none of one that is not held."""
        with reading(self._engine) as connection:
            return self._held(connection, statement_row_id)

    @staticmethod
    def _held(connection: Connection, statement_row_id: str) -> tuple[HeldLine, ...]:
        return repository.held_lines(connection, statement_row_id, HELD_LINES_SHOWN)


def _view(
    row: Any, counts: tuple[int, int], aside: Mapping[str, Any], held: tuple[HeldLine, ...]
) -> StatementView:
    return StatementView(
        id=row.id,
        kind=row.kind,
        format=row.format,
        statement_id=row.statement_id,
        file_name=row.file_name,
        from_on=row.from_on,
        to_on=row.to_on,
        opening_cents=row.opening_cents,
        closing_cents=row.closing_cents,
        entries_count=row.entries_count,
        continuity=row.continuity,
        state=row.state,
        warnings=tuple(code for code in row.warnings.split(",") if code),
        as_of_unix_s=row.as_of_unix_s,
        received_at_unix_ms=row.received_at_unix_ms,
        waiting_count=counts[0],
        odd_count=counts[1],
        other_accounts=int(aside.get("other_accounts", 0)),
        refused=tuple((str(name), str(code)) for name, code in aside.get("refused", ())),
        held=held,
    )
