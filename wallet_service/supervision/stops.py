"""Stopping payments, issuing or redeeming for everybody (one officer), and resuming (two). Owns no table.

The chain decides: something is stopped when the last final block says so.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from wallet_service.chain.ports import ChainEvent, CommandQueue, FailedCommand, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.journal import SERVICE, Actor, Journal, Subject
from wallet_service.protocol.identifiers import new_id
from wallet_service.push import Push
from wallet_service.supervision import decisions, errors, figures_repository, repository
from wallet_service.supervision.approvals import ApprovalService
from wallet_service.supervision.models import STOP_BITS, Approval, Stoppable

CONSOLE, PUBLIC = "console", "public"


def checked_stoppable(what: str) -> Stoppable:
    """Raises StopUnknown."""
    if what not in STOP_BITS:
        raise errors.StopUnknown()
    return what


class StopService:
    def __init__(
        self,
        engine: Engine,
        commands: CommandQueue,
        push: Push,
        journal: Journal,
        approvals: ApprovalService,
    ) -> None:
        self._engine = engine
        self._commands = commands
        self._push = push
        self._journal = journal
        self._approvals = approvals
        for what in STOP_BITS:
            approvals.on_approved(f"{what}.resume", self._resume)

    def register(self, registry: ProjectionRegistry) -> None:
        registry.on_event("Stopped", self.project_changed)
        registry.on_event("Resumed", self.project_changed)
        registry.on_command_failed("stop", self.command_failed)
        registry.on_command_failed("resume", self.command_failed)

    def stop(self, what: str, ground: str, officer_id: str) -> None:
        """At once, by one officer. Raises StopUnknown, GroundMissing, AlreadyStopped."""
        named, ground = checked_stoppable(what), decisions.checked_ground(ground)
        bits = STOP_BITS[named]
        with UnitOfWork(self._engine) as work:
            if self._is_stopped(work.connection, bits) or repository.command_waits(
                work.connection, "stop", bits
            ):
                raise errors.AlreadyStopped()
            self._commands.queue_command(work.connection, "stop", [bits], "PAUSER", f"stop:{new_id()}")
            self._journal.append(
                work.connection,
                Actor("officer", officer_id),
                f"{named}.stopped",
                Subject("ledger", named),
                ground=ground,
            )
            self._tell(work)

    def ask_resume(self, what: str, ground: str, officer_id: str) -> str:
        """First of two officers; returns the approval's id.

        Raises StopUnknown, GroundMissing, NotStopped, ResumeAlreadyAsked.
        """
        named, ground = checked_stoppable(what), decisions.checked_ground(ground)
        with UnitOfWork(self._engine) as work:
            if not self._is_stopped(work.connection, STOP_BITS[named]):
                raise errors.NotStopped()
            if self._approvals.waits(work, f"{named}.resume"):
                raise errors.ResumeAlreadyAsked()
            return self._approvals.ask(work, f"{named}.resume", {"what": named}, ground, officer_id)

    def _resume(self, work: UnitOfWork, approval: Approval) -> None:
        """What the second officer's approval does."""
        bits = STOP_BITS[checked_stoppable(approval.details["what"])]
        self._commands.queue_command(work.connection, "resume", [bits], "GOVERNOR", f"resume:{approval.id}")
        self._tell(work)

    def project_changed(self, work: UnitOfWork, event: ChainEvent) -> None:
        self._tell(work)

    def command_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        self._journal.append(
            work.connection,
            SERVICE,
            f"{command.kind}.refused_by_ledger",
            details={"bits": int(command.arguments[0]), "error": command.error_name},
        )
        self._tell(work)

    def _is_stopped(self, connection: Connection, bits: int) -> bool:
        event = figures_repository.last_event(connection, "Stopped", "Resumed")
        return event is not None and bool(int(event["stops"]) & bits)

    def _tell(self, work: UnitOfWork) -> None:
        self._push.publish(work, CONSOLE, "stops.changed", {})
        self._push.publish(work, PUBLIC, "stops.changed", {})
