"""Taking units back by order: asked by one officer, signed by another, then by the ledger's own procedure.

The ledger announces a forced transfer (`proposeForcedTransfer`), lets its delay pass, in which the pauser may
halt it, and moves the units when it is told to (`executeForcedTransfer`). It passes the payer's freeze. On
chain goes only the hash of the ground with a random salt. Owns `forced_transfers`; what an executed one
recovers is `projections`'.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sqlalchemy import Engine

from wallet_service.accounts import repository as accounts
from wallet_service.chain.ports import ChainEvent, CommandQueue, FailedCommand, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.oversight.decisions import ground_hash
from wallet_service.platform.journal import SERVICE, Actor
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.reversals import decisions, errors, repository
from wallet_service.reversals.models import ForcedTransfer, ForcedTransferState
from wallet_service.reversals.service import FORCE_ACT, ReversalService
from wallet_service.treasury.ports import AskedAct, TwoOfficers

SALT_BYTES = 32
MAX_FAILURE_CHARACTERS = 60
PROPOSE, EXECUTE = "proposeForcedTransfer", "executeForcedTransfer"
#: The ledger's way of saying that it has executed or cancelled it already: its event is here or on its way.
NOT_PENDING = "ForcedTransferNotPending"


class ForcedTransferService:
    """The officers' side and the ledger's side of a transfer by order."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        commands: CommandQueue,
        cases: ReversalService,
        two_officers: TwoOfficers,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._commands = commands
        self._cases = cases
        self._two_officers = two_officers
        two_officers.on_approved(FORCE_ACT, self._asked)

    def register(self, registry: ProjectionRegistry) -> None:
        registry.on_event("ForcedTransferProposed", self.project_proposed)
        registry.on_event("ForcedTransferCanceled", self.project_cancelled)
        registry.on_command_failed(PROPOSE, self.proposal_failed)
        registry.on_command_failed(EXECUTE, self.execution_failed)

    # the officers' side

    def ask(self, reversal_id: str, officer_id: str, ground: str) -> None:
        """Asks for a transfer of what is missing, as far as the member holds it; another officer signs.

        Raises ReversalUnknown, ReversalClosed, ReversalAskedFor, ReturnsAccountMissing,
        ForcedTransferUnderWay, NothingToTake.
        """
        with UnitOfWork(self._engine) as work:
            reversal = self._cases.undecided(work, reversal_id)
            self._cases.require_returns_account(work.connection)
            require_nothing_forced(work, reversal_id)
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

    def _asked(self) -> Callable[[UnitOfWork, AskedAct], None]:
        """What the second officer's approval does: the ledger is asked to announce it."""

        def propose(work: UnitOfWork, asked: AskedAct) -> None:
            reversal = self._cases.as_asked(work, asked)
            require_nothing_forced(work, reversal.id)
            salt, forced_id = "0x" + secrets.token_hex(SALT_BYTES), new_id()
            hashed, taken_cents = ground_hash(asked.ground, salt), int(asked.details["taken_cents"])
            repository.insert_forced(
                work.connection,
                {
                    "id": forced_id,
                    "reversal_id": reversal.id,
                    "amount_cents": taken_cents,
                    "ground": asked.ground,
                    "ground_salt": salt,
                    "ground_hash": hashed,
                    "asked_by": asked.asked_by,
                    "asked_at_unix_ms": self._clock.now_unix_ms(),
                },
            )
            self._commands.queue_command(
                work.connection,
                PROPOSE,
                [reversal.account_address, self._cases.returns_account, taken_cents, hashed],
                "COMPLIANCE",
                f"force:{forced_id}",
            )
            details = {"taken_cents": taken_cents, "ground_hash": hashed}
            actor = Actor("officer", asked.asked_by)
            self._cases.record(work, actor, "reversal.force_proposed", reversal.id, asked.ground, details)
            self._cases.tell(work, reversal)

        return propose

    def execute(self, reversal_id: str, officer_id: str) -> None:
        """Its delay has passed: the ledger is told to move the units.

        Raises ReversalUnknown, ReversalClosed, ReversalAskedFor, ForcedTransferNotDue.
        """
        with UnitOfWork(self._engine) as work:
            reversal = self._cases.undecided(work, reversal_id)
            due = [each for each in repository.forced_of(work.connection, reversal_id) if self._is_due(each)]
            if not due:
                raise errors.ForcedTransferNotDue()
            forced, executions = due[0], due[0].executions + 1
            repository.change_forced(
                work.connection,
                forced.id,
                ForcedTransferState.EXECUTING,
                executions=executions,
                failure=None,
            )
            assert forced.number is not None
            ref = f"force:{forced.id}:{executions}"
            self._commands.queue_command(work.connection, EXECUTE, [forced.number], "COMPLIANCE", ref)
            actor = Actor("officer", officer_id)
            details = {"taken_cents": forced.amount_cents, "number": forced.number}
            self._cases.record(work, actor, "reversal.force_executed", reversal_id, None, details)
            self._cases.tell(work, reversal)

    def _is_due(self, forced: ForcedTransfer) -> bool:
        due_unix_s = forced.executable_at_unix_s
        is_proposed = forced.state is ForcedTransferState.PROPOSED
        return is_proposed and due_unix_s is not None and due_unix_s <= self._clock.now_unix_s()

    # the ledger's side

    def project_proposed(self, work: UnitOfWork, event: ChainEvent) -> None:
        forced = repository.forced_by(work.connection, ground_hash=str(event.arguments["groundHash"]))
        if forced is None:
            return
        repository.change_forced(
            work.connection,
            forced.id,
            ForcedTransferState.PROPOSED,
            number=int(event.arguments["number"]),
            executable_at_unix_s=int(event.arguments["executableAt"]),
            proposed_block=event.block_number,
            failure=None,
        )
        self._tell(work, forced)

    def project_cancelled(self, work: UnitOfWork, event: ChainEvent) -> None:
        """Withdrawn, or halted by the pauser: the reversal is open for another way."""
        forced = repository.forced_by_number(work.connection, int(event.arguments["number"]))
        if forced is None:
            return
        if repository.change_forced(work.connection, forced.id, ForcedTransferState.CANCELLED):
            self._cases.record(work, SERVICE, "reversal.force_cancelled", forced.reversal_id)
            self._tell(work, forced)

    def proposal_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        forced = repository.forced_by(work.connection, ground_hash=str(command.arguments[3]))
        if forced is not None:
            self._failed(work, forced, ForcedTransferState.FAILED, command.error_name)

    def execution_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        """It stands as announced, with the ledger's reason; an officer may tell it again."""
        forced = repository.forced_by_number(work.connection, int(command.arguments[0]))
        if forced is not None and command.error_name != NOT_PENDING:
            self._failed(work, forced, ForcedTransferState.PROPOSED, command.error_name)

    def _failed(
        self, work: UnitOfWork, forced: ForcedTransfer, state: ForcedTransferState, error_name: str
    ) -> None:
        failure = error_name[:MAX_FAILURE_CHARACTERS]
        if repository.change_forced(work.connection, forced.id, state, failure=failure):
            details = {"error": failure}
            act = "reversal.force_refused"
            self._cases.record(work, SERVICE, act, forced.reversal_id, details=details)
            self._tell(work, forced)

    def _tell(self, work: UnitOfWork, forced: ForcedTransfer) -> None:
        reversal = repository.reversal(work.connection, forced.reversal_id)
        if reversal is not None:
            self._cases.tell(work, reversal)


def require_nothing_forced(work: UnitOfWork, reversal_id: str) -> None:
    """Raises ForcedTransferUnderWay."""
    if any(each.state in decisions.UNDER_WAY for each in repository.forced_of(work.connection, reversal_id)):
        raise errors.ForcedTransferUnderWay()
