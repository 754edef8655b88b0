"""The queue of bank entries nothing matched, and what officers decide about each.

A credit is given to a member whole, or in parts to several, never more than came. One officer gives below an
amount, two from it on: the first asks, the second's approval does it. Owns no table: entries are the
treasury's, what waits is oversight's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import Engine

from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.event_kinds import BankEntryResolved, to_console
from wallet_service.security.sealing import Sealer
from wallet_service.topups import errors as topup_errors
from wallet_service.topups import repository as topups_repository
from wallet_service.topups.service import Given, Limits, TopupService
from wallet_service.treasury import errors, repository
from wallet_service.treasury.entries import EntryFinder
from wallet_service.treasury.models import BankEntry, EntryPage, EntryQuery, ReasonSum
from wallet_service.treasury.ports import AskedAct, TwoOfficers
from wallet_service.treasury.repository import EntryRow

#: From here on giving an unmatched credit to a member, or accepting a held report, takes two officers (ASVS
#: 5.0, 2.3.5): one mistaken or bought officer gives away less than that at a time. Cents; what is given in
#: parts counts together.
TWO_OFFICERS_FROM_CENTS = 1_000_00
#: The act in `approvals`.
GIVE_ACT = "credit.give"
#: In the journal: payers' sealed details were looked through, and one payer's were.
SEARCHED_ACT, OPENED_ACT = "bank.entries_searched", "bank.entry_opened"


class UnmatchedEntries:
    """Each cent is decided once: the row's state says who was first, its sum how much is left."""

    def __init__(
        self,
        engine: Engine,
        push: Push,
        journal: Journal,
        sealer: Sealer,
        topups: TopupService,
        two_officers: TwoOfficers,
    ) -> None:
        self._engine = engine
        self._push = push
        self._journal = journal
        self._topups = topups
        self._two_officers = two_officers
        self._finder = EntryFinder(engine, push, sealer)
        two_officers.on_approved(GIVE_ACT, self._give_asked)

    def find(self, query: EntryQuery) -> EntryPage:
        """One page of what waits, or of every entry."""
        return self._finder.find(query)

    def search(self, query: EntryQuery, officer: str) -> EntryPage:
        """One page of what holds the query's words: payers' names, texts and accounts are opened for it.

        That somebody looked is journaled, and for how many; the words are not, they name people.
        """
        page = self._finder.find(query)
        with UnitOfWork(self._engine) as work:
            actor, details = Actor("officer", officer), {"found": len(page.entries)}
            self._journal.append(work.connection, actor, SEARCHED_ACT, details=details)
        return page

    def list_waiting(self) -> list[BankEntry]:
        """The first page of what waits, oldest first."""
        return list(self.find(EntryQuery()).entries)

    def waiting_by_reason(self) -> list[ReasonSum]:
        """Why entries wait, most frequent first."""
        return self._finder.waiting_by_reason()

    def to_return(self) -> ReasonSum:
        """What officers have set aside for its payers."""
        return self._finder.to_return()

    def one(self, entry_id: str) -> BankEntry:
        """A entry, whatever became of it. Raises EntryUnknown."""
        entry = self._finder.one(entry_id)
        if entry is None:
            raise errors.EntryUnknown()
        return entry

    def open(self, entry_id: str, officer: str) -> BankEntry:
        """One with its payer's details, for an officer; the journal says who looked. Raises EntryUnknown."""
        entry = self.one(entry_id)
        with UnitOfWork(self._engine) as work:
            subject = Subject("bank_entry", entry_id)
            self._journal.append(work.connection, Actor("officer", officer), OPENED_ACT, subject, details={})
        return entry

    def asked_for(self) -> Collection[str]:
        """The entries one officer gives to a member while another has not signed yet."""
        with reading(self._engine) as connection:
            return self._two_officers.waiting_subjects(connection, GIVE_ACT)

    def give(
        self, entry_id: str, member_id: str, officer: str, ground: str, amount_cents: int | None = None
    ) -> bool:
        """Gives an unmatched credit, or a part of it, to a member; False when it waits for a second officer.

        `amount_cents` None: all that is left of it. Raises EntryUnknown, EntryNotUnmatched, EntryAskedFor,
        PartTooLarge, TopupMemberUnknown.
        """
        limits = self._topups.load_limits()
        with UnitOfWork(self._engine) as work:
            entry = self._undecided(work, entry_id)
            if entry.direction != "CRDT":
                raise errors.EntryNotUnmatched()
            if not topups_repository.member_exists(work.connection, member_id):
                raise topup_errors.TopupMemberUnknown()
            given_cents = entry.rest_cents if amount_cents is None else amount_cents
            if not 0 < given_cents <= entry.rest_cents:
                raise errors.PartTooLarge(rest_cents=entry.rest_cents)
            if not takes_two(entry.given_cents + given_cents):
                self._credit(work, entry, (member_id, given_cents), (officer, ground), limits)
                return True
            details = {"entry_id": entry_id, "member_id": member_id, "amount_cents": given_cents}
            self._two_officers.ask(work, GIVE_ACT, details, ground, officer, subject_id=entry_id)
            return False

    def _give_asked(self) -> Callable[[UnitOfWork, AskedAct], None]:
        """What the second officer's approval does. The node is asked before the transaction."""
        limits = self._topups.load_limits()

        def give(work: UnitOfWork, asked: AskedAct) -> None:
            entry = repository.entry_by_id(work.connection, str(asked.details["entry_id"]))
            if entry is None:
                raise errors.EntryUnknown()
            gift = (str(asked.details["member_id"]), int(asked.details["amount_cents"]))
            self._credit(work, entry, gift, (asked.asked_by, asked.ground), limits)

        return give

    def _credit(
        self,
        work: UnitOfWork,
        entry: EntryRow,
        gift: tuple[str, int],
        decided: tuple[str, str],
        limits: Limits,
    ) -> None:
        """`gift`: member and cents; `decided`: officer and ground."""
        (member_id, given_cents), (officer, ground) = gift, decided
        if not repository.give_of_entry(work.connection, entry.id, given_cents, officer, ground):
            raise errors.EntryNotUnmatched()
        if given_cents == entry.amount_cents:
            key, given = entry.entry_key, Given(officer)
        else:
            before = topups_repository.given_of_entry(work.connection, entry.id)
            key, given = part_key(entry.entry_key, gift, before), Given(officer, len(before) + 1)
        self._topups.credit(work, (entry.id, key), member_id, given_cents, limits, given=given)
        details: dict[str, str | int] = {"amount_cents": given_cents, "member_id": member_id}
        self._journal_decision(work, "bank.credit_matched", entry.id, officer, ground, details)

    def set_aside(self, entry_id: str, officer: str, ground: str) -> None:
        """Marks what is left of a credit for return to its sender, or takes note of an unmatched debit.

        The transfer itself is made at the bank; a debit may be fees, or such a return. Nothing is minted or
        burned.

        Raises EntryUnknown, EntryNotUnmatched, EntryAskedFor.
        """
        with UnitOfWork(self._engine) as work:
            entry = self._undecided(work, entry_id)
            is_credit = entry.direction == "CRDT"
            state: repository.EntryState = "resolved" if is_credit else "ignored"
            if not repository.resolve_entry(work.connection, entry_id, state, officer, ground):
                raise errors.EntryNotUnmatched()
            act = "bank.credit_to_return" if is_credit else "bank.debit_noted"
            details: dict[str, str | int] = {"amount_cents": entry.rest_cents}
            self._journal_decision(work, act, entry_id, officer, ground, details)

    def _undecided(self, work: UnitOfWork, entry_id: str) -> EntryRow:
        entry = repository.entry_by_id(work.connection, entry_id)
        if entry is None:
            raise errors.EntryUnknown()
        if entry.state != "unmatched":
            raise errors.EntryNotUnmatched()
        if entry_id in self._two_officers.waiting_subjects(work.connection, GIVE_ACT):
            raise errors.EntryAskedFor()
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
        self._push.publish(work, to_console(BankEntryResolved(entry_id)))


def takes_two(cents: int) -> bool:
    """Whether so much of one credit, or of one report, takes two officers."""
    return cents >= TWO_OFFICERS_FROM_CENTS


def part_key(entry_key: str, gift: tuple[str, int], before: Collection[tuple[str, int]]) -> str:
    """What a part's mint is known by: the credit, the member, the amount, and how many were alike before.

    Not by its place among the parts: after a restore they may be given in another order, and none twice.
    """
    member_id, given_cents = gift
    return f"{entry_key}/{member_id}/{given_cents}/{sum(one == gift for one in before)}"
