"""Taking units back by order for a reversal: asked by one officer, signed by another.

The procedure is `forced_transfers`'; here they go from the member to the returns account. What an executed
one recovers is counted as every recovery is (`ReversalService.count`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Engine

from wallet_service.accounts import repository as accounts
from wallet_service.chain.ports import ChainEvent, CommandQueue, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.forced_transfers.models import CaseKind, ForcedTransfer, Order
from wallet_service.forced_transfers.service import ForcedTransfers
from wallet_service.platform.journal import Actor
from wallet_service.protocol.clock import Clock
from wallet_service.reversals import errors, repository
from wallet_service.reversals.models import RecoveryKind, ReversalState
from wallet_service.reversals.service import FORCE_ACT, ReversalService
from wallet_service.treasury.ports import AskedAct, TwoOfficers


class ForcedRecoveryService:
    """What of a reversal may be taken by order, and what it settles."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        commands: CommandQueue,
        cases: ReversalService,
        two_officers: TwoOfficers,
    ) -> None:
        self._engine = engine
        self._cases = cases
        self._two_officers = two_officers
        self.orders = ForcedTransfers(CaseKind.REVERSAL, clock, commands, self)
        two_officers.on_approved(FORCE_ACT, self._signed)

    def register(self, registry: ProjectionRegistry) -> None:
        self.orders.register(registry)

    # the officers' side

    def ask(self, reversal_id: str, officer_id: str, ground: str) -> None:
        """Asks for a transfer of what is missing, as far as the member holds it; another officer signs.

        Raises ReversalUnknown, ReversalClosed, ReversalAskedFor, ReturnsAccountMissing,
        ForcedTransferUnderWay, NothingToTake.
        """
        with UnitOfWork(self._engine) as work:
            reversal = self._cases.undecided(work, reversal_id)
            self._cases.require_returns_account(work.connection)
            self.require_none_under_way(work, reversal_id)
            held_cents = accounts.balance_of(work.connection, reversal.account_address).available_cents
            taken_cents = min(held_cents, reversal.missing_cents)
            if taken_cents <= 0:
                raise errors.NothingToTake()
            details = {
                "reversal_id": reversal_id,
                "member_id": reversal.member_id,
                "amount_cents": reversal.missing_cents,
                "taken_cents": taken_cents,
            }
            self._two_officers.ask(work, FORCE_ACT, details, ground, officer_id, subject_id=reversal_id)

    def require_none_under_way(self, work: UnitOfWork, reversal_id: str) -> None:
        """Raises ForcedTransferUnderWay."""
        if self.orders.is_under_way(work.connection, reversal_id):
            raise errors.ForcedTransferUnderWay()

    def _signed(self) -> Callable[[UnitOfWork, AskedAct], None]:
        """What the second officer's approval does."""

        def propose(work: UnitOfWork, asked: AskedAct) -> None:
            reversal = self._cases.as_asked(work, asked)
            self.require_none_under_way(work, reversal.id)
            returns_account, taken_cents = self._cases.returns_account, int(asked.details["taken_cents"])
            order = Order(reversal.id, reversal.account_address, returns_account, taken_cents)
            self.orders.announce(work, order, asked)

        return propose

    def execute(self, reversal_id: str, officer_id: str) -> None:
        """Its delay has passed: the ledger is told to move the units.

        Raises ReversalUnknown, ReversalClosed, ReversalAskedFor, ForcedTransferNotDue.
        """
        with UnitOfWork(self._engine) as work:
            self._cases.undecided(work, reversal_id)
            if not self.orders.execute_due(work, reversal_id, officer_id):
                raise errors.ForcedTransferNotDue()

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
        self._cases.record(work, actor, f"reversal.force_{step}", transfer.case_id, ground, details)
        self.announced(work, transfer)

    def announced(self, work: UnitOfWork, transfer: ForcedTransfer) -> None:
        reversal = repository.reversal(work.connection, transfer.case_id)
        if reversal is not None:
            self._cases.tell(work, reversal)

    def moved(self, work: UnitOfWork, transfer: ForcedTransfer, event: ChainEvent) -> None:
        """The returns account has it: it counts."""
        amount_cents, ref = int(event.arguments["value"]), transfer.ground_hash
        self._cases.count(work, event, transfer.case_id, RecoveryKind.FORCED, ref, amount_cents)
        self._cases.close_if_whole(work, transfer.case_id, ReversalState.FORCED)
