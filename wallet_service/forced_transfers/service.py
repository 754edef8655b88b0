"""A transfer by order and the ledger's procedure: announced, delayed, executed, or halted on the way.

The ledger announces it (`proposeForcedTransfer`), lets its delay pass, in which the pauser may halt it, and
moves the units when it is told to (`executeForcedTransfer`). It passes the payer's freeze, and what is held
does not hinder it. On chain goes only the hash of the ground with a random salt. Owns `forced_transfers`.
Must not know what it is done for: whether one may be asked for, and what its units settle, is its owner's.
"""

from __future__ import annotations

from sqlalchemy import Connection

from wallet_service.chain.ports import ChainEvent, CommandQueue, FailedCommand, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.forced_transfers import decisions, repository
from wallet_service.forced_transfers.models import CaseKind, ForcedTransfer, ForcedTransferState, Order
from wallet_service.forced_transfers.ports import ForcedTransferOwner
from wallet_service.oversight.decisions import ground_hash
from wallet_service.platform.journal import SERVICE, Actor
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.identifiers import new_id, new_salt
from wallet_service.treasury.ports import AskedAct

MAX_FAILURE_CHARACTERS = 60
PROPOSE, EXECUTE = "proposeForcedTransfer", "executeForcedTransfer"
#: The ledger's way of saying that it has executed or cancelled it already: its event is here or on its way.
NOT_PENDING = "ForcedTransferNotPending"


class ForcedTransfers:
    """Those of one kind of case, from the second officer's signature to the ledger's last word."""

    def __init__(
        self, kind: CaseKind, clock: Clock, commands: CommandQueue, owner: ForcedTransferOwner
    ) -> None:
        self._kind = kind
        self._clock = clock
        self._commands = commands
        self._owner = owner

    def register(self, registry: ProjectionRegistry) -> None:
        registry.on_event("ForcedTransferProposed", self.project_proposed)
        registry.on_event("ForcedTransferCanceled", self.project_cancelled)
        registry.on_event("ForcedTransferExecuted", self.project_executed)
        registry.on_command_failed(PROPOSE, self.proposal_failed)
        registry.on_command_failed(EXECUTE, self.execution_failed)
        registry.on_rewind(self.rewind)

    # the officers' side

    def announce(self, work: UnitOfWork, order: Order, asked: AskedAct) -> None:
        """Two officers have signed: the ledger is asked to announce it."""
        salt, transfer_id = new_salt(), new_id()
        hashed = ground_hash(asked.ground, salt)
        repository.insert_transfer(
            work.connection,
            self._kind,
            order.case_id,
            {
                "id": transfer_id,
                "hold_id": order.hold_id,
                "amount_cents": order.amount_cents,
                "ground": asked.ground,
                "ground_salt": salt,
                "ground_hash": hashed,
                "asked_by": asked.asked_by,
                "asked_at_unix_ms": self._clock.now_unix_ms(),
            },
        )
        arguments = [order.from_address, order.to_address, order.amount_cents, hashed]
        ref = f"force:{transfer_id}"
        self._commands.queue_command(work.connection, PROPOSE, arguments, "COMPLIANCE", ref)
        transfer = repository.by_ground_hash(work.connection, self._kind, hashed)
        assert transfer is not None
        details = {"taken_cents": order.amount_cents, "ground_hash": hashed}
        actor = Actor("officer", asked.asked_by)
        self._owner.went_on(work, transfer, actor, "proposed", asked.ground, details)

    def execute_due(
        self, work: UnitOfWork, case_id: str, officer_id: str, hold_id: str | None = None
    ) -> bool:
        """The ledger is told to move the units of the case's first that is due; False when none is."""
        due = [each for each in self.of_case(work.connection, case_id) if self.is_due(each)]
        due = [each for each in due if each.hold_id == hold_id]
        if not due:
            return False
        transfer, executions = due[0], due[0].executions + 1
        state, values = ForcedTransferState.EXECUTING, {"executions": executions, "failure": None}
        repository.change(work.connection, transfer.id, state, **values)
        assert transfer.number is not None
        ref = f"force:{transfer.id}:{executions}"
        self._commands.queue_command(work.connection, EXECUTE, [transfer.number], "COMPLIANCE", ref)
        details = {"taken_cents": transfer.amount_cents, "number": transfer.number}
        self._owner.went_on(work, transfer, Actor("officer", officer_id), "executed", None, details)
        return True

    def of_case(self, connection: Connection, case_id: str) -> list[ForcedTransfer]:
        """Oldest first."""
        return repository.of_case(connection, self._kind, case_id)

    def is_under_way(self, connection: Connection, case_id: str, hold_id: str | None = None) -> bool:
        """Whether one may still take something: of that hold, or of the whole case."""
        found = self.of_case(connection, case_id)
        return any(each.state in decisions.UNDER_WAY and hold_id in (None, each.hold_id) for each in found)

    def is_due(self, transfer: ForcedTransfer) -> bool:
        """Whether the ledger would execute it now."""
        return decisions.is_due(transfer, self._clock.now_unix_s())

    # the ledger's side

    def project_proposed(self, work: UnitOfWork, event: ChainEvent) -> None:
        hashed = str(event.arguments["groundHash"])
        transfer = repository.by_ground_hash(work.connection, self._kind, hashed)
        if transfer is None:
            return
        repository.change(
            work.connection,
            transfer.id,
            ForcedTransferState.PROPOSED,
            number=int(event.arguments["number"]),
            executable_at_unix_s=int(event.arguments["executableAt"]),
            proposed_block=event.block_number,
            failure=None,
        )
        self._owner.announced(work, transfer)

    def project_cancelled(self, work: UnitOfWork, event: ChainEvent) -> None:
        """Withdrawn, or halted by the pauser: the case is open for another way."""
        transfer = self._numbered(work, event.arguments["number"])
        if transfer is None:
            return
        if repository.change(work.connection, transfer.id, ForcedTransferState.CANCELLED):
            self._owner.went_on(work, transfer, SERVICE, "cancelled", None, {})

    def project_executed(self, work: UnitOfWork, event: ChainEvent) -> None:
        transfer = self._numbered(work, event.arguments["number"])
        if transfer is None:
            return
        state = ForcedTransferState.EXECUTED
        if repository.change(work.connection, transfer.id, state, final_block=event.block_number):
            self._owner.moved(work, transfer, event)

    def proposal_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        transfer = repository.by_ground_hash(work.connection, self._kind, str(command.arguments[3]))
        if transfer is not None:
            self._failed(work, transfer, ForcedTransferState.FAILED, command.error_name)

    def execution_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        """It stands as announced, with the ledger's reason; an officer may tell it again."""
        transfer = self._numbered(work, command.arguments[0])
        if transfer is not None and command.error_name != NOT_PENDING:
            self._failed(work, transfer, ForcedTransferState.PROPOSED, command.error_name)

    def rewind(self, work: UnitOfWork, last_block_kept: int) -> None:
        """What later blocks said of them is unsaid."""
        repository.rewind(work.connection, self._kind, last_block_kept)

    def _numbered(self, work: UnitOfWork, number: object) -> ForcedTransfer | None:
        return repository.by_number(work.connection, self._kind, int(str(number)))

    def _failed(
        self, work: UnitOfWork, transfer: ForcedTransfer, state: ForcedTransferState, error_name: str
    ) -> None:
        failure = error_name[:MAX_FAILURE_CHARACTERS]
        if repository.change(work.connection, transfer.id, state, failure=failure):
            self._owner.went_on(work, transfer, SERVICE, "refused", None, {"error": failure})
