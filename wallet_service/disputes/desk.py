"""What officers decide about a dispute: it goes back, it stays, one hold is let go, no more can be had.

Every act has its ground, which both sides read, and its entry in the journal; from an amount on two officers
decide. Going back is a payment the payee signs, which the ledger's event counts, or a transfer by order
(`takings`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import Gauge
from sqlalchemy import Connection, Engine

from wallet_service.chain.ports import CommandQueue, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.disputes import decisions, errors, repository
from wallet_service.disputes.holding import repository as holds_repository
from wallet_service.disputes.holding.book import HoldBook
from wallet_service.disputes.holding.takings import TAKE_ACT, TakingService, upheld
from wallet_service.disputes.models import Dispute, DisputeState, Hold, Return
from wallet_service.disputes.papers import DisputePapers
from wallet_service.disputes.projections import DisputeFollower
from wallet_service.disputes.reading import DisputeReader, Said
from wallet_service.disputes.service import DisputeService
from wallet_service.forced_transfers.models import ForcedTransfer
from wallet_service.identity.documents import CleanDocument
from wallet_service.members.ports import MemberNames
from wallet_service.oversight.decisions import checked_ground
from wallet_service.platform.journal import Actor, Journal
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.security.sealing import Sealer
from wallet_service.treasury.ports import AskedAct, TwoOfficers

#: The acts in `approvals`.
UPHOLD_ACT, DISMISS_ACT = "dispute.uphold", "dispute.dismiss"
DECISIONS = {UPHOLD_ACT: DisputeState.UPHELD, DISMISS_ACT: DisputeState.DISMISSED}
ACTS = (*DECISIONS, TAKE_ACT)
MAX_SHOWN = 200
UNDECIDED = Gauge("alba_disputes_undecided", "Contested payments that no officer has decided yet")
LATE = Gauge("alba_disputes_late", "Of these, those that should have been decided by now")


@dataclass(frozen=True)
class DisputeCase:
    """A dispute with all an officer needs to decide, but what the sides wrote (`DisputeDesk.read`).

    `wanted`: account -> (cents the ledger was told to hold, cents it said, why it would not).
    """

    dispute: Dispute
    holds: tuple[Hold, ...]
    returns: tuple[Return, ...]
    takings: tuple[ForcedTransfer, ...]
    wanted: dict[str, tuple[int, int | None, str | None]]
    is_asked_for: bool
    takes_two: bool
    is_late: bool

    @property
    def held_cents(self) -> int:
        return sum(hold.left_cents for hold in self.holds)


class DisputeDesk:
    """The officers' side."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        book: HoldBook,
        two_officers: TwoOfficers,
        takings: TakingService,
        reader: DisputeReader,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._book = book
        self._two_officers = two_officers
        self._takings = takings
        self._reader = reader
        for act in DECISIONS:
            two_officers.on_approved(act, self._signed(act))

    # looking

    def listed(self, *, is_open: bool, limit: int = MAX_SHOWN) -> list[DisputeCase]:
        """Those under way, the one due first before others; or those that are over, the last first."""
        with reading(self._engine) as connection:
            found = repository.listed(connection, is_open=is_open, limit=limit)
            return [self._case(connection, each) for each in found]

    def case(self, dispute_id: str) -> DisputeCase:
        """Raises DisputeUnknown."""
        with reading(self._engine) as connection:
            return self._case(connection, _known(connection, dispute_id))

    def count(self) -> None:
        """A round: how many wait for an officer, and how many for too long, for the alarm."""
        with reading(self._engine) as connection:
            undecided, late = repository.undecided(connection, self._clock.now_unix_ms())
        UNDECIDED.set(undecided)
        LATE.set(late)

    def read(self, dispute_id: str, officer_id: str) -> Said:
        """What the two sides wrote; journaled. Raises DisputeUnknown."""
        with UnitOfWork(self._engine) as work:
            dispute = _known(work.connection, dispute_id)
            self._book.record(work, Actor("officer", officer_id), "dispute.file_read", dispute_id)
            return self._reader.said(work.connection, dispute)

    def _case(self, connection: Connection, dispute: Dispute) -> DisputeCase:
        holds = holds_repository.holds_of(connection, dispute.id)
        accounts = {hold.account_address for hold in holds}
        return DisputeCase(
            dispute,
            tuple(holds),
            tuple(holds_repository.returns_of(connection, dispute.id)),
            tuple(self._takings.orders.of_case(connection, dispute.id)),
            {account: holds_repository.wanted_of(connection, account) for account in accounts},
            self._is_asked_for(connection, dispute.id) or self._takings.waits(connection, holds),
            decisions.takes_two(dispute.amount_cents),
            dispute.is_late(self._clock.now_unix_ms()),
        )

    def _is_asked_for(self, connection: Connection, dispute_id: str) -> bool:
        return any(dispute_id in self._two_officers.waiting_subjects(connection, act) for act in DECISIONS)

    # deciding

    def decide(self, act: str, dispute_id: str, ground: str, officer_id: str) -> bool:
        """Upholds or dismisses (`DECISIONS`); False when a second officer must sign first.

        Raises GroundMissing, DisputeUnknown, DisputeClosed, DisputeAskedFor.
        """
        ground = checked_ground(ground)
        with UnitOfWork(self._engine) as work:
            dispute = _open(work.connection, dispute_id)
            if self._is_asked_for(work.connection, dispute_id):
                raise errors.DisputeAskedFor
            if not decisions.takes_two(dispute.amount_cents):
                self._decide(work, act, dispute, ground, officer_id)
                return True
            details = {"member_id": dispute.payee_member_id, "amount_cents": dispute.amount_cents}
            self._two_officers.ask(work, act, details, ground, officer_id, subject_id=dispute_id)
            return False

    def _signed(self, act: str) -> Callable[[], Callable[[UnitOfWork, AskedAct], None]]:
        """What the second officer's approval does."""

        def decide(work: UnitOfWork, asked: AskedAct) -> None:
            dispute = _open(work.connection, asked.subject_id or "")
            self._decide(work, act, dispute, asked.ground, asked.asked_by)

        return lambda: decide

    def _decide(self, work: UnitOfWork, act: str, dispute: Dispute, ground: str, officer_id: str) -> None:
        now_unix_ms, state = self._clock.now_unix_ms(), DECISIONS[act]
        moment = "upheld_at_unix_ms" if state is DisputeState.UPHELD else "closed_at_unix_ms"
        decided = {"decided_by": officer_id, "ground": ground, moment: now_unix_ms}
        if not self._book.move(work, dispute, state, decided):
            raise errors.DisputeClosed
        self._book.record(work, Actor("officer", officer_id), f"dispute.{state}", dispute.id, ground)

    def let_go(self, dispute_id: str, hold_id: str, ground: str, officer_id: str) -> None:
        """Nothing is held on that account for it any more: whoever holds it has nothing to do with it.

        Raises GroundMissing, DisputeUnknown, DisputeClosed, TakingUnderWay, NothingHeld.
        """
        ground = checked_ground(ground)
        with UnitOfWork(self._engine) as work:
            dispute = _known(work.connection, dispute_id, locked=True)
            if dispute.state not in decisions.HOLDING:
                raise errors.DisputeClosed
            self._takings.require_none_under_way(work.connection, dispute_id, hold_id)
            holds = {hold.id: hold for hold in holds_repository.holds_of(work.connection, dispute_id)}
            now_unix_ms = self._clock.now_unix_ms()
            if hold_id not in holds or not holds_repository.release(work.connection, hold_id, now_unix_ms):
                raise errors.NothingHeld
            details = {"amount_cents": holds[hold_id].left_cents, "hop": holds[hold_id].hop}
            actor = Actor("officer", officer_id)
            self._book.record(work, actor, "dispute.hold_released", dispute_id, ground, details)
            self._book.settle(work, dispute_id)

    def end(self, dispute_id: str, ground: str, officer_id: str) -> None:
        """No more than came back can be had: an upheld dispute is over, and nothing is held for it.

        Raises GroundMissing, DisputeUnknown, DisputeClosed, DisputeAskedFor, TakingUnderWay.
        """
        ground = checked_ground(ground)
        with UnitOfWork(self._engine) as work:
            dispute = upheld(work.connection, dispute_id)
            self._takings.require_none_under_way(work.connection, dispute_id)
            if self._takings.waits(work.connection, holds_repository.holds_of(work.connection, dispute_id)):
                raise errors.DisputeAskedFor
            closed = {"closed_at_unix_ms": self._clock.now_unix_ms()}
            if not self._book.move(work, dispute, DisputeState.ENDED, closed):
                raise errors.DisputeClosed
            details = {"missing_cents": dispute.missing_cents}
            actor = Actor("officer", officer_id)
            self._book.record(work, actor, "dispute.ended", dispute_id, ground, details)


