"""Stopping payments, issuing or redeeming for everybody (one officer), and resuming (two). Owns no table.

A stop is in force in this service from its commit on (`accounts.stops`) and on chain as soon as it is mined;
where the ledger refuses it, it is in force no longer and that is told. Only the chain resumes.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from wallet_service.accounts.stops import stopped_on_ledger, stops_in_force
from wallet_service.chain.ports import ChainEvent, CommandQueue, FailedCommand, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.oversight import decisions, errors, repository
from wallet_service.oversight.approvals import ApprovalService
from wallet_service.oversight.models import STOP_BITS, Approval, Stoppable
from wallet_service.platform.journal import SERVICE, Actor, Journal, Subject
from wallet_service.platform.push import Push, to_members
from wallet_service.protocol.event_kinds import StopsChanged, to_console, to_public
from wallet_service.protocol.text.identifiers import new_id


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
            approvals.on_approved(f"{what}.resume", lambda: self._resume)

    def register(self, registry: ProjectionRegistry) -> None:
        registry.on_event("Stopped", self.project_changed)
        registry.on_event("Resumed", self.project_changed)
        registry.on_command_failed("stop", self.command_failed)
        registry.on_command_failed("resume", self.command_failed)

    def stop(self, what: str, ground: str, officer_id: str) -> None:
        """At once, by one officer; in the service with this very commit.

        Raises StopUnknown, GroundMissing, AlreadyStopped.
        """
        named, ground = checked_stoppable(what), decisions.checked_ground(ground)
        bits = STOP_BITS[named]
        with UnitOfWork(self._engine) as work:
            if self._is_stopped(work.connection, bits):
                raise errors.AlreadyStopped()
            self._commands.queue_command(work.connection, "stop", [bits], "PAUSER", f"stop:{new_id()}")
            self._journal.append(
                work.connection,
                Actor("officer", officer_id),
                f"{named}.stopped",
                Subject("ledger", named),
                ground=ground,
            )
            self._publish_state(work)

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
        self._publish_state(work)

    def project_changed(self, work: UnitOfWork, event: ChainEvent) -> None:
        self._publish_state(work)

    def command_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        self._journal.append(
            work.connection,
            SERVICE,
            f"{command.kind}.refused_by_ledger",
            details={"bits": int(command.arguments[0]), "error": command.error_name},
        )
        self._publish_state(work)

    def _is_stopped(self, connection: Connection, bits: int) -> bool:
        """By the last word said of it, on chain or on its way there: a resumption may still be stopped."""
        last_word = repository.last_word_on_its_way(connection, bits)
        if last_word is not None:
            return last_word == "stop"
        return bool(stopped_on_ledger(connection) & bits)

    def _publish_state(self, work: UnitOfWork) -> None:
        changed = StopsChanged(stops_in_force(work.connection).payments)
        self._push.publish(work, to_console(changed), to_public(changed), to_members(changed))
