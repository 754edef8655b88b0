"""Taking back by order what a dispute holds: asked by one officer, signed by another, done by the ledger.

The procedure is `forced_transfers`'; here they go from one holder to the payer. Owns `dispute_returns`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Engine

from wallet_service.chain.ports import ChainEvent, CommandQueue, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.disputes import errors, repository
from wallet_service.disputes.holding import repository as holds_repository
from wallet_service.disputes.holding.book import HoldBook
from wallet_service.disputes.models import Dispute, DisputeState, Hold, ReturnKind
from wallet_service.forced_transfers.models import CaseKind, ForcedTransfer, Order
from wallet_service.forced_transfers.service import ForcedTransfers
from wallet_service.platform.journal import Actor
from wallet_service.protocol.clock import Clock
from wallet_service.treasury.ports import AskedAct, TwoOfficers

#: The act in `approvals`.
TAKE_ACT = "dispute.take"


class TakingService:
    """What of a dispute may be taken, and what it settles."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        commands: CommandQueue,
        book: HoldBook,
        two_officers: TwoOfficers,
    ) -> None:
        self._engine = engine
        self._book = book
        self._two_officers = two_officers
        self.orders = ForcedTransfers(CaseKind.DISPUTE, clock, commands, self)
        two_officers.on_approved(TAKE_ACT, self._signed)

    def register(self, registry: ProjectionRegistry) -> None:
        self.orders.register(registry)

    # the officers' side

    def ask(self, dispute_id: str, hold_id: str, officer_id: str, ground: str) -> None:
        """Asks for what that hold holds of an upheld dispute; another officer signs.

        Raises DisputeUnknown, DisputeClosed, NothingHeld, DisputeAskedFor, TakingUnderWay.
        """
        with UnitOfWork(self._engine) as work:
            dispute = upheld(work.connection, dispute_id)
            hold = self._held(work.connection, dispute, hold_id)
            if hold_id in self._two_officers.waiting_subjects(work.connection, TAKE_ACT):
                raise errors.DisputeAskedFor
            details = {
                "dispute_id": dispute_id,
                "hold_id": hold_id,
                "member_id": hold.member_id,
                "amount_cents": hold.left_cents,
            }
            self._two_officers.ask(work, TAKE_ACT, details, ground, officer_id, subject_id=hold_id)

    def waits(self, connection: Connection, holds: list[Hold]) -> bool:
        """Whether a taking from one of these waits for a second officer."""
        waiting = self._two_officers.waiting_subjects(connection, TAKE_ACT)
        return any(hold.id in waiting for hold in holds)

    def require_none_under_way(
        self, connection: Connection, dispute_id: str, hold_id: str | None = None
    ) -> None:
        """Of one hold, or of the whole dispute. Raises TakingUnderWay."""
        if self.orders.is_under_way(connection, dispute_id, hold_id):
            raise errors.TakingUnderWay

    def _held(self, connection: Connection, dispute: Dispute, hold_id: str) -> Hold:
        found = {hold.id: hold for hold in holds_repository.holds_of(connection, dispute.id)}.get(hold_id)
        if found is None or found.left_cents <= 0:
            raise errors.NothingHeld
        self.require_none_under_way(connection, dispute.id, hold_id)
        return found

    def _signed(self) -> Callable[[UnitOfWork, AskedAct], None]:
        """What the second officer's approval does."""

        def propose(work: UnitOfWork, asked: AskedAct) -> None:
            dispute = upheld(work.connection, str(asked.details["dispute_id"]))
            hold = self._held(work.connection, dispute, str(asked.details["hold_id"]))
            taken_cents = int(asked.details["amount_cents"])
            if hold.left_cents != taken_cents:
                raise errors.DisputeMoved
            order = Order(dispute.id, hold.account_address, dispute.payer_address, taken_cents, hold.id)
            self.orders.announce(work, order, asked)

        return propose

    def execute(self, dispute_id: str, hold_id: str, officer_id: str) -> None:
        """Its delay has passed: the ledger is told to move the units.

        Raises DisputeUnknown, DisputeClosed, TakingNotDue.
        """
        with UnitOfWork(self._engine) as work:
            upheld(work.connection, dispute_id)
            if not self.orders.execute_due(work, dispute_id, officer_id, hold_id):
                raise errors.TakingNotDue

    # as its owner

    def went_on(
        self,
        work: UnitOfWork,
        transfer: ForcedTransfer,
        actor: Actor,
        step: str,
        ground: str | None,
        details: Mapping[str, object],
    ) -> None:
        self._book.record(work, actor, f"dispute.take_{step}", transfer.case_id, ground, details)
        self._book.settle(work, transfer.case_id)

    def announced(self, work: UnitOfWork, transfer: ForcedTransfer) -> None:
        self._book.settle(work, transfer.case_id)

    def moved(self, work: UnitOfWork, transfer: ForcedTransfer, event: ChainEvent) -> None:
        """The payer has it: it counts, and is held where it was no more."""
        self._book.count_return(
            work,
            event,
            transfer.case_id,
            ReturnKind.FORCED,
            transfer.ground_hash,
            int(event.arguments["value"]),
            hold_id=transfer.hold_id,
        )


def upheld(connection: Connection, dispute_id: str) -> Dispute:
    """Raises DisputeUnknown, DisputeClosed."""
    dispute = repository.dispute(connection, dispute_id, locked=True)
    if dispute is None:
        raise errors.DisputeUnknown
    if dispute.state is not DisputeState.UPHELD:
        raise errors.DisputeClosed
    return dispute
