"""Takes one report of the bank into the books: its movements recorded, each decided once.

The movements of a report are recorded in one commit, with what its debits pay and the attestation of its
closing balance; its credits are decided in that commit too, a bounded number of them, the others in further
commits, so that a month's file does not keep payments waiting. The commands keep their order: supply goes
down before the reserve is said to, and up only after. A process that ends in between leaves a report
*booking* and movements *arriving*; `go_on` takes it up. Must not read files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import structlog
from prometheus_client import Counter as Metric
from sqlalchemy import Connection, RowMapping

from wallet_service.bank import identity
from wallet_service.bank.identity import Marked, Meeting, Settled
from wallet_service.bank.reported import AccountReport, Balance
from wallet_service.bank.splitting import lines_of
from wallet_service.bank.statement import NAME_LENGTH, EntryLine, Reason, as_of_unix_s, content_hash
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.journal import SERVICE, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import BankStatementRead, to_console
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.reserve.service import ReserveService
from wallet_service.security.sealing import Sealer
from wallet_service.topups.service import Limits
from wallet_service.treasury.booking import repository
from wallet_service.treasury.booking.continuity import BalanceChain, ShownLine, is_repetition
from wallet_service.treasury.booking.deciding import BookedCounts, MovementDeciding, RecordedMovement
from wallet_service.treasury.booking.details import marked, recorded_of, row_of, sealed_details
from wallet_service.treasury.booking.repository import Continuity, KnownStatement

#: Credits decided in one commit: a payment waits for the database's one writer no longer than that takes.
CREDITS_AT_ONCE = 300
#: How far back an equal balance is looked for.
STATEMENTS_LOOKED_AT = 60
MAX_FILE_NAME_CHARACTERS = 120

log = structlog.get_logger(__name__)
REPORTS = Metric(
    "alba_bank_reports_total", "Reports of the bank taken into the books", ["kind", "continuity"]
)


@dataclass(frozen=True)
class PreparedReport:
    """A report with its entries' lines; `sealed`: what is personal of each, by its tag."""

    report: AccountReport
    content_hash: str
    entries: Sequence[Sequence[Marked]]
    sealed: Mapping[str, bytes]


