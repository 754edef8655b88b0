"""Takes one report of the bank into the books: its movements recorded, each decided once.

What a report brings is planned before anything is written (`plans`). One commit makes it true: its movements
recorded, its debits paid, its closing balance attested, its first credits decided. A month's file would keep
payments waiting for that, so movements beyond ROWS_AT_ONCE are recorded ahead of it, in commits of their own,
and credits beyond CREDITS_AT_ONCE decided after it; so are all its debits where they are more than
DEBITS_AT_ONCE. The commands keep their order: supply goes down before the reserve is said to, in the commit
of the last debit, and up only after. A process that ends before that commit leaves a report *recording*,
which is forgotten and read again; one that ends after leaves it *booking* and movements *arriving*, which
`go_on` takes up. Must not read files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import structlog
from prometheus_client import Counter as Metric
from sqlalchemy import Connection, RowMapping

from wallet_service.bank import identity
from wallet_service.bank.identity import Marked
from wallet_service.bank.reported import AccountReport, Balance
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.journal import SERVICE, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import BankStatementRead, to_console
from wallet_service.reserve.service import ReserveService
from wallet_service.security.sealing import Sealer
from wallet_service.topups.service import Limits
from wallet_service.treasury.booking import plans, repository
from wallet_service.treasury.booking.deciding import BookedCounts, MovementDeciding, RecordedMovement
from wallet_service.treasury.booking.details import row_of, sealed_details
from wallet_service.treasury.booking.plans import Plan, PreparedReport
from wallet_service.treasury.booking.repository import KnownStatement
from wallet_service.treasury.models import HELD_REASONS

#: Movements written, debits paid, and credits decided, in one commit: a payment waits for the database's one
#: writer no longer than that takes (some 50 ms).
ROWS_AT_ONCE = 500
DEBITS_AT_ONCE = 50
CREDITS_AT_ONCE = 250
MAX_FILE_NAME_CHARACTERS = 120
#: Movements with one of these wait for an officer from the beginning.
WAITING_REASONS = ("lookalike", *HELD_REASONS)

log = structlog.get_logger(__name__)
REPORTS = Metric(
    "alba_bank_reports_total", "Reports of the bank taken into the books", ["kind", "continuity"]
)


class BooksMoved(Exception):
    """Another reader has recorded a report since this one was planned: to be planned again."""


@dataclass(frozen=True)
class ReportPart:
    """Some movements of a report as rows, and those of them that are to be decided."""

    rows: Sequence[dict[str, Any]]
    movements: Sequence[RecordedMovement]


@dataclass(frozen=True)
class Booked:
    """What a report's commit did. `unfinished_id`: its row while it has movements to decide: `left`."""

    counts: BookedCounts
    unfinished_id: str | None = None
    left: Sequence[RecordedMovement] = ()


