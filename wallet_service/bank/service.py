"""Takes bank statements into the books, each movement once, and what officers decide about unmatched ones.

One statement is one commit: its movements recorded, the redemptions they pay sent to be burned, its closing
balance attested, then its credits minted, in that order, because the commands run in the order they are
queued: supply goes down before the reserve is said to, and up only after. Whatever order, overlap or
repetition the files come in, a movement counts once: it is unique by account and by the bank's own reference.
Must not parse XML or move files.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from wallet_service import crash_points
from wallet_service.bank import errors, repository
from wallet_service.bank.repository import EntryRow
from wallet_service.bank.statement import EntryLine, Statement
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.identity.sealing import Place, Sealer
from wallet_service.journal import SERVICE, Actor, Journal, Subject
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.identifiers import new_id
from wallet_service.push import Push
from wallet_service.redemptions.following import RedemptionFollower
from wallet_service.reserve.service import ReserveService
from wallet_service.topups import errors as topup_errors
from wallet_service.topups import repository as topups_repository
from wallet_service.topups.service import Limits, TopupService

#: How far ahead of our clock a statement may be dated; the ledger allows the same.
MAX_CLOCK_LEAD_S = 300
#: Two readers of overlapping files meet at a unique key; the second then sees what the first wrote.
MAX_ATTEMPTS = 3
MAX_FILE_NAME_CHARACTERS = 120
CONSOLE = "console"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Received:
    """What reading one file changed; all zero when everything in it was known."""

    statements: int = 0
    credited: int = 0
    paid: int = 0
    sent_back: int = 0
    unmatched: int = 0


@dataclass(frozen=True)
class BankMovement:
    """A movement as the console sees it, personal details opened. `direction`: CRDT in, DBIT out."""

    id: str
    direction: str
    amount_cents: int
    booked_on: str
    state: str
    counterparty_name: str
    counterparty_iban: str
    remittance: str
    structured_reference: str | None


@dataclass(frozen=True)
class StatementView:
    """A statement as recorded. `follows` is False when the one before it in our books ends on another
    balance.
    """

    id: str
    statement_id: str
    file_name: str
    opening_cents: int
    closing_cents: int
    entries_count: int
    as_of_unix_s: int
    received_at_unix_ms: int
    follows: bool


class BankService:
    """The books' door for statements, and the queue of what nothing matched."""

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
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._journal = journal
        self._sealer = sealer
        self._topups = topups
        self._redemptions = redemptions
        self._reserve = reserve

    def receive(self, statements: Sequence[Statement], file_sha256: str, file_name: str) -> Received:
        """Books the statements of one file, oldest first, all or nothing. Repeating it changes nothing.

        Raises StatementInFuture, StatementContradicts, EntryContradicts.
        """
        latest_unix_s = self._clock.now_unix_s() + MAX_CLOCK_LEAD_S
        if any(statement.as_of_unix_s > latest_unix_s for statement in statements):
            raise errors.StatementInFuture()
        limits = self._topups.load_limits()
        for attempt in range(MAX_ATTEMPTS):
            try:
                with UnitOfWork(self._engine) as work:
                    total = Received()
                    for statement in sorted(statements, key=lambda each: each.as_of_unix_s):
                        booked = self._book(work, statement, (file_sha256, file_name), limits)
                        total = _sum(total, booked)
                    crash_points.reach("bank.before_commit")
                crash_points.reach("bank.booked")
                return total
            except IntegrityError:
                if attempt == MAX_ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    def _book(
        self, work: UnitOfWork, statement: Statement, file: tuple[str, str], limits: Limits
    ) -> Received:
        known = repository.find_statement(work.connection, statement.iban, statement.statement_id)
        if known is not None:
            if known.content_hash != statement.content_hash():
                raise errors.StatementContradicts(statement_id=statement.statement_id)
            return Received()
        fresh = self._fresh_lines(work, statement)
        file_sha256, file_name = file
        statement_row_id = new_id()
        repository.insert_statement(
            work.connection,
            statement,
            {
                "id": statement_row_id,
                "file_sha256": file_sha256,
                "file_name": file_name[:MAX_FILE_NAME_CHARACTERS],
                "received_at_unix_ms": self._clock.now_unix_ms(),
            },
        )
        entries = [(self._record(work, statement_row_id, statement.iban, line), line) for line in fresh]
        booked = self._decide(work, statement_row_id, statement, entries, limits)
        self._journal.append(
            work.connection,
            SERVICE,
            "bank.statement_read",
            Subject("bank_statement", statement_row_id),
            details={"closing_cents": statement.closing_cents, "movements": len(fresh), **_counts(booked)},
        )
        self._push.publish(work, CONSOLE, "bank.statement", {"id": statement_row_id, **_counts(booked)})
        return booked

    def _fresh_lines(self, work: UnitOfWork, statement: Statement) -> list[EntryLine]:
        """The movements no earlier file brought. Raises EntryContradicts when one comes back different."""
        said_cents: dict[str, int] = {}
        for line in statement.lines:
            said_cents[line.entry_reference] = said_cents.get(line.entry_reference, 0) + line.signed_cents
        known_cents = repository.known_sums_cents(work.connection, statement.iban, said_cents)
        for reference, amount_cents in known_cents.items():
            if said_cents[reference] != amount_cents:
                raise errors.EntryContradicts(entry_reference=reference)
        return [line for line in statement.lines if line.entry_reference not in known_cents]

    def _record(self, work: UnitOfWork, statement_row_id: str, iban: str, line: EntryLine) -> str:
        entry_id = new_id()
        details = {
            "name": line.counterparty_name,
            "iban": line.counterparty_iban,
            "remittance": line.remittance,
        }
        sealed = self._sealer.seal_service(_details_place(entry_id), json.dumps(details).encode())
        repository.insert_entry(work.connection, entry_id, statement_row_id, iban, line, sealed)
        return entry_id

    def _decide(
        self,
        work: UnitOfWork,
        statement_row_id: str,
        statement: Statement,
        entries: Sequence[tuple[str, EntryLine]],
        limits: Limits,
    ) -> Received:
        """Debits, then the attestation, then credits: see the module's docstring for why."""
        paid = sent_back = credited = 0
        for entry_id, line in entries:
            if line.direction == "DBIT" and (closed := self._redemptions.paid_by(work, line)):
                self._redemptions.record_paid(work, entry_id, closed)
                repository.set_entry_state(work.connection, entry_id, "payout")
                paid += 1
        self._reserve.attest(work, statement_row_id, statement)
        for entry_id, line in entries:
            if line.direction != "CRDT":
                continue
            entry = (entry_id, line.key(statement.iban))
            if (redemption := self._redemptions.sent_back_by(work, line)) is not None:
                self._redemptions.record_sent_back(work, entry, line, redemption, limits)
                repository.set_entry_state(work.connection, entry_id, "payout_return")
                sent_back += 1
            elif (
                line.return_reason is None and (member_id := self._topups.member_for(work, line)) is not None
            ):
                self._topups.credit(work, entry, member_id, line.amount_cents, limits)
                repository.set_entry_state(work.connection, entry_id, "topup")
                credited += 1
        unmatched = len(entries) - paid - sent_back - credited
        return Received(1, credited, paid, sent_back, unmatched)

    def note_refused(self, file_sha256: str, file_name: str, code: str) -> None:
        """Writes into the journal that a file was set aside. The name is the bank's, not a person's."""
        with UnitOfWork(self._engine) as work:
            details = {"file_name": file_name[:MAX_FILE_NAME_CHARACTERS], "code": code}
            self._journal.append(
                work.connection,
                SERVICE,
                "bank.file_refused",
                Subject("bank_file", file_sha256),
                details=details,
            )
            self._push.publish(work, CONSOLE, "bank.file_refused", details)

    # the console's side

    def list_unmatched(self, limit: int = 200) -> list[BankMovement]:
        """Movements nothing matched, oldest first."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            found = repository.entries_in_state(connection, "unmatched", limit)
        return [self._movement(row) for row in found]

    def _movement(self, row: EntryRow) -> BankMovement:
        details = {"name": "", "iban": "", "remittance": ""}
        if row.sealed_details is not None:
            details = json.loads(self._sealer.unseal_service(_details_place(row.id), row.sealed_details))
        return BankMovement(
            id=row.id,
            direction=row.direction,
            amount_cents=row.amount_cents,
            booked_on=row.booked_on,
            state=row.state,
            counterparty_name=details["name"],
            counterparty_iban=details["iban"],
            remittance=details["remittance"],
            structured_reference=row.structured_reference,
        )

    def resolve_unmatched(self, entry_id: str, member_id: str, officer: str, ground: str) -> str:
        """Gives an unmatched credit to a member, as an officer decided; returns the top-up's id.

        Raises EntryUnknown, EntryNotUnmatched, TopupMemberUnknown.
        """
        limits = self._topups.load_limits()
        with UnitOfWork(self._engine) as work:
            entry = self._unmatched(work, entry_id)
            if not topups_repository.member_exists(work.connection, member_id):
                raise topup_errors.TopupMemberUnknown()
            if entry.direction != "CRDT" or not repository.resolve_entry(
                work.connection, entry_id, "topup", officer, ground
            ):
                raise errors.EntryNotUnmatched()
            topup_id = self._topups.credit(
                work, (entry_id, entry.entry_key), member_id, entry.amount_cents, limits
            )
            details: dict[str, str | int] = {"amount_cents": entry.amount_cents, "member_id": member_id}
            self._journal_decision(work, "bank.credit_matched", entry_id, officer, ground, details)
        return topup_id

    def return_unmatched(self, entry_id: str, officer: str, ground: str) -> None:
        """Marks an unmatched credit for return to its sender (the transfer itself is made at the bank), or
        takes note of an unmatched debit (fees, such a return). Nothing is minted or burned.

        Raises EntryUnknown, EntryNotUnmatched.
        """
        with UnitOfWork(self._engine) as work:
            entry = self._unmatched(work, entry_id)
            is_credit = entry.direction == "CRDT"
            state: repository.EntryState = "resolved" if is_credit else "ignored"
            if not repository.resolve_entry(work.connection, entry_id, state, officer, ground):
                raise errors.EntryNotUnmatched()
            act = "bank.credit_to_return" if is_credit else "bank.debit_noted"
            details: dict[str, str | int] = {"amount_cents": entry.amount_cents}
            self._journal_decision(work, act, entry_id, officer, ground, details)

    def _unmatched(self, work: UnitOfWork, entry_id: str) -> EntryRow:
        entry = repository.entry_by_id(work.connection, entry_id)
        if entry is None:
            raise errors.EntryUnknown()
        return entry

    def _journal_decision(
        self,
        work: UnitOfWork,
        act: str,
        entry_id: str,
        officer: str,
        ground: str,
        details: dict[str, str | int],
    ) -> None:
        subject = Subject("bank_entry", entry_id)
        self._journal.append(
            work.connection, Actor("officer", officer), act, subject, ground=ground, details=details
        )
        self._push.publish(work, CONSOLE, "bank.entry_resolved", {"id": entry_id})

    def list_statements(self, limit: int = 100) -> list[StatementView]:
        """Newest balance first."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            rows = repository.latest_statements(connection, limit + 1)
        views = []
        for place, row in enumerate(rows[:limit]):
            before = rows[place + 1] if place + 1 < len(rows) else None
            views.append(
                StatementView(
                    id=row["id"],
                    statement_id=row["statement_id"],
                    file_name=row["file_name"],
                    opening_cents=row["opening_cents"],
                    closing_cents=row["closing_cents"],
                    entries_count=row["entries_count"],
                    as_of_unix_s=row["as_of_unix_s"],
                    received_at_unix_ms=row["received_at_unix_ms"],
                    follows=before is None or before["closing_cents"] == row["opening_cents"],
                )
            )
        return views


def _sum(one: Received, other: Received) -> Received:
    return Received(
        one.statements + other.statements,
        one.credited + other.credited,
        one.paid + other.paid,
        one.sent_back + other.sent_back,
        one.unmatched + other.unmatched,
    )


def _counts(received: Received) -> dict[str, int]:
    return {
        "credited": received.credited,
        "paid": received.paid,
        "sent_back": received.sent_back,
        "unmatched": received.unmatched,
    }


def _details_place(entry_id: str) -> Place:
    return Place("bank_entries", "sealed_details", entry_id)