class ReportBooking:
    """The steps, each inside the caller's unit of work."""

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
        """What needs no database, so that nobody waits for it."""
        entries = [[marked(self._sealer, line) for line in lines_of(entry)] for entry in _dated(report)]
        lines = [each for lines in entries for each in lines]
        sealed = {each.tag: sealed_details(self._sealer, each) for each in lines}
        return PreparedReport(report, content_hash(report), entries, sealed)

    def book(
        self, work: UnitOfWork, prepared: PreparedReport, file: tuple[str, str], limits: Limits
    ) -> tuple[str | None, BookedCounts]:
        """Records what is new in a report and begins to decide it. `file`: its SHA-256 and its name.

        Returns the row of a report of which `go_on` has credits left to decide, or None, with what was done.
        """
        connection = work.connection
        report, said, entries = prepared.report, prepared.content_hash, prepared.entries
        namesakes = repository.statements_named(connection, report)
        if same := [each for each in namesakes if each.content_hash == said]:
            return (same[0].id if same[0].state == "booking" else None), BookedCounts()
        rows = _near(connection, report.iban, entries)
        before, after = repository.closed_statements(
            connection, report.iban, as_of_unix_s(report), STATEMENTS_LOOKED_AT
        )
        chain = BalanceChain(before, after)
        meeting = Meeting(report.kind == "statement", chain.is_next(report))
        outcome = identity.settle(entries, [recorded_of(row) for row in rows], meeting)
        waits_as = self._why_all_wait(connection, report, entries, outcome, namesakes, meeting)
        told = {row["id"]: row for row in rows if row["confirmed_statement_id"] is None}
        confirmed = [told[each] for each in outcome.confirmed if each in told] if meeting.is_statement else []
        continuity = _continuity(connection, chain, report, outcome, confirmed)
        statement_row_id = new_id()
        values = {
            "id": statement_row_id,
            "file_sha256": file[0],
            "file_name": file[1][:MAX_FILE_NAME_CHARACTERS],
            "received_at_unix_ms": self._clock.now_unix_ms(),
            "continuity": continuity,
            "state": "booking" if waits_as is None else "held",
        }
        repository.insert_statement(connection, report, values)
        if meeting.is_statement:
            repository.confirm_entries(connection, outcome.confirmed, statement_row_id)
        movements = self._record(work, prepared, statement_row_id, outcome, rows, waits_as)
        _heal(connection, after, report)
        booked, is_done = BookedCounts(statements=1), True
        if waits_as is None:
            movements += self._no_longer_doubtful(work, confirmed)
            booked += self._deciding.pay(work, movements)
            if report.kind == "statement" and report.closing is not None:
                self._reserve.attest(work, statement_row_id, report.closing, said)
            credits = [each for each in movements if each.line.direction == "CRDT"]
            booked += self._deciding.credit(work, credits[:CREDITS_AT_ONCE], limits)
            is_done = len(credits) <= CREDITS_AT_ONCE
            if is_done:
                repository.set_statement(connection, statement_row_id, state="booked")
                self._deciding.look_again_at_reversals(work)
        booked += BookedCounts(unmatched=len(outcome.doubtful) + (len(outcome.fresh) if waits_as else 0))
        self._say(work, statement_row_id, report, booked, values)
        return (None if is_done else statement_row_id), booked

    def go_on(self, work: UnitOfWork, statement_row_id: str, limits: Limits) -> BookedCounts | None:
        """Decides the next credits of a report; None when none was left."""
        rows = repository.arriving_entries(work.connection, statement_row_id, CREDITS_AT_ONCE)
        if not rows:
            repository.set_statement(work.connection, statement_row_id, state="booked")
            self._deciding.look_again_at_reversals(work)
            return None
        movements = self._deciding.opened(work, rows)
        return self._deciding.pay(work, movements) + self._deciding.credit(
            work, [each for each in movements if each.line.direction == "CRDT"], limits
        )

    def accept(self, work: UnitOfWork, statement: KnownStatement, limits: Limits) -> BookedCounts:
        """An officer says that a held report's movements are new ones: decided like any other."""
        movements = [
            replace(each, line=replace(each.line, reason=None))
            for reason in repository.HELD_REASONS
            for each in self._deciding.opened(
                work, repository.entries_waiting_for(work.connection, reason, statement.id)
            )
        ]
        booked = self._deciding.pay(work, movements)
        if statement.kind == "statement" and statement.closing_cents is not None:
            closing = Balance(statement.closing_cents, statement.as_of_unix_s)
            self._reserve.attest(work, statement.id, closing, statement.content_hash)
        return booked + self._deciding.credit(
            work, [each for each in movements if each.line.direction == "CRDT"], limits
        )

    # recording

    def _why_all_wait(
        self,
        connection: Connection,
        report: AccountReport,
        entries: Sequence[Sequence[Marked]],
        outcome: Settled,
        namesakes: Sequence[KnownStatement],
        meeting: Meeting,
    ) -> Reason | None:
        """Why an officer must look before anything new in this report counts; None when nothing is odd."""
        if report.kind != "statement" or not (outcome.fresh or outcome.doubtful) or meeting.is_next:
            return None
        if report.opening is not None and report.closing is not None:
            likes = [
                [ShownLine(*shown) for shown in repository.shown_by(connection, each.id)]
                for each in repository.statements_like(connection, report)
            ]
            if is_repetition(report, [_shown(each.line) for lines in entries for each in lines], likes):
                return "repeated"
        closed = [each for each in namesakes if each.closing_cents is not None]
        return "corrected" if closed and report.closing is not None else None

    def _record(
        self,
        work: UnitOfWork,
        prepared: PreparedReport,
        statement_row_id: str,
        outcome: Settled,
        rows: Sequence[RowMapping],
        waits_as: Reason | None,
    ) -> list[RecordedMovement]:
        """Writes every new movement; returns those to decide. Sums taken apart make place for their lines."""
        report = prepared.report
        taken = Counter(row["entry_key"].removeprefix(report.iban).rpartition(":")[0] for row in rows)
        shown_in = {row["id"]: row["confirmed_statement_id"] for row in rows}
        sums = {
            sum_id: lines
            for sum_id, lines in outcome.refined
            if repository.refine_entry(work.connection, sum_id)
        }
        own_id = statement_row_id if report.kind == "statement" else None
        new: list[tuple[Marked, str | None]] = [
            *((each, None) for each in outcome.fresh),
            *((_waiting(each, "lookalike"), None) for each in outcome.doubtful),
        ]
        if waits_as is not None:
            new = [(_waiting(each, waits_as), None) for each, _ in new]
        new += [(each, sum_id) for sum_id, lines in sums.items() for each in lines]
        named = identity.with_names([each for each, _ in new], taken)
        written, movements = [], []
        for movement, (_, sum_id) in zip(named, new, strict=True):
            waits = movement.line.reason in ("lookalike", "repeated", "corrected")
            sealed = prepared.sealed[movement.tag]
            row: dict[str, Any] = row_of(self._sealer, report.iban, movement, sealed) | {
                "bank_statement_id": statement_row_id,
                "kind": report.kind,
                "confirmed_statement_id": own_id or (shown_in[sum_id] if sum_id else None),
                "sum_entry_id": sum_id,
                "state": "unmatched" if waits else "arriving",
            }
            written.append(row)
            if not waits:
                is_shown = row["confirmed_statement_id"] is not None
                movements.append(RecordedMovement(row["id"], row["entry_key"], movement.line, is_shown))
        repository.insert_entries(work.connection, written)
        return movements

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

    def _say(
        self,
        work: UnitOfWork,
        statement_row_id: str,
        report: AccountReport,
        booked: BookedCounts,
        values: dict[str, Any],
    ) -> None:
        continuity, is_held = str(values["continuity"]), values["state"] == "held"
        told = BankStatementRead(
            statement_row_id,
            credited=booked.credited,
            paid=booked.paid,
            sent_back=booked.sent_back,
            unmatched=booked.unmatched,
            continuity=continuity,
            is_held=is_held,
        )
        closing_cents = None if report.closing is None else report.closing.amount_cents
        details = {"kind": report.kind, "closing_cents": closing_cents, **asdict(told)}
        subject = Subject("bank_statement", statement_row_id)
        self._journal.append(work.connection, SERVICE, "bank.statement_read", subject, details=details)
        self._push.publish(work, to_console(told))
        REPORTS.labels(report.kind, continuity).inc()
        if continuity == "broken":
            log.error("bank.balances_broken", statement=statement_row_id)


