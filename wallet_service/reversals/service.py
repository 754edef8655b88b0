"""What a credit the bank took back opens, and what closes it. Owns `bank_reversals`.

A debit that takes back a credit whose units exist leaves units without euros. It is tied to its top-up, and
while it is open that much of the member's balance stays where it is, but to be given back (payments and
redemptions ask `owed_cents`). From an amount on the member's sending is frozen on the ledger, and the member
can pay nobody but the returns account: below it, a stranger's transfer made to be recalled would stop
somebody's whole wallet (decision 0025). It ends in one of four ways: the member gives the units back by
payments they sign, a transfer by order takes them (`forced`), a named reserve bears the loss, or the bank
credits the euros again (`settling`). Must not mint, and must not match a bank movement to anything but its
top-up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import Connection, Engine

from wallet_service.accounts import repository as accounts
from wallet_service.accounts.models import stops_sending
from wallet_service.bank.statement import EntryLine
from wallet_service.chain.ports import ChainEvent
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.forced_transfers import repository as forced_transfers
from wallet_service.forced_transfers.models import CaseKind
from wallet_service.oversight.freezes import FreezeService
from wallet_service.platform.journal import SERVICE, Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.platform.quarantine import RowKind
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import ReversalChanged, TopupReturned, to_console, to_member
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.reversals import decisions, errors, repository
from wallet_service.reversals.models import (
    RecoveryKind,
    Reversal,
    ReversalCase,
    ReversalState,
    ReversedTopup,
    Shortfall,
)
from wallet_service.security.sealing import SealBroken, Sealer
from wallet_service.topups import repository as topups_repository
from wallet_service.topups.service import TopupService
from wallet_service.treasury.booking import repository as booking_repository
from wallet_service.treasury.booking.details import line_of
from wallet_service.treasury.ports import AskedAct, TwoOfficers

#: The acts in `approvals`.
LOSS_ACT, MISTAKE_ACT, FORCE_ACT = "reversal.loss", "reversal.mistaken", "reversal.force"
ACTS = (LOSS_ACT, MISTAKE_ACT, FORCE_ACT)
#: Top-ups that are no units yet, and need never be.
NOT_MINTED = ("held", "proposed", "returned")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ReversalMeans:
    """What reversals are settled with.

    `returns_account`: the address of the association's own professional account, "" when it has none.
    """

    topups: TopupService
    freezes: FreezeService
    two_officers: TwoOfficers
    sealer: Sealer
    returns_account: str = ""


class ReversalService:
    """Noted inside the bank's unit of work; closed by officers, or by what the ledger says."""

    def __init__(
        self, engine: Engine, clock: Clock, push: Push, journal: Journal, means: ReversalMeans
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._journal = journal
        self._topups = means.topups
        self._freezes = means.freezes
        self._two_officers = means.two_officers
        self._sealer = means.sealer
        self.returns_account = means.returns_account

    # the bank's side, inside its unit of work

    def note(self, work: UnitOfWork, entry_id: str, line: EntryLine) -> None:
        """Ties a debit that undoes a credit to that credit's top-up.

        A credit that undoes a debit, or a debit whose top-up nothing names, waits for an officer.
        """
        if line.direction != "DBIT" or repository.of_entry(work.connection, entry_id) is not None:
            return
        topup = self._taken_back(work, line)
        if topup is None:
            return
        booking_repository.set_states(work.connection, [entry_id], "reversal")
        if self._let_go(work, topup.id):
            self._insert(work, entry_id, topup, line, ReversalState.NOT_MINTED)
            return
        reversal = self._insert(work, entry_id, topup, line, ReversalState.OPEN)
        if not stops_sending(repository.owed_cents(work.connection, topup.member_id)):
            return
        until_unix_s = self._clock.now_unix_s() + decisions.FREEZE_DAYS * 86_400
        freeze_id = self._freezes.freeze_outgoing(
            work, topup.member_id, _freeze_ground(reversal), until_unix_s
        )
        if freeze_id is not None:
            repository.set_freeze(work.connection, reversal.id, freeze_id)

    def look_again(self, work: UnitOfWork) -> None:
        """Debits that wait, tied to nothing when they came: their credit may have come after them."""
        for row in repository.untied_debits(work.connection):
            try:
                line = line_of(self._sealer, row)
            except (SealBroken, ValueError, KeyError, TypeError) as error:
                self._push.quarantine.put(work, RowKind.BANK_ENTRY, row["id"], error)
                continue
            self.note(work, row["id"], line)

    def _taken_back(self, work: UnitOfWork, line: EntryLine) -> ReversedTopup | None:
        """By the references the bank repeats; else by the member's own, among top-ups of that amount."""
        named = repository.named_alike(work.connection, line.references, line.amount_cents)
        exact = [topup for topup in named if topup.amount_cents == line.amount_cents]
        found = decisions.the_one(exact or named)
        if found is not None:
            return found
        (members,) = self._topups.arrived.members_for(work, [line])
        if len(members) != 1:
            return None
        amount_cents = line.amount_cents
        return decisions.the_one(
            repository.of_member_and_amount(work.connection, members.pop(), amount_cents)
        )

    def _let_go(self, work: UnitOfWork, topup_id: str) -> bool:
        """Whether no unit was made for this top-up; then none ever is."""
        topup = topups_repository.topup_by_id(work.connection, topup_id)
        if topup is None or topup.state not in NOT_MINTED:
            return False
        if topups_repository.minted_at(work.connection, topup) is not None:
            return False
        if topup.state == "proposed":
            self._topups.large.take_back(work, topup)
        topups_repository.mark_returned(work.connection, topup_id)
        self._push.publish(work, to_console(TopupReturned(topup_id)))
        return True

    def _insert(
        self, work: UnitOfWork, entry_id: str, topup: ReversedTopup, line: EntryLine, state: ReversalState
    ) -> Reversal:
        now_unix_ms, is_open = self._clock.now_unix_ms(), state is ReversalState.OPEN
        reversal_id = new_id()
        gap_cents = self._gap_cents(work.connection, topup, line.amount_cents) if is_open else 0
        repository.insert_reversal(
            work.connection,
            {
                "id": reversal_id,
                "bank_entry_id": entry_id,
                "topup_id": topup.id,
                "member_id": topup.member_id,
                "amount_cents": line.amount_cents,
                "gap_cents": gap_cents,
                "reason": line.return_reason or None,
                "state": state,
                "noted_at_unix_ms": now_unix_ms,
                "decided_at_unix_ms": None if is_open else now_unix_ms,
            },
        )
        details = {
            "amount_cents": line.amount_cents,
            "gap_cents": gap_cents,
            "topup_id": topup.id,
            "topup_cents": topup.amount_cents,
            "member_id": topup.member_id,
            "bank_entry_id": entry_id,
        }
        act = "reversal.noted" if is_open else "reversal.not_minted"
        self.record(work, SERVICE, act, reversal_id, details=details)
        said = {"reversal_id": reversal_id, "state": str(state), "gap_cents": gap_cents}
        work.after_commit(partial(log.warning, "reversal.noted", **said))
        reversal = self._known(work.connection, reversal_id)
        self.tell(work, reversal)
        return reversal

    def _gap_cents(self, connection: Connection, topup: ReversedTopup, amount_cents: int) -> int:
        available_cents = accounts.balance_of(connection, topup.account_address).available_cents
        on_the_way = topups_repository.topup_by_id(connection, topup.id)
        if on_the_way is not None and on_the_way.state == "minting":
            available_cents += on_the_way.amount_cents
        claimed = repository.open_of_member(connection, topup.member_id)
        return decisions.gap_cents(amount_cents, available_cents, sum(each.missing_cents for each in claimed))

    # what the console and the member are shown

    def listed(self, *, is_open: bool, limit: int = 100) -> Sequence[Reversal]:
        """Open ones, the oldest first; or settled ones, the last settled first."""
        with reading(self._engine) as connection:
            return repository.listed(connection, is_open=is_open, limit=limit)

    def case(self, reversal_id: str) -> ReversalCase:
        """One reversal with all that is needed to settle it. Raises ReversalUnknown."""
        with reading(self._engine) as connection:
            reversal = self._known(connection, reversal_id)
            is_open = reversal.state is ReversalState.OPEN
            return ReversalCase(
                reversal,
                accounts.balance_of(connection, reversal.account_address).available_cents,
                tuple(repository.recoveries(connection, reversal_id)),
                tuple(forced_transfers.of_case(connection, CaseKind.REVERSAL, reversal_id)),
                tuple(repository.recredits(connection, reversal.amount_cents)) if is_open else (),
                frozenset(act for act in ACTS if self.waits(connection, act, reversal_id)),
                self._returns_account_is_there(connection),
                stops_sending(repository.owed_cents(connection, reversal.member_id)),
            )

    def of_member(self, member_id: str, limit: int = 20) -> Sequence[Reversal]:
        """Newest first; those that took nothing of the member's are left out."""
        with reading(self._engine) as connection:
            found = repository.of_member(connection, member_id, limit)
        return [each for each in found if each.state is not ReversalState.NOT_MINTED]

    def shortfall(self) -> Shortfall:
        with reading(self._engine) as connection:
            return repository.shortfall(connection, self.returns_account)

    # what the other files of this subject share

    def undecided(self, work: UnitOfWork, reversal_id: str) -> Reversal:
        """Raises ReversalUnknown, ReversalClosed, ReversalAskedFor."""
        reversal = self._known(work.connection, reversal_id)
        if reversal.state is not ReversalState.OPEN:
            raise errors.ReversalClosed()
        if any(self.waits(work.connection, act, reversal_id) for act in ACTS):
            raise errors.ReversalAskedFor()
        return reversal

    def as_asked(self, work: UnitOfWork, asked: AskedAct) -> Reversal:
        """The reversal an approved act is about. Raises ReversalUnknown, ReversalClosed, ReversalMoved."""
        reversal = self._known(work.connection, str(asked.details["reversal_id"]))
        if reversal.state is not ReversalState.OPEN:
            raise errors.ReversalClosed()
        if reversal.missing_cents != asked.details["amount_cents"]:
            raise errors.ReversalMoved()
        return reversal

    def require_returns_account(self, connection: Connection) -> None:
        """Raises ReturnsAccountMissing."""
        if not self._returns_account_is_there(connection):
            raise errors.ReturnsAccountMissing()

    def close_if_whole(self, work: UnitOfWork, reversal_id: str, state: ReversalState) -> None:
        """The ledger's word closes it: all that was missing has come back."""
        reversal = self._known(work.connection, reversal_id)
        if reversal.state is ReversalState.OPEN and reversal.missing_cents <= 0:
            self.close(work, reversal, state, None, {})
        else:
            self.tell(work, reversal)

    def count(
        self,
        work: UnitOfWork,
        event: ChainEvent,
        reversal_id: str,
        kind: RecoveryKind,
        ref: str,
        amount_cents: int,
    ) -> None:
        """Units came back, by a final event; the same event counts once."""
        is_new = repository.insert_recovery(
            work.connection,
            {
                "id": new_id(),
                "reversal_id": reversal_id,
                "kind": kind,
                "ref": ref,
                "amount_cents": amount_cents,
                "at_unix_ms": event.block_timestamp_unix_s * 1000,
                "final_block": event.block_number,
            },
        )
        if is_new:
            details = {"amount_cents": amount_cents, "kind": str(kind)}
            self.record(work, SERVICE, "reversal.recovered", reversal_id, details=details)

    def never_minted(self, work: UnitOfWork, topup_id: str) -> None:
        """The ledger did not mint after all for euros the bank has taken back: it need not any more."""
        reversal = repository.of_topup(work.connection, topup_id)
        if reversal is not None and self._let_go(work, topup_id):
            self.close(work, reversal, ReversalState.NOT_MINTED, None, {})

    def close(
        self,
        work: UnitOfWork,
        reversal: Reversal,
        state: ReversalState,
        decided: tuple[str, str] | None,
        values: dict[str, object],
    ) -> None:
        officer_id, ground = decided or (None, None)
        values = {**values, "decided_by": officer_id, "ground": ground}
        values["decided_at_unix_ms"] = self._clock.now_unix_ms()
        if not repository.change_state(work.connection, reversal.id, state, **values):
            raise errors.ReversalClosed()
        actor = Actor("officer", officer_id) if officer_id else SERVICE
        details = {name: value for name, value in values.items() if name in ("loss_account", "lost_cents")}
        self.record(work, actor, f"reversal.{state}", reversal.id, ground, details)
        self._let_move_again(work, reversal, ground or f"Contre-passation réglée : {reversal.id}", actor)
        self.tell(work, self._known(work.connection, reversal.id))

    def lift(self, work: UnitOfWork, member_id: str, ground: str, actor: Actor) -> bool:
        """Lifts the freeze that the member's reversals rest on; False when none of ours stands."""
        for each in repository.open_of_member(work.connection, member_id):
            if each.freeze_id is not None:
                return self._freezes.lift(work, each.freeze_id, ground, actor)
        return False

    def _let_move_again(self, work: UnitOfWork, closed: Reversal, ground: str, actor: Actor) -> None:
        """The freeze goes with the last reversal that needs it: one that is still open takes it over."""
        others = repository.open_of_member(work.connection, closed.member_id)
        if not stops_sending(sum(each.missing_cents for each in others)):
            for freeze_id in sorted({each.freeze_id for each in (closed, *others) if each.freeze_id}):
                self._freezes.lift(work, freeze_id, ground, actor)
        elif closed.freeze_id is not None:
            repository.set_freeze(work.connection, others[0].id, closed.freeze_id)

    def record(
        self,
        work: UnitOfWork,
        actor: Actor,
        act: str,
        reversal_id: str,
        ground: str | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        subject = Subject("reversal", reversal_id)
        self._journal.append(work.connection, actor, act, subject, ground=ground, details=dict(details or {}))

    def tell(self, work: UnitOfWork, reversal: Reversal) -> None:
        changed = ReversalChanged(reversal.id, reversal.amount_cents, str(reversal.state))
        events = [to_console(changed)]
        if reversal.state is not ReversalState.NOT_MINTED:
            events.append(to_member(reversal.member_id, changed))
        self._push.publish(work, *events)

    def _known(self, connection: Connection, reversal_id: str) -> Reversal:
        found = repository.reversal(connection, reversal_id)
        if found is None:
            raise errors.ReversalUnknown()
        return found

    def waits(self, connection: Connection, act: str, reversal_id: str) -> bool:
        return reversal_id in self._two_officers.waiting_subjects(connection, act)

    def _returns_account_is_there(self, connection: Connection) -> bool:
        found = (
            accounts.parties_by_address(connection, [self.returns_account]) if self.returns_account else {}
        )
        party = found.get(self.returns_account)
        return party is not None and party.state == "active" and party.tier == "professional"


def _freeze_ground(reversal: Reversal) -> str:
    return f"La banque a repris un virement crédité : contre-passation {reversal.id}"