def _known(connection: Connection, dispute_id: str, *, locked: bool = False) -> Dispute:
    found = repository.dispute(connection, dispute_id, locked=locked)
    if found is None:
        raise errors.DisputeUnknown
    return found


def _open(connection: Connection, dispute_id: str) -> Dispute:
    found = _known(connection, dispute_id, locked=True)
    if found.state is not DisputeState.OPEN:
        raise errors.DisputeClosed
    return found


@dataclass(frozen=True)
class Disputes:
    """The services and their follower put together: what faces know as `services.disputes`."""

    members: DisputeService
    reader: DisputeReader
    papers: DisputePapers
    desk: DisputeDesk
    takings: TakingService
    follower: DisputeFollower

    def register(self, registry: ProjectionRegistry) -> None:
        """After payments: it reads what they have just written."""
        self.follower.register(registry)


@dataclass(frozen=True)
class DisputeMeans:
    """What disputes are decided and shown with. `clean` makes a member's document safe to keep."""

    two_officers: TwoOfficers
    sealer: Sealer
    names: MemberNames
    clean: Callable[[str, bytes], CleanDocument]


def make_disputes(
    engine: Engine, clock: Clock, commands: CommandQueue, push: Push, journal: Journal, means: DisputeMeans
) -> Disputes:
    """Built by bootstrap."""
    book = HoldBook(clock, commands, push, journal)
    takings = TakingService(engine, clock, commands, book, means.two_officers)
    reader = DisputeReader(engine, means.sealer, means.names)
    return Disputes(
        DisputeService(engine, clock, means.sealer, book),
        reader,
        DisputePapers(engine, clock, means.sealer, book, means.clean),
        DisputeDesk(engine, clock, book, means.two_officers, takings, reader),
        takings,
        DisputeFollower(book, takings),
    )