def _shown(line: EntryLine) -> ShownLine:
    name = line.references.transaction or line.references.end_to_end
    return ShownLine(line.direction, line.amount_cents, None if name is None else name[:NAME_LENGTH])


def _dated(report: AccountReport) -> list[Any]:
    """The entries, each with a day: the bank's, else the report's last."""
    return [entry if entry.booked_on else replace(entry, booked_on=report.to_on) for entry in report.entries]


def _near(connection: Connection, iban: str, entries: Sequence[Sequence[Marked]]) -> Sequence[RowMapping]:
    lines = [each.line for lines in entries for each in lines]
    names = {name for line in lines for name in (line.references.transaction, line.references.end_to_end)}
    return repository.movements_near(
        connection,
        iban,
        {line.booked_on for line in lines},
        {name[:NAME_LENGTH] for name in names if name},
    )


def _continuity(
    connection: Connection,
    chain: BalanceChain,
    report: AccountReport,
    outcome: Settled,
    confirmed: Sequence[RowMapping],
) -> Continuity:
    shown_cents = sum(each.line.signed_cents for each in (*outcome.fresh, *outcome.doubtful)) + sum(
        row["amount_cents"] if row["direction"] == "CRDT" else -row["amount_cents"] for row in confirmed
    )
    between_cents = 0
    if chain.before:
        since_unix_s = chain.before[0].as_of_unix_s
        between_cents = repository.shown_without_closing_cents(connection, report.iban, since_unix_s)
    return chain.continuity(report, shown_cents, between_cents)


def _heal(connection: Connection, after: KnownStatement | None, report: AccountReport) -> None:
    """The statement that was missing before another has come."""
    if after is None or report.closing is None or report.kind != "statement":
        return
    if after.continuity == "broken" and after.opening_cents == report.closing.amount_cents:
        repository.set_statement(connection, after.id, continuity="follows")


def _waiting(movement: Marked, reason: Reason) -> Marked:
    return replace(movement, line=replace(movement.line, reason=reason))
