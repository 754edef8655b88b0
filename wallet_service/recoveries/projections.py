"""What the ledger's final events and its refusals mean to recoveries, and the round that executes the due.

A proposal nobody asked for here is written down all the same: the account's old devices are told, and an
officer may halt it. Owns what an execution does to devices; each of it has its way back.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from wallet_service.chain.ports import ChainEvent, CommandQueue, FailedCommand, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.members import repository as members
from wallet_service.members.decisions import DEFAULT_DEVICE_LABEL, DeviceState
from wallet_service.platform.journal import SERVICE
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.recoveries import decisions, repository
from wallet_service.recoveries.models import AccountRecovery, RecoveryState, RecoveryWay
from wallet_service.recoveries.procedure import CANCEL, EXECUTE, HALT, PROPOSE, VETO, Procedure
from wallet_service.security.passkeys import PasskeyService
from wallet_service.security.sessions import SessionService

MAX_FAILURE_CHARACTERS = 60
#: The ledger's way of saying that it has ended it already: its event is here or on its way.
NOT_PENDING = "RecoveryNotPending"
S = RecoveryState


class RecoveryFollower:
    """`run_due` is its worker's round."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        commands: CommandQueue,
        procedure: Procedure,
        sessions: SessionService,
        passkeys: PasskeyService,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._commands = commands
        self._procedure = procedure
        self._sessions = sessions
        self._passkeys = passkeys

    def register(self, registry: ProjectionRegistry) -> None:
        """Names the events and refusals it follows."""
        registry.on_event("RecoveryProposed", self.project_proposed)
        registry.on_event("RecoveryVetoed", self._ending(S.VETOED, "recovery.vetoed"))
        registry.on_event("RecoveryCanceled", self._ending(S.CANCELLED, "recovery.cancelled"))
        registry.on_event("RecoveryExecuted", self.project_executed)
        registry.on_command_failed(PROPOSE, self.proposal_failed)
        for kind in (EXECUTE, VETO):
            registry.on_command_failed(kind, self.step_failed)
        for kind in (CANCEL, HALT):
            registry.on_command_failed(kind, self.withdrawal_failed)
        registry.on_rewind(self.rewind)

    # what the ledger says

    def project_proposed(self, work: UnitOfWork, event: ChainEvent) -> None:
        said = event.arguments
        executable_at_unix_s = int(said["executableAt"])
        told = {
            "number": int(said["number"]),
            "executable_at_unix_s": executable_at_unix_s,
            "next_try_unix_s": executable_at_unix_s,
            "proposed_block": event.block_number,
            "failure": None,
        }
        known = repository.by_ground_hash(work.connection, str(said["groundHash"]))
        if known is None:
            known = self._write_down(work, event, told)
        elif not repository.move(work.connection, known.id, S.PROPOSED, **told):
            return
        if known is not None:
            self._procedure.tell(work, known, S.PROPOSED)

    def _write_down(
        self, work: UnitOfWork, event: ChainEvent, told: dict[str, int | None]
    ) -> AccountRecovery | None:
        """Somebody with the registrar's key proposed it without us: those it concerns hear of it."""
        member = members.find_by_address(work.connection, str(event.arguments["account"]))
        if member is None or repository.by_number(work.connection, int(event.arguments["number"])):
            return None
        recovery_id = new_id()
        repository.insert_recovery(
            work.connection,
            id=recovery_id,
            member_id=member.id,
            signer_address=str(event.arguments["newSigner"]),
            label=DEFAULT_DEVICE_LABEL,
            way=RecoveryWay.LEDGER,
            state=S.PROPOSED,
            asked_at_unix_ms=event.block_timestamp_unix_s * 1000,
            **told,
        )
        found = repository.by_id(work.connection, recovery_id)
        assert found is not None
        self._procedure.record(work, SERVICE, "recovery.unasked", found)
        return found

    def _ending(self, state: RecoveryState, act: str) -> Callable[[UnitOfWork, ChainEvent], None]:
        def project(work: UnitOfWork, event: ChainEvent) -> None:
            recovery = repository.by_number(work.connection, int(event.arguments["number"]))
            if recovery is None:
                return
            ended = {"closed_at_unix_ms": event.block_timestamp_unix_s * 1000}
            ended["final_block"] = event.block_number
            if repository.move(work.connection, recovery.id, state, **ended):
                self._procedure.record(work, SERVICE, act, recovery)
                if state is S.CANCELLED:
                    self._procedure.let_go(work, recovery, SERVICE)
                self._procedure.tell(work, recovery, state)

        return project

    def project_executed(self, work: UnitOfWork, event: ChainEvent) -> None:
        """From here on only the new key signs: the old devices, sessions and passkeys open nothing."""
        recovery = repository.by_number(work.connection, int(event.arguments["number"]))
        if recovery is None:
            return
        connection, member_id = work.connection, recovery.member_id
        known = members.devices_of(connection, member_id)
        new = next((each for each in known if each.signer_address == recovery.signer_address), None)
        dead = [each for each in known if each.state is DeviceState.ACTIVE and each is not new]
        device_id = new.id if new is not None else new_id()
        moved = repository.move(
            connection,
            recovery.id,
            S.EXECUTED,
            final_block=event.block_number,
            closed_at_unix_ms=event.block_timestamp_unix_s * 1000,
            device_id=device_id,
            revoked_device_ids=[each.id for each in dead],
        )
        if not moved:
            return
        for each in dead:
            members.set_device_state(connection, each.id, DeviceState.REVOKED)
        if new is not None:  # the block came a second time
            members.set_device_state(connection, device_id, DeviceState.ACTIVE)
        else:
            self._let_in(work, recovery, device_id)
        for credential_id in self._passkeys.list_ids(connection, "member", member_id):
            self._passkeys.remove(connection, "member", member_id, credential_id)
        self._sessions.close_all(connection, "member", member_id)
        self._drop_others(work, recovery)
        self._procedure.record(work, SERVICE, "recovery.executed", recovery)
        self._procedure.let_go(work, recovery, SERVICE, is_settled=True)
        self._procedure.tell(work, recovery, S.EXECUTED)

    def _let_in(self, work: UnitOfWork, recovery: AccountRecovery, device_id: str) -> None:
        """The new phone's row; none for a key only the ledger knows, or that is another account's."""
        taken = members.device_exists(work.connection, recovery.signer_address)
        if recovery.public_key is None or taken:
            return
        members.insert_device(
            work.connection,
            id=device_id,
            member_id=recovery.member_id,
            signer_address=recovery.signer_address,
            key_kind="p256",
            public_key=recovery.public_key,
            credential_id=None,
            label=recovery.label,
            state=DeviceState.ACTIVE.value,
            created_at_unix_ms=self._clock.now_unix_ms(),
        )

    def _drop_others(self, work: UnitOfWork, executed: AccountRecovery) -> None:
        now_unix_ms = self._clock.now_unix_ms()
        for each in repository.open_of_member(work.connection, executed.member_id):
            if each.state is S.ASKED:
                repository.move(work.connection, each.id, S.CANCELLED, closed_at_unix_ms=now_unix_ms)

    # what the ledger refuses

    def proposal_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        """It waits for an officer again, with the ledger's reason."""
        recovery = repository.by_ground_hash(work.connection, str(command.arguments[3]))
        if recovery is not None:
            self._failed(work, recovery, S.ASKED, command)

    def step_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        """An execution or a veto: announced as before, and the due is tried again a little later."""
        recovery = repository.by_number(work.connection, int(command.arguments[1]))
        if recovery is None or command.error_name == NOT_PENDING:
            return
        again_unix_s = self._clock.now_unix_s() + decisions.TRY_AGAIN_S
        again_unix_s = max(again_unix_s, recovery.executable_at_unix_s or 0)
        self._failed(work, recovery, S.PROPOSED, command, next_try_unix_s=again_unix_s)

    def withdrawal_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        recovery = repository.by_number(work.connection, int(command.arguments[1]))
        if recovery is not None and command.error_name != NOT_PENDING:
            repository.change(work.connection, recovery.id, failure=_short(command))
            self._say_refused(work, recovery, command)

    def _failed(
        self,
        work: UnitOfWork,
        recovery: AccountRecovery,
        state: RecoveryState,
        command: FailedCommand,
        **more: int,
    ) -> None:
        if repository.move(work.connection, recovery.id, state, failure=_short(command), **more):
            self._say_refused(work, recovery, command)
            self._procedure.tell(work, recovery, state)

    def _say_refused(self, work: UnitOfWork, recovery: AccountRecovery, command: FailedCommand) -> None:
        details = {"error": _short(command), "kind": command.kind}
        self._procedure.record(work, SERVICE, "recovery.refused_by_ledger", recovery, details=details)

    # what the chain takes back

    def rewind(self, work: UnitOfWork, last_block_kept: int) -> None:
        """Devices are what they were. Sessions and passkeys are not given back: their owner enters again."""
        for recovery in repository.executed_after(work.connection, last_block_kept):
            for device_id in recovery.revoked_device_ids:
                members.set_device_state(work.connection, device_id, DeviceState.ACTIVE)
            if recovery.device_id is not None:
                members.set_device_state(work.connection, recovery.device_id, DeviceState.PENDING)
        repository.rewind(work.connection, last_block_kept)

    # a worker's round

    def run_due(self) -> int:
        """Has the ledger execute what is due and unvetoed, ends what nobody pursued; how many."""
        with reading(self._engine) as connection:
            due = repository.due(connection, self._clock.now_unix_s())
            late = repository.lapsed(connection, self._clock.now_unix_ms())
        for recovery in due:
            with UnitOfWork(self._engine) as work:
                self._execute(work, recovery)
        for recovery in late:
            with UnitOfWork(self._engine) as work:
                self._lapse(work, recovery)
        return len(due) + len(late)

    def _execute(self, work: UnitOfWork, recovery: AccountRecovery) -> None:
        attempt = recovery.attempts + 1
        if not repository.move(work.connection, recovery.id, S.EXECUTING, attempts=attempt):
            return
        arguments = [recovery.account_address, recovery.number]
        ref = f"recovery:{recovery.id}:{attempt}"
        self._commands.queue_command(work.connection, EXECUTE, arguments, "RELAYER", ref)

    def _lapse(self, work: UnitOfWork, recovery: AccountRecovery) -> None:
        now_unix_ms = self._clock.now_unix_ms()
        if repository.move(work.connection, recovery.id, S.LAPSED, closed_at_unix_ms=now_unix_ms):
            self._procedure.record(work, SERVICE, "recovery.lapsed", recovery)
            self._procedure.let_go(work, recovery, SERVICE)
            self._procedure.tell(work, recovery, S.LAPSED)


def _short(command: FailedCommand) -> str:
    return command.error_name[:MAX_FAILURE_CHARACTERS]
