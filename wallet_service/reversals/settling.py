"""How officers settle a reversal: paid back by the member, a loss of a named reserve, the bank's mistake.

A transfer by order is `forced`'s. Every act has its ground and its entry in the journal; two officers decide
about a loss always, about a mistake from an amount on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from wallet_service.accounts import repository as accounts
from wallet_service.chain.ports import CommandQueue, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.journal import Actor, Journal
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import BankEntryResolved, to_console
from wallet_service.reversals import decisions, errors, repository
from wallet_service.reversals.forced import ForcedRecoveryService
from wallet_service.reversals.models import Reversal, ReversalState
from wallet_service.reversals.projections import ReversalFollower
from wallet_service.reversals.service import LOSS_ACT, MISTAKE_ACT, ReversalMeans, ReversalService
from wallet_service.treasury import repository as treasury_repository
from wallet_service.treasury.ports import AskedAct, TwoOfficers


class SettlementService:
    """What officers do about open reversals."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        push: Push,
        cases: ReversalService,
        forced: ForcedRecoveryService,
        two_officers: TwoOfficers,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._cases = cases
        self._forced = forced
        self._two_officers = two_officers
        two_officers.on_approved(LOSS_ACT, self._loss_asked)
        two_officers.on_approved(MISTAKE_ACT, self._mistake_asked)

    def let_pay_back(self, reversal_id: str, officer_id: str, ground: str) -> None:
        """The member agreed to give the units back: sending is no longer frozen, but goes nowhere else.

        The ledger's freeze stops every signed movement, so it must be lifted for this one; while the reversal
        is open the service takes no payment of the member's but to the returns account.

        Raises ReversalUnknown, ReversalClosed, ReturnsAccountMissing, ReversalAskedFor,
        FrozenForAnotherReason.
        """
        with UnitOfWork(self._engine) as work:
            reversal = self._cases.undecided(work, reversal_id)
            self._cases.require_returns_account(work.connection)
            if not repository.allow_pay_back(
                work.connection, reversal_id, officer_id, self._clock.now_unix_ms()
            ):
                raise errors.ReversalAskedFor()
            actor = Actor("officer", officer_id)
            if not self._cases.lift(work, reversal.member_id, ground, actor) and _is_frozen(work, reversal):
                raise errors.FrozenForAnotherReason()
            self._cases.record(work, actor, "reversal.pay_back_allowed", reversal_id, ground)
            self._cases.tell(work, reversal)

    def ask_loss(self, reversal_id: str, account: str, officer_id: str, ground: str) -> None:
        """One officer asks that a named reserve bear what is missing; another signs.

        Raises LossAccountInvalid, ReversalUnknown, ReversalClosed, ReversalAskedFor, ForcedTransferUnderWay.
        """
        account = decisions.checked_account(account)
        with UnitOfWork(self._engine) as work:
            reversal = self._cases.undecided(work, reversal_id)
            self._forced.require_none_under_way(work, reversal_id)
            details = {
                "reversal_id": reversal_id,
                "member_id": reversal.member_id,
                "account": account,
                "amount_cents": reversal.missing_cents,
            }
            self._two_officers.ask(work, LOSS_ACT, details, ground, officer_id, subject_id=reversal_id)

    def _loss_asked(self) -> Callable[[UnitOfWork, AskedAct], None]:
        def book(work: UnitOfWork, asked: AskedAct) -> None:
            reversal = self._cases.as_asked(work, asked)
            lost = {"loss_account": str(asked.details["account"]), "lost_cents": reversal.missing_cents}
            self._cases.close(work, reversal, ReversalState.LOSS, (asked.asked_by, asked.ground), lost)

        return book

    def mistaken(self, reversal_id: str, entry_id: str, officer_id: str, ground: str) -> bool:
        """The bank credited the same euros again; False when it waits for a second officer.

        `entry_id` is that credit, unmatched and of the same amount: nothing is minted for it.

        Raises ReversalUnknown, ReversalClosed, ReversalAskedFor, ForcedTransferUnderWay, ReversalMoved,
        RecreditDoesNotFit.
        """
        with UnitOfWork(self._engine) as work:
            reversal = self._cases.undecided(work, reversal_id)
            self._forced.require_none_under_way(work, reversal_id)
            if not decisions.mistake_takes_two(reversal.amount_cents):
                self._undo(work, reversal, entry_id, (officer_id, ground))
                return True
            self._check_recredit(work.connection, reversal, entry_id)
            details = {
                "reversal_id": reversal_id,
                "member_id": reversal.member_id,
                "entry_id": entry_id,
                "amount_cents": reversal.missing_cents,
            }
            self._two_officers.ask(work, MISTAKE_ACT, details, ground, officer_id, subject_id=reversal_id)
            return False

    def _mistake_asked(self) -> Callable[[UnitOfWork, AskedAct], None]:
        def undo(work: UnitOfWork, asked: AskedAct) -> None:
            reversal = self._cases.as_asked(work, asked)
            self._undo(work, reversal, str(asked.details["entry_id"]), (asked.asked_by, asked.ground))

        return undo

    def _undo(self, work: UnitOfWork, reversal: Reversal, entry_id: str, decided: tuple[str, str]) -> None:
        self._check_recredit(work.connection, reversal, entry_id)
        officer_id, ground = decided
        if not treasury_repository.resolve_entry(work.connection, entry_id, "reversal", officer_id, ground):
            raise errors.RecreditDoesNotFit()
        self._push.publish(work, to_console(BankEntryResolved(entry_id)))
        self._cases.close(work, reversal, ReversalState.MISTAKEN, decided, {"recredit_entry_id": entry_id})

    def _check_recredit(self, connection: Connection, reversal: Reversal, entry_id: str) -> None:
        """Units that came back already must not stay away without a reason: then it is no mere mistake."""
        if reversal.recovered_cents:
            raise errors.ReversalMoved()
        if entry_id not in {
            each.entry_id for each in repository.recredits(connection, reversal.amount_cents)
        }:
            raise errors.RecreditDoesNotFit()


def _is_frozen(work: UnitOfWork, reversal: Reversal) -> bool:
    party = accounts.party_by_id(work.connection, reversal.member_id)
    return party is not None and party.frozen_outgoing


@dataclass(frozen=True)
class ReversalDesk:
    """The three services and their follower put together: what faces know as `services.reversals`."""

    cases: ReversalService
    settling: SettlementService
    forced: ForcedRecoveryService
    follower: ReversalFollower

    def register(self, registry: ProjectionRegistry) -> None:
        """After top-ups, payments and redemptions: it reads what those have just written."""
        self.follower.register(registry)


def make_reversals(
    engine: Engine, clock: Clock, commands: CommandQueue, push: Push, journal: Journal, means: ReversalMeans
) -> ReversalDesk:
    """Built by bootstrap."""
    cases = ReversalService(engine, clock, push, journal, means)
    forced = ForcedRecoveryService(engine, clock, commands, cases, means.two_officers)
    settling = SettlementService(engine, clock, push, cases, forced, means.two_officers)
    return ReversalDesk(cases, settling, forced, ReversalFollower(commands, cases, forced))
