"""Taking back by order what a dispute holds: asked by one officer, signed by another, done by the ledger.

As for reversals (`reversals.forced`): the ledger announces a forced transfer, lets its delay pass, in which
the pauser may halt it, and moves the units when it is told to; what is held does not hinder it. Here they go
from one holder to the payer. On chain goes only the hash of the ground with a random salt. Owns
`dispute_takings` and `dispute_returns`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sqlalchemy import Connection, Engine

from wallet_service.chain.ports import ChainEvent, CommandQueue, FailedCommand, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.disputes import errors, repository
from wallet_service.disputes.holding import repository as holds_repository
from wallet_service.disputes.holding.book import MAX_FAILURE_CHARACTERS, HoldBook
from wallet_service.disputes.models import Dispute, DisputeState, Hold, ReturnKind, Taking
from wallet_service.oversight.decisions import ground_hash
from wallet_service.platform.journal import SERVICE, Actor
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.reversals.decisions import UNDER_WAY
from wallet_service.reversals.forced import EXECUTE, NOT_PENDING, PROPOSE, SALT_BYTES
from wallet_service.reversals.models import ForcedTransferState
from wallet_service.treasury.ports import AskedAct, TwoOfficers

#: The act in `approvals`.
TAKE_ACT = "dispute.take"


class TakingService:
    """The officers' side and the ledger's side of a transfer by order."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        commands: CommandQueue,
        book: HoldBook,
        two_officers: TwoOfficers,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._commands = commands
        self._book = book
        self._two_officers = two_officers
        two_officers.on_approved(TAKE_ACT, self._signed)

    def register(self, registry: ProjectionRegistry) -> None:
        registry.on_event("ForcedTransferProposed", self.project_proposed)
        registry.on_event("ForcedTransferCanceled", self.project_cancelled)
        registry.on_event("ForcedTransferExecuted", self.project_executed)
        registry.on_command_failed(PROPOSE, self.proposal_failed)
        registry.on_command_failed(EXECUTE, self.execution_failed)

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

    def _held(self, connection: Connection, dispute: Dispute, hold_id: str) -> Hold:
        found = {hold.id: hold for hold in holds_repository.holds_of(connection, dispute.id)}.get(hold_id)
        if found is None or found.left_cents <= 0:
            raise errors.NothingHeld
        require_nothing_under_way(connection, dispute.id, hold_id)
        return found

    def _signed(self) -> Callable[[UnitOfWork, AskedAct], None]:
        """What the second officer's approval does: the ledger is asked to announce it."""

        def propose(work: UnitOfWork, asked: AskedAct) -> None:
            dispute = upheld(work.connection, str(asked.details["dispute_id"]))
            hold = self._held(work.connection, dispute, str(asked.details["hold_id"]))
            taken_cents = int(asked.details["amount_cents"])
            if hold.left_cents != taken_cents:
                raise errors.DisputeMoved
            salt, taking_id = "0x" + secrets.token_hex(SALT_BYTES), new_id()
            hashed = ground_hash(asked.ground, salt)
            holds_repository.insert_taking(
                work.connection,
                {
                    "id": taking_id,
                    "dispute_id": dispute.id,
                    "hold_id": hold.id,
                    "amount_cents": taken_cents,
                    "ground": asked.ground,
                    "ground_salt": salt,
                    "ground_hash": hashed,
                    "asked_by": asked.asked_by,
                    "asked_at_unix_ms": self._clock.now_unix_ms(),
                },
            )
            parties = [hold.account_address, dispute.payer_address]
            ref = f"take:{taking_id}"
            self._commands.queue_command(
                work.connection, PROPOSE, [*parties, taken_cents, hashed], "COMPLIANCE", ref
            )
            details = {"taken_cents": taken_cents, "ground_hash": hashed}
            actor = Actor("officer", asked.asked_by)
            self._book.record(work, actor, "dispute.take_proposed", dispute.id, asked.ground, details)
            self._book.settle(work, dispute.id)

        return propose

    def execute(self, dispute_id: str, hold_id: str, officer_id: str) -> None:
        """Its delay has passed: the ledger is told to move the units.

        Raises DisputeUnknown, DisputeClosed, TakingNotDue.
        """
        with UnitOfWork(self._engine) as work:
            upheld(work.connection, dispute_id)
            found = holds_repository.takings_of(work.connection, dispute_id)
            due = [each for each in found if each.hold_id == hold_id and self.is_due(each)]
            if not due:
                raise errors.TakingNotDue
            taking, executions = due[0], due[0].executions + 1
            state, values = ForcedTransferState.EXECUTING, {"executions": executions, "failure": None}
            holds_repository.change_taking(work.connection, taking.id, state, **values)
            assert taking.number is not None
            ref = f"take:{taking.id}:{executions}"
            self._commands.queue_command(work.connection, EXECUTE, [taking.number], "COMPLIANCE", ref)
            details = {"taken_cents": taking.amount_cents, "number": taking.number}
            actor = Actor("officer", officer_id)
            self._book.record(work, actor, "dispute.take_executed", dispute_id, None, details)
            self._book.settle(work, dispute_id)

    def is_due(self, taking: Taking) -> bool:
        """Whether the ledger would execute it now."""
        due_unix_s = taking.executable_at_unix_s
        is_proposed = taking.state is ForcedTransferState.PROPOSED
        return is_proposed and due_unix_s is not None and due_unix_s <= self._clock.now_unix_s()

    # the ledger's side

    def project_proposed(self, work: UnitOfWork, event: ChainEvent) -> None:
        found = holds_repository.taking_by(work.connection, ground_hash=str(event.arguments["groundHash"]))
        if found is None:
            return
        holds_repository.change_taking(
            work.connection,
            found[0].id,
            ForcedTransferState.PROPOSED,
            number=int(event.arguments["number"]),
            executable_at_unix_s=int(event.arguments["executableAt"]),
            proposed_block=event.block_number,
            failure=None,
        )
        self._book.settle(work, found[0].dispute_id)

    def project_cancelled(self, work: UnitOfWork, event: ChainEvent) -> None:
        """Withdrawn, or halted by the pauser: another may be asked for."""
        found = holds_repository.taking_by(work.connection, number=int(event.arguments["number"]))
        if found is None:
            return
        if holds_repository.change_taking(work.connection, found[0].id, ForcedTransferState.CANCELLED):
            self._book.record(work, SERVICE, "dispute.take_cancelled", found[0].dispute_id)
            self._book.settle(work, found[0].dispute_id)

    def project_executed(self, work: UnitOfWork, event: ChainEvent) -> None:
        """The payer has it: it counts, and is held where it was no more."""
        found = holds_repository.taking_by(work.connection, number=int(event.arguments["number"]))
        if found is None:
            return
        taking, hashed = found
        state = ForcedTransferState.EXECUTED
        if not holds_repository.change_taking(
            work.connection, taking.id, state, final_block=event.block_number
        ):
            return
        amount_cents = int(event.arguments["value"])
        is_new = holds_repository.insert_return(
            work.connection,
            {
                "id": new_id(),
                "dispute_id": taking.dispute_id,
                "hold_id": taking.hold_id,
                "kind": ReturnKind.FORCED,
                "ref": hashed,
                "amount_cents": amount_cents,
                "at_unix_ms": event.block_timestamp_unix_s * 1000,
                "final_block": event.block_number,
            },
        )
        if is_new:
            details = {"amount_cents": amount_cents, "kind": str(ReturnKind.FORCED)}
            self._book.record(work, SERVICE, "dispute.part_returned", taking.dispute_id, details=details)
        self._book.close_if_whole(work, taking.dispute_id)

    def proposal_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        found = holds_repository.taking_by(work.connection, ground_hash=str(command.arguments[3]))
        if found is not None:
            self._failed(work, found[0], ForcedTransferState.FAILED, command.error_name)

    def execution_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        """It stands as announced, with the ledger's reason; an officer may tell it again."""
        found = holds_repository.taking_by(work.connection, number=int(command.arguments[0]))
        if found is not None and command.error_name != NOT_PENDING:
            self._failed(work, found[0], ForcedTransferState.PROPOSED, command.error_name)

    def _failed(self, work: UnitOfWork, taking: Taking, state: ForcedTransferState, error_name: str) -> None:
        failure = error_name[:MAX_FAILURE_CHARACTERS]
        if holds_repository.change_taking(work.connection, taking.id, state, failure=failure):
            details = {"error": failure}
            self._book.record(work, SERVICE, "dispute.take_refused", taking.dispute_id, details=details)
            self._book.settle(work, taking.dispute_id)


def upheld(connection: Connection, dispute_id: str) -> Dispute:
    """Raises DisputeUnknown, DisputeClosed."""
    dispute = repository.dispute(connection, dispute_id, locked=True)
    if dispute is None:
        raise errors.DisputeUnknown
    if dispute.state is not DisputeState.UPHELD:
        raise errors.DisputeClosed
    return dispute


def require_nothing_under_way(connection: Connection, dispute_id: str, hold_id: str | None = None) -> None:
    """Of one hold, or of the whole dispute. Raises TakingUnderWay."""
    found = holds_repository.takings_of(connection, dispute_id)
    if any(each.state in UNDER_WAY and hold_id in (None, each.hold_id) for each in found):
        raise errors.TakingUnderWay