class ReportBooking:
    """The steps: `prepare`, `plan`, `record` for every part but the last, `book`, `decide` what is left."""

    def __init__(
        self,
        clock: Clock,
        push: Push,
        journal: Journal,
        sealer: Sealer,
        reserve: ReserveService,
        deciding: MovementDeciding,
    ) -> None:
        self._clock = clock
        self._push = push
        self._journal = journal
        self._sealer = sealer
        self._reserve = reserve
        self._deciding = deciding

    def prepare(self, report: AccountReport) -> PreparedReport:
        """What needs no database."""
        return plans.prepare(self._sealer, report)

    def plan(self, connection: Connection, prepared: PreparedReport) -> Plan | KnownStatement:
        """What a report brings; itself when it is recorded already."""
        return plans.make_plan(connection, prepared)

    def parts(self, plan: Plan) -> Iterator[ReportPart]:
        """A plan's movements, as many at a time as one commit writes; there is always a last part.

        Each is sealed when it is asked for, which needs no database.
        """
        for start in range(0, max(len(plan.new), 1), ROWS_AT_ONCE):
            yield self._part(plan, [(each, None) for each in plan.new[start : start + ROWS_AT_ONCE]])

    def record(
        self, work: UnitOfWork, plan: Plan, file: tuple[str, str], part: ReportPart, *, first: bool
    ) -> None:
        """Writes a part ahead of the report. `file`: its SHA-256 and its name."""
        if first:
            self._insert(work.connection, plan, file, "recording")
        repository.insert_entries(work.connection, part.rows)

    def book(
        self, work: UnitOfWork, plan: Plan, file: tuple[str, str], parts: Sequence[ReportPart], limits: Limits
    ) -> Booked:
        """Makes a report true. `parts`: all of it; all but the last are recorded. Raises BooksMoved."""
        connection, report = work.connection, plan.report
        is_begun = len(parts) > 1
        if repository.statement_count(connection) - is_begun != plan.statements_known:
            raise BooksMoved
        state: repository.StatementState = "booking" if plan.waits_as is None else "held"
        if is_begun:
            repository.set_statement(connection, plan.id, state=state)
        else:
            self._insert(connection, plan, file, state)
        if plan.is_statement:
            repository.confirm_entries(connection, plan.outcome.confirmed, plan.id)
        from_sums = self._part(plan, self._of_sums(connection, plan))
        repository.insert_entries(connection, [*parts[-1].rows, *from_sums.rows])
        if any(each.line.reason in WAITING_REASONS for each in plan.new):
            repository.leave_waiting(connection, plan.id, WAITING_REASONS)
        _heal(connection, plan.after, report)
        counts, left = BookedCounts(statements=1), []
        if plan.waits_as is None:
            movements = [each for part in (*parts, from_sums) for each in part.movements]
            movements += self._no_longer_doubtful(work, plan.confirmed)
            debits, credits = _by_direction(movements)
            if len(debits) > DEBITS_AT_ONCE:
                left = [*debits, *credits]
            else:
                counts += self._deciding.pay(work, debits)
                self._attest(work, plan.id)
                at_once = 0 if is_begun else CREDITS_AT_ONCE
                counts += self._deciding.credit(work, credits[:at_once], limits)
                left = credits[at_once:]
            if not left:
                self._finish(work, plan.id)
        else:  # only what is new in it waits, not the transfers of sums that are in the books already
            from_debits, from_credits = _by_direction(from_sums.movements)
            counts += self._deciding.pay(work, from_debits)
            counts += self._deciding.credit(work, from_credits, limits)
        waiting = len(plan.outcome.doubtful) + (len(plan.outcome.fresh) if plan.waits_as else 0)
        counts += BookedCounts(unmatched=waiting)
        self._say(work, plan, counts, len(left))
        return Booked(counts, plan.id if left else None, left)

    def slices(self, left: Sequence[RecordedMovement]) -> Iterator[Sequence[RecordedMovement]]:
        """What `book` left, as many at a time as one commit decides: debits first, never both at once."""
        for movements, at_once in zip(_by_direction(left), (DEBITS_AT_ONCE, CREDITS_AT_ONCE), strict=True):
            for start in range(0, len(movements), at_once):
                yield movements[start : start + at_once]

    def decide(
        self, work: UnitOfWork, statement_row_id: str, part: Sequence[RecordedMovement], limits: Limits
    ) -> BookedCounts:
        """Decides one of the `slices`, but for what somebody has decided since."""
        undecided = repository.still_undecided(work.connection, [each.id for each in part])
        debits, credits = _by_direction([each for each in part if each.id in undecided])
        if debits:
            return self._pay(work, statement_row_id, debits)
        return self._deciding.credit(work, credits, limits)

    def go_on(self, work: UnitOfWork, statement_row_id: str, limits: Limits) -> BookedCounts | None:
        """Decides the next movements of a report as they are recorded; None when none was left."""
        arriving = repository.arriving_entries
        if rows := arriving(work.connection, statement_row_id, "DBIT", DEBITS_AT_ONCE):
            return self._pay(work, statement_row_id, self._deciding.opened(work, rows))
        if rows := arriving(work.connection, statement_row_id, "CRDT", CREDITS_AT_ONCE):
            return self._deciding.credit(work, self._deciding.opened(work, rows), limits)
        self._finish(work, statement_row_id)
        return None

    def _pay(
        self, work: UnitOfWork, statement_row_id: str, debits: Sequence[RecordedMovement]
    ) -> BookedCounts:
        """Once the last debit is paid the closing balance is said: before, supply would stand above it."""
        paid = self._deciding.pay(work, debits)
        if not repository.arriving_entries(work.connection, statement_row_id, "DBIT", 1):
            self._attest(work, statement_row_id)
        return paid

    def _attest(self, work: UnitOfWork, statement_row_id: str) -> None:
        """A statement's closing balance, if it has one."""
        statement = repository.statement_by_id(work.connection, statement_row_id)
        assert statement is not None
        if statement.kind == "statement" and statement.closing_cents is not None:
            closing = Balance(statement.closing_cents, statement.as_of_unix_s)
            self._reserve.attest(work, statement.id, closing, statement.content_hash)

    def _finish(self, work: UnitOfWork, statement_row_id: str) -> None:
        repository.set_statement(work.connection, statement_row_id, state="booked")
        self._deciding.look_again_at_reversals(work)

    def accept(self, work: UnitOfWork, statement: KnownStatement, limits: Limits) -> BookedCounts:
        """An officer says that a held report's movements are new ones: decided like any other."""
        movements = [
            replace(each, line=replace(each.line, reason=None))
            for reason in HELD_REASONS
            for each in self._deciding.opened(
                work, repository.entries_waiting_for(work.connection, reason, statement.id)
            )
        ]
        debits, credits = _by_direction(movements)
        booked = self._deciding.pay(work, debits)
        self._attest(work, statement.id)
        return booked + self._deciding.credit(work, credits, limits)

    # recording

    def _insert(
        self, connection: Connection, plan: Plan, file: tuple[str, str], state: repository.StatementState
    ) -> None:
        values = {
            "id": plan.id,
            "file_sha256": file[0],
            "file_name": file[1][:MAX_FILE_NAME_CHARACTERS],
            "received_at_unix_ms": self._clock.now_unix_ms(),
            "continuity": plan.continuity,
            "state": state,
        }
        repository.insert_statement(connection, plan.report, plan.prepared.content_hash, values)

    def _of_sums(self, connection: Connection, plan: Plan) -> list[tuple[Marked, str | None]]:
        """The lines of recorded sums that are taken apart and make place for them."""
        return [
            (line, sum_id)
            for sum_id, lines in plan.outcome.refined
            if repository.refine_entry(connection, sum_id)
            for line in identity.with_names(lines, plan.taken)
        ]

    def _part(self, plan: Plan, new: Sequence[tuple[Marked, str | None]]) -> ReportPart:
        """Rows of movements, each with the sum it was a part of."""
        own_id = plan.id if plan.is_statement else None
        rows, movements = [], []
        for movement, sum_id in new:
            shown_by = own_id or (plan.shown_in[sum_id] if sum_id else None)
            row = row_of(self._sealer, plan.report.iban, movement, sealed_details(self._sealer, movement)) | {
                "bank_statement_id": plan.id,
                "kind": plan.report.kind,
                "confirmed_statement_id": shown_by,
                "sum_entry_id": sum_id,
                "state": "arriving",
            }
            rows.append(row)
            if movement.line.reason not in WAITING_REASONS:
                movements.append(
                    RecordedMovement(row["id"], row["entry_key"], movement.line, shown_by is not None)
                )
        return ReportPart(rows, movements)

    def _no_longer_doubtful(
        self, work: UnitOfWork, confirmed: Sequence[RowMapping]
    ) -> list[RecordedMovement]:
        """Told movements that looked like others: a statement shows them beside those, so they are real."""
        ids = [row["id"] for row in confirmed if row["reason"] == "lookalike"]
        rows = repository.entries_waiting_for(work.connection, "lookalike", entry_ids=ids)
        return [
            replace(each, is_shown=True, line=replace(each.line, reason=None))
            for each in self._deciding.opened(work, rows)
        ]

    def _say(self, work: UnitOfWork, plan: Plan, counts: BookedCounts, left: int) -> None:
        """`left`: movements that further commits decide."""
        report, is_held = plan.report, plan.waits_as is not None
        told = BankStatementRead(
            plan.id,
            credited=counts.credited,
            paid=counts.paid,
            sent_back=counts.sent_back,
            unmatched=counts.unmatched,
            continuity=plan.continuity,
            is_held=is_held,
        )
        closing_cents = None if report.closing is None else report.closing.amount_cents
        details = {"kind": report.kind, "closing_cents": closing_cents, "left": left, **asdict(told)}
        subject = Subject("bank_statement", plan.id)
        self._journal.append(work.connection, SERVICE, "bank.statement_read", subject, details=details)
        self._push.publish(work, to_console(told))
        work.after_commit(partial(_count, plan))


def _count(plan: Plan) -> None:
    """After the commit: a rehearsal, which is rolled back, alarms nobody."""
    REPORTS.labels(plan.report.kind, plan.continuity).inc()
    if plan.continuity == "broken":
        log.error("bank.balances_broken", statement=plan.id)


def _by_direction(
    movements: Sequence[RecordedMovement],
) -> tuple[list[RecordedMovement], list[RecordedMovement]]:
    """Debits, and credits."""
    debits = [each for each in movements if each.line.direction == "DBIT"]
    return debits, [each for each in movements if each.line.direction == "CRDT"]


def _heal(connection: Connection, after: KnownStatement | None, report: AccountReport) -> None:
    """The statement that was missing before another has come."""
    if after is None or report.closing is None or report.kind != "statement":
        return
    if after.continuity == "broken" and after.opening_cents == report.closing.amount_cents:
        repository.set_statement(connection, after.id, continuity="follows")
