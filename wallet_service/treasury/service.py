"""The books' door for what the bank reports, and for what officers say of it.

One commit makes a report true, its debits paid and its closing balance attested there too; its credits are
minted in the order of the commands, after that (see booking.reports). Whatever order, overlap or
repetition the files come in, a movement counts once: see bank.identity for what makes it the same one. Must
not parse files or move them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from wallet_service.bank.errors import BankFileRefusal
from wallet_service.bank.reported import AccountReport, BankFile
from wallet_service.bank.statement import as_of_unix_s
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.platform import failpoints as failpoints
from wallet_service.platform.journal import SERVICE, Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import BankEntryResolved, BankFileRefused, to_console
from wallet_service.redemptions.projections import RedemptionFollower
from wallet_service.reserve.service import ReserveService
from wallet_service.security.sealing import Sealer
from wallet_service.topups.service import Limits, TopupService
from wallet_service.treasury import errors
from wallet_service.treasury.booking import repository as booking_repository
from wallet_service.treasury.booking.deciding import BookedCounts, MovementDeciding, RecordedMovement
from wallet_service.treasury.booking.plans import Plan
from wallet_service.treasury.booking.reports import (
    MAX_FILE_NAME_CHARACTERS,
    Booked,
    BooksMoved,
    ReportBooking,
    ReportPart,
)
from wallet_service.treasury.booking.repository import KnownStatement
from wallet_service.treasury.ports import (
    AskedAct,
    NoPaymentAnswers,
    NoReversals,
    PaymentAnswers,
    Reversals,
    TwoOfficers,
)
from wallet_service.treasury.repository import LEFT_ASIDE
from wallet_service.treasury.unmatched import takes_two

#: The act in `approvals`: a held report whose movements are large.
ACCEPT_ACT = "statement.accept"
#: How far ahead of our clock a statement may be dated; the ledger allows the same.
MAX_CLOCK_LEAD_S = 300
#: From one commit of a report to the next where the database has one writer only, and it is left free: who
#: waits for it asks again within 3 ms (database.engine) and must find it so.
BREATH_S = 0.02
#: Two readers of overlapping files meet at a unique key; the second then sees what the first wrote.
MAX_ATTEMPTS = 3

log = structlog.get_logger(__name__)


class BankService:
    """One file is taken whole or not at all, as far as trust goes; its reports one commit after another."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        push: Push,
        journal: Journal,
        sealer: Sealer,
        topups: TopupService,
        redemptions: RedemptionFollower,
        reserve: ReserveService,
        two_officers: TwoOfficers,
        reversals: Reversals | None = None,
        answers: PaymentAnswers | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._journal = journal
        self._topups = topups
        self._answers = answers or NoPaymentAnswers()
        self._pause = pause
        self._last_turn_s = float("-inf")
        deciding = MovementDeciding(push, sealer, topups, redemptions, reversals or NoReversals())
        self._booking = ReportBooking(clock, push, journal, sealer, reserve, deciding)
        self._two_officers = two_officers
        two_officers.on_approved(ACCEPT_ACT, self._accept_asked)

    def receive(self, file: BankFile, file_sha256: str, file_name: str) -> BookedCounts:
        """Books what a file says, oldest report first. Repeating it changes nothing.

        Raises StatementInFuture, having booked nothing of it; RecordedElsewhere while another does.
        """
        latest_unix_s = self._clock.now_unix_s() + MAX_CLOCK_LEAD_S
        newest_unix_s = max((as_of_unix_s(report) for report in file.reports), default=0)
        if newest_unix_s > latest_unix_s:
            raise errors.StatementInFuture(until_unix_s=newest_unix_s)
        self._forget()
        limits = self._topups.load_limits()
        total = BookedCounts()
        for report in sorted(file.reports, key=as_of_unix_s):
            try:
                total += self._take(report, (file_sha256, file_name), limits)
            except (BankFileRefusal, OSError, OperationalError, InterfaceError, errors.RecordedElsewhere):
                raise
            except Exception as error:
                if total.statements == 0:
                    raise
                raise errors.FilePartlyBooked(statements=total.statements) from error
        for answer in file.answers:
            with UnitOfWork(self._engine) as work:
                self._answers.take(work, answer)
        self._note_parts(file, file_sha256, file_name)
        return total

    def _take(self, report: AccountReport, file: tuple[str, str], limits: Limits) -> BookedCounts:
        booked = self._book(report, file, limits)
        failpoints.reach("bank.booked")
        if booked.unfinished_id is None:
            return booked.counts
        return booked.counts + self._go_on(booked.unfinished_id, limits, booked.left)

    def _book(self, report: AccountReport, file: tuple[str, str], limits: Limits) -> Booked:
        prepared = self._booking.prepare(report)
        for _ in range(MAX_ATTEMPTS):
            with reading(self._engine) as connection:
                plan = self._booking.plan(connection, prepared)
            if isinstance(plan, KnownStatement):
                if plan.state == "recording":
                    raise errors.RecordedElsewhere
                return Booked(BookedCounts(), plan.id if plan.state == "booking" else None)
            try:
                return self._write(plan, file, limits)
            except (IntegrityError, BooksMoved):
                log.warning("bank.books_moved")
                self._forget(plan.id)
        raise errors.RecordedElsewhere

    def _write(self, plan: Plan, file: tuple[str, str], limits: Limits) -> Booked:
        """While one part is written, nobody seals: the next is sealed before."""
        written: list[ReportPart] = []
        following = self._booking.parts(plan)
        part = next(following)
        for next_part in following:
            with self._turn() as work:
                self._booking.record(work, plan, file, part, first=not written)
            failpoints.reach("bank.part_recorded")
            written.append(part)
            part = next_part
        with self._turn() as work:
            booked = self._booking.book(work, plan, file, [*written, part], limits)
            failpoints.reach("bank.before_commit")
        return booked

    @contextmanager
    def _turn(self) -> Iterator[UnitOfWork]:
        """A commit of a report, with a breath before it where others wait for the same one writer."""
        if self._engine.dialect.name == "sqlite":
            rested_s = time.monotonic() - self._last_turn_s
            if rested_s < BREATH_S:
                self._pause(BREATH_S - rested_s)
        try:
            with UnitOfWork(self._engine) as work:
                yield work
        finally:
            self._last_turn_s = time.monotonic()

    def take_in(self, work: UnitOfWork, report: AccountReport, file: tuple[str, str]) -> BookedCounts:
        """All of a report in the caller's unit of work: for a rehearsal, which is rolled back.

        Raises StatementInFuture.
        """
        if as_of_unix_s(report) > self._clock.now_unix_s() + MAX_CLOCK_LEAD_S:
            raise errors.StatementInFuture(until_unix_s=as_of_unix_s(report))
        limits = self._topups.load_limits()
        plan = self._booking.plan(work.connection, self._booking.prepare(report))
        counts = BookedCounts()
        if isinstance(plan, Plan):
            parts = list(self._booking.parts(plan))
            for number, part in enumerate(parts[:-1]):
                self._booking.record(work, plan, file, part, first=number == 0)
            counts = self._booking.book(work, plan, file, parts, limits).counts
        for statement_row_id in booking_repository.unfinished_statements(work.connection):
            while (more := self._booking.go_on(work, statement_row_id, limits)) is not None:
                counts += more
        return counts

    def go_on(self) -> BookedCounts:
        """Decides what reports brought and no commit has decided yet, after a process ended in between."""
        self._forget()
        with reading(self._engine) as connection:
            unfinished = booking_repository.unfinished_statements(connection)
        total = BookedCounts()
        for statement_row_id in unfinished:
            total += self._go_on(statement_row_id, self._topups.load_limits())
        return total

    def _go_on(
        self, statement_row_id: str, limits: Limits, left: Sequence[RecordedMovement] = ()
    ) -> BookedCounts:
        """`left`: what is known to be left; then whatever the books say is."""
        total = BookedCounts()
        for part in self._booking.slices(left):
            with self._turn() as work:
                total += self._booking.decide(work, statement_row_id, part, limits)
            failpoints.reach("bank.part_booked")
        while True:
            with self._turn() as work:
                booked = self._booking.go_on(work, statement_row_id, limits)
            failpoints.reach("bank.part_booked")
            if booked is None:
                return total
            total += booked

    def _forget(self, statement_row_id: str | None = None) -> None:
        """Takes back what was recorded of reports no commit made true: their files are read again."""
        with reading(self._engine) as connection:
            if not booking_repository.is_recording(connection):
                return
        with self._turn() as work:
            forgotten = booking_repository.forget_recording(work.connection, statement_row_id)
        log.warning("bank.half_recorded_forgotten", reports=forgotten)

    def now_unix_s(self) -> int:
        """By the clock statements are compared with."""
        return self._clock.now_unix_s()

    def _note_parts(self, file: BankFile, file_sha256: str, file_name: str) -> None:
        """What was left aside of a file that was read: reports on other accounts, parts not to be trusted."""
        if not file.other_accounts and not file.refused:
            return
        with UnitOfWork(self._engine) as work:
            self._journal.append(
                work.connection,
                SERVICE,
                LEFT_ASIDE,
                Subject("bank_file", file_sha256),
                details={
                    "file_name": file_name[:MAX_FILE_NAME_CHARACTERS],
                    "other_accounts": file.other_accounts,
                    "refused": [[name[:MAX_FILE_NAME_CHARACTERS], code] for name, code in file.refused],
                },
            )
            for name, code in file.refused:
                self._push.publish(work, to_console(BankFileRefused(name[:MAX_FILE_NAME_CHARACTERS], code)))

    def note_refused(self, file_sha256: str, file_name: str, code: str) -> None:
        """Writes into the journal that a file was set aside. The name is the bank's, not a person's."""
        with UnitOfWork(self._engine) as work:
            refused = BankFileRefused(file_name[:MAX_FILE_NAME_CHARACTERS], code)
            self._journal.append(
                work.connection,
                SERVICE,
                "bank.file_refused",
                Subject("bank_file", file_sha256),
                details={"file_name": refused.file_name, "code": refused.code},
            )
            self._push.publish(work, to_console(refused))

    # the console's side

    def accept_statement(self, statement_row_id: str, officer: str, ground: str) -> bool:
        """A held report's movements are new ones; False when it waits for a second officer.

        Where its movements are as much as one officer does not give of a credit, two decide. Raises
        StatementUnknown, StatementNotHeld, StatementAskedFor.
        """
        limits = self._topups.load_limits()
        with UnitOfWork(self._engine) as work:
            self._check_held(work, statement_row_id)
            moved_cents = booking_repository.held_cents(work.connection, statement_row_id)
            if not takes_two(moved_cents):
                self._accept(work, statement_row_id, (officer, ground), limits)
                return True
            details = {"statement_row_id": statement_row_id, "amount_cents": moved_cents}
            self._two_officers.ask(work, ACCEPT_ACT, details, ground, officer, subject_id=statement_row_id)
            self._push.publish(work, to_console(BankEntryResolved(statement_row_id)))
            return False

    def _accept_asked(self) -> Callable[[UnitOfWork, AskedAct], None]:
        """What the second officer's approval does. The node is asked before the transaction."""
        limits = self._topups.load_limits()

        def accept(work: UnitOfWork, asked: AskedAct) -> None:
            decided = (asked.asked_by, asked.ground)
            self._accept(work, str(asked.details["statement_row_id"]), decided, limits)

        return accept

    def _accept(
        self, work: UnitOfWork, statement_row_id: str, decided: tuple[str, str], limits: Limits
    ) -> None:
        """`decided`: officer and ground."""
        statement = self._decide(work, statement_row_id, "accepted", decided[0])
        self._journal_decision(work, "bank.statement_accepted", statement.id, *decided)
        self._booking.accept(work, statement, limits)
        self._push.publish(work, to_console(BankEntryResolved(statement_row_id)))

    def asked_statements(self) -> Collection[str]:
        """The held reports one officer accepts while another has not signed yet."""
        with reading(self._engine) as connection:
            return self._two_officers.waiting_subjects(connection, ACCEPT_ACT)

    def _check_held(self, work: UnitOfWork, statement_row_id: str) -> None:
        """Raises StatementUnknown, StatementNotHeld, StatementAskedFor."""
        statement = booking_repository.statement_by_id(work.connection, statement_row_id)
        if statement is None:
            raise errors.StatementUnknown()
        if statement.state != "held":
            raise errors.StatementNotHeld()
        if statement_row_id in self._two_officers.waiting_subjects(work.connection, ACCEPT_ACT):
            raise errors.StatementAskedFor()

    def dismiss_statement(self, statement_row_id: str, officer: str, ground: str) -> int:
        """A held report's movements were read before under other names: none counts; how many there were.

        Raises StatementUnknown, StatementNotHeld, StatementAskedFor.
        """
        with UnitOfWork(self._engine) as work:
            self._check_held(work, statement_row_id)
            statement = self._decide(work, statement_row_id, "dismissed", officer)
            self._journal_decision(work, "bank.statement_dismissed", statement.id, officer, ground)
            dismissed = booking_repository.dismiss_entries(work.connection, statement_row_id, officer, ground)
            self._push.publish(work, to_console(BankEntryResolved(statement_row_id)))
            return dismissed

    def _decide(
        self,
        work: UnitOfWork,
        statement_row_id: str,
        state: booking_repository.StatementState,
        officer: str,
    ) -> KnownStatement:
        statement = booking_repository.statement_by_id(work.connection, statement_row_id)
        if statement is None:
            raise errors.StatementUnknown()
        if not booking_repository.decide_statement(work.connection, statement_row_id, state, officer):
            raise errors.StatementNotHeld()
        return statement

    def _journal_decision(
        self, work: UnitOfWork, act: str, statement_row_id: str, officer: str, ground: str
    ) -> None:
        actor, subject = Actor("officer", officer), Subject("bank_statement", statement_row_id)
        self._journal.append(work.connection, actor, act, subject, ground=ground, details={})
