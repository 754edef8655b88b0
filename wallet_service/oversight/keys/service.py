"""Suspending one key of an account and releasing it: as officers ask, and as the ledger says.

For a telephone in wrong hands: whoever holds it would object to every recovery and go on paying. No other key
takes its place, and the account's others go on. A suspension is in force here from the commit of the asking
on (`accounts.keys` refuses what such a key signs), on the ledger once that is mined; it ends by itself, by an
officer or with a recovery. One that the ledger refuses is undone here. Of the ground only a salted hash goes
on chain. Owns `key_suspensions`; must not give anybody a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine

from wallet_service.chain.ports import ChainEvent, CommandQueue, FailedCommand, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.members import repository as members
from wallet_service.members.decisions import DeviceState, MemberState
from wallet_service.members.repository import Member
from wallet_service.notices.models import NoticeKind
from wallet_service.notices.service import tell
from wallet_service.oversight.decisions import checked_ground, ground_hash
from wallet_service.oversight.errors import MemberNotEnrolled, MemberNotFound
from wallet_service.oversight.keys import decisions, errors, repository
from wallet_service.oversight.keys.models import KeySuspension, SuspendedOnLedger, SuspensionOrder
from wallet_service.platform.journal import SERVICE, Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import MemberChanged, to_console, to_member
from wallet_service.protocol.text.identifiers import new_id, new_salt

SUSPEND, RELEASE = "suspendKey", "releaseKey"
MAX_FAILURE_CHARACTERS = 200


class KeySuspensionService:
    def __init__(
        self, engine: Engine, clock: Clock, commands: CommandQueue, push: Push, journal: Journal
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._commands = commands
        self._push = push
        self._journal = journal

    def register(self, registry: ProjectionRegistry) -> None:
        registry.on_event("KeySuspended", self.project_suspended)
        for name in repository.ENDING_EVENTS:
            registry.on_event(name, self.project_released)
        registry.on_command_failed(SUSPEND, self.suspension_failed)
        registry.on_command_failed(RELEASE, self.release_failed)
        registry.on_rewind(self.rewind)
        registry.on_rebuilt(self.rebuilt)

    # what officers do

    def suspend(self, order: SuspensionOrder, officer_id: str) -> str:
        """Has the ledger suspend that device's key; the suspension's id. Again for another end.

        Raises GroundMissing, SuspensionPeriodInvalid, MemberNotFound, MemberNotEnrolled, KeyNotOfMember,
        AnotherKeySuspended.
        """
        ground, now_unix_s = checked_ground(order.ground), self._clock.now_unix_s()
        until_unix_s = decisions.end_of(order.days, now_unix_s)
        with UnitOfWork(self._engine) as work:
            member = self._enrolled(work.connection, order.member_id)
            signer = _signer_of(work.connection, order)
            standing = repository.standing(work.connection, member.id)
            decisions.check_only_one(standing, signer, now_unix_s)
            return self._ask(work, member, signer, ground, until_unix_s, Actor("officer", officer_id))

    def _ask(
        self, work: UnitOfWork, member: Member, signer: str, ground: str, until_unix_s: int, actor: Actor
    ) -> str:
        salt, suspension_id = new_salt(), new_id()
        hashed = ground_hash(ground, salt)
        repository.insert_asked(
            work.connection,
            id=suspension_id,
            member_id=member.id,
            signer_address=signer,
            ground=ground,
            ground_salt=salt,
            ground_hash=hashed,
            until_unix_s=until_unix_s,
            asked_by=actor.actor_id,
            asked_at_unix_ms=self._clock.now_unix_ms(),
        )
        arguments = [member.account_address, signer, until_unix_s, hashed]
        self._commands.queue_command(
            work.connection, SUSPEND, arguments, "COMPLIANCE", f"suspend:{suspension_id}"
        )
        details = {"signer": signer, "until_unix_s": until_unix_s, "ground_hash": hashed}
        self._record(work, actor, "key.suspended", member.id, ground, details)
        self._tell(work, member.id)
        return suspension_id

    def release(self, member_id: str, ground: str, officer_id: str) -> None:
        """Has the ledger end what is suspended of the member's keys.

        Raises GroundMissing, MemberNotFound, MemberNotEnrolled, NothingSuspended.
        """
        ground, actor = checked_ground(ground), Actor("officer", officer_id)
        with UnitOfWork(self._engine) as work:
            member = self._enrolled(work.connection, member_id)
            standing = repository.standing(work.connection, member_id)
            if standing is None or not standing.is_in_force(self._clock.now_unix_s()):
                raise errors.NothingSuspended()
            if not repository.ask_to_release(work.connection, member_id, officer_id):
                raise errors.NothingSuspended()
            salt = new_salt()
            hashed = ground_hash(ground, salt)
            arguments = [member.account_address, hashed]
            self._commands.queue_command(
                work.connection, RELEASE, arguments, "COMPLIANCE", f"release:{new_id()}"
            )
            details = {"signer": standing.signer_address, "ground_hash": hashed, "ground_salt": salt}
            self._record(work, actor, "key.released", member_id, ground, details)
            self._tell(work, member_id)

    def of_member(self, member_id: str, limit: int = 20) -> list[KeySuspension]:
        """Newest first."""
        with reading(self._engine) as connection:
            return repository.of_member(connection, member_id, limit)

    def in_force(self, member_id: str) -> KeySuspension | None:
        """What is suspended of the member's keys now."""
        with reading(self._engine) as connection:
            standing = repository.standing(connection, member_id)
        return standing if standing is not None and standing.is_in_force(self._clock.now_unix_s()) else None

    # what the ledger says

    def project_suspended(self, work: UnitOfWork, event: ChainEvent) -> None:
        """One that nobody asked for here, by the officer's own key, is written down all the same."""
        member = members.find_by_address(work.connection, event.arguments["account"])
        if member is None:
            return
        said = event.arguments
        on_ledger = SuspendedOnLedger(
            signer_address=said["signer"],
            until_unix_s=int(said["until"]),
            ground_hash=said["groundHash"],
            block_number=event.block_number,
            at_unix_s=event.block_timestamp_unix_s,
        )
        if repository.mark_suspended(work.connection, member.id, on_ledger):
            details = {"signer": on_ledger.signer_address, "until_unix_s": on_ledger.until_unix_s}
            self._record(work, SERVICE, "key.suspended_elsewhere", member.id, None, details)
            self._tell(work, member.id)
        else:
            self._publish(work, member.id)

    def project_released(self, work: UnitOfWork, event: ChainEvent) -> None:
        """By an officer, or with the recovery that ended every old key."""
        member = members.find_by_address(work.connection, event.arguments["account"])
        if member is None:
            return
        at_unix_ms = event.block_timestamp_unix_s * 1000
        if repository.mark_released(work.connection, member.id, at_unix_ms, event.block_number):
            self._publish(work, member.id)

    def suspension_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        repository.mark_failed(work.connection, str(command.arguments[3]), _short(command))
        self._report(work, command)

    def release_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        member = members.find_by_address(work.connection, str(command.arguments[0]))
        if member is not None:
            repository.forget_release(work.connection, member.id, _short(command))
        self._report(work, command)

    def rewind(self, work: UnitOfWork, last_block_kept: int) -> None:
        for member_id in repository.rewind(work.connection, last_block_kept):
            self._publish(work, member_id)

    def rebuilt(self, work: UnitOfWork) -> list[str]:
        """Lets go of what no event says; the comparison of the copies names each."""
        repository.release_unsaid(work.connection, repository.on_ledger(work.connection))
        return []

    # what all share

    def _enrolled(self, connection: Connection, member_id: str) -> Member:
        member = members.find(connection, member_id, locked=True)
        if member is None:
            raise MemberNotFound()
        if member.state is not MemberState.ACTIVE:
            raise MemberNotEnrolled()
        return member

    def _report(self, work: UnitOfWork, command: FailedCommand) -> None:
        member = members.find_by_address(work.connection, str(command.arguments[0]))
        subject = Subject("member", member.id) if member else None
        details = {"error": command.error_name}
        act = f"{command.kind}.refused_by_ledger"
        self._journal.append(work.connection, SERVICE, act, subject, details=details)
        if member is not None:
            self._publish(work, member.id)

    def _record(
        self,
        work: UnitOfWork,
        actor: Actor,
        act: str,
        member_id: str,
        ground: str | None,
        details: Mapping[str, Any],
    ) -> None:
        subject = Subject("member", member_id)
        self._journal.append(work.connection, actor, act, subject, ground=ground, details=details)

    def _tell(self, work: UnitOfWork, member_id: str) -> None:
        """By every way there is: the phones that still are in their owner's hands hear of it."""
        tell(work.connection, member_id, NoticeKind.SECURITY, self._clock.now_unix_ms())
        self._publish(work, member_id)

    def _publish(self, work: UnitOfWork, member_id: str) -> None:
        changed = MemberChanged(member_id)
        self._push.publish(work, to_member(member_id, changed), to_console(changed))


def _signer_of(connection: Connection, order: SuspensionOrder) -> str:
    """The key of that device, which signs for the member. Raises KeyNotOfMember."""
    known = members.devices_of(connection, order.member_id)
    device = next((one for one in known if one.id == order.device_id), None)
    if device is None or device.state is not DeviceState.ACTIVE:
        raise errors.KeyNotOfMember()
    return device.signer_address


def _short(command: FailedCommand) -> str:
    return command.error_name[:MAX_FAILURE_CHARACTERS]
