"""Freezing a member on a ground until a date, and lifting it. Owns `freezes` and `members.frozen_*`.

The chain decides: a freeze is active when the ledger says so. On chain goes only the hash of the ground with
a random salt, which stays here so that the ground can be proved later.
"""

from __future__ import annotations

import secrets

from sqlalchemy import Engine

from wallet_service.chain.ports import ChainEvent, CommandQueue, FailedCommand, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.journal import SERVICE, Actor, Journal, Subject
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.identifiers import new_id
from wallet_service.push import Push
from wallet_service.supervision import decisions, errors, repository
from wallet_service.supervision.models import Freeze, FreezeOrder, FrozenMember

SALT_BYTES = 32
MAX_FAILURE_CHARACTERS = 200
CONSOLE = "console"


class FreezeService:
    def __init__(
        self, engine: Engine, clock: Clock, commands: CommandQueue, push: Push, journal: Journal
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._commands = commands
        self._push = push
        self._journal = journal

    def register(self, registry: ProjectionRegistry) -> None:
        registry.on_event("Frozen", self.project_frozen)
        registry.on_event("Unfrozen", self.project_unfrozen)
        registry.on_command_failed("freeze", self.freeze_failed)
        registry.on_command_failed("unfreeze", self.unfreeze_failed)
        registry.on_rewind(self.rewind)

    # what officers do

    def freeze(self, order: FreezeOrder, officer_id: str) -> str:
        """Asks the ledger to freeze; returns the freeze's id. A newer freeze replaces an older one.

        Raises GroundMissing, FreezeWithoutDirection, FreezePeriodInvalid, MemberUnknown, MemberNotEnrolled.
        """
        ground = decisions.checked_ground(order.ground)
        decisions.check_freeze(order.incoming, order.outgoing, order.until_unix_s, self._clock.now_unix_s())
        salt = _new_salt()
        ground_hash, freeze_id = decisions.ground_hash(ground, salt), new_id()
        with UnitOfWork(self._engine) as work:
            member = self._enrolled(work, order.member_id)
            repository.insert_freeze(
                work.connection,
                {
                    "id": freeze_id,
                    "member_id": member.id,
                    "incoming": order.incoming,
                    "outgoing": order.outgoing,
                    "ground": ground,
                    "ground_salt": salt,
                    "ground_hash": ground_hash,
                    "until_unix_s": order.until_unix_s,
                    "asked_by": officer_id,
                    "asked_at_unix_ms": self._clock.now_unix_ms(),
                },
            )
            self._commands.queue_command(
                work.connection,
                "freeze",
                [member.account_address, order.incoming, order.outgoing, ground_hash, order.until_unix_s],
                "COMPLIANCE",
                f"freeze:{freeze_id}",
            )
            self._journal.append(
                work.connection,
                Actor("officer", officer_id),
                "member.frozen",
                Subject("member", member.id),
                ground=ground,
                details={
                    "freeze_id": freeze_id,
                    "incoming": order.incoming,
                    "outgoing": order.outgoing,
                    "until_unix_s": order.until_unix_s,
                    "ground_hash": ground_hash,
                },
            )
            self._tell(work, member.id)
        return freeze_id

    def unfreeze(self, member_id: str, ground: str, officer_id: str) -> None:
        """Asks the ledger to lift every freeze of the member; a second asking changes nothing.

        Raises GroundMissing, MemberUnknown, NothingFrozen.
        """
        ground = decisions.checked_ground(ground)
        salt = _new_salt()
        ground_hash = decisions.ground_hash(ground, salt)
        with UnitOfWork(self._engine) as work:
            member = self._enrolled(work, member_id)
            if repository.open_freeze(work.connection, member_id) is None:
                raise errors.NothingFrozen()
            if not repository.ask_to_lift(work.connection, member_id, officer_id):
                return
            self._commands.queue_command(
                work.connection,
                "unfreeze",
                [member.account_address, ground_hash],
                "COMPLIANCE",
                f"unfreeze:{new_id()}",
            )
            self._journal.append(
                work.connection,
                Actor("officer", officer_id),
                "member.unfrozen",
                Subject("member", member_id),
                ground=ground,
                details={"ground_hash": ground_hash, "ground_salt": salt},
            )
            self._tell(work, member_id)

    def of_member(self, member_id: str, limit: int = 50) -> list[Freeze]:
        """Newest first."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return repository.freezes_of(connection, member_id, limit)

    def expire_due(self) -> int:
        """Lets go of freezes whose end has passed; how many members. For a worker, every few seconds."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            if not repository.some_frozen(connection):
                return 0  # the common case costs no write lock
        with UnitOfWork(self._engine) as work:
            concerned = repository.expire(work.connection, self._clock.now_unix_s())
            for member_id in concerned:
                incoming, outgoing = repository.active_directions(work.connection, member_id)
                repository.mark_member(work.connection, member_id, incoming, outgoing)
                self._journal.append(
                    work.connection, SERVICE, "member.freeze_ended", Subject("member", member_id)
                )
                self._tell(work, member_id)
        return len(concerned)

    # what the chain says

    def project_frozen(self, work: UnitOfWork, event: ChainEvent) -> None:
        member = repository.member_of_account(work.connection, event.arguments["account"])
        if member is None:
            return
        until_unix_s = int(event.arguments["until"])
        lasts = until_unix_s == 0 or until_unix_s > self._clock.now_unix_s()
        ground_hash = event.arguments["groundHash"]
        repository.mark_lifted(
            work.connection,
            member.id,
            event.block_timestamp_unix_s * 1000,
            event.block_number,
            but_ground_hash=ground_hash,
        )
        repository.mark_active(work.connection, ground_hash, event.block_number)
        repository.mark_member(
            work.connection,
            member.id,
            bool(event.arguments["incoming"]) and lasts,
            bool(event.arguments["outgoing"]) and lasts,
        )
        self._tell(work, member.id)

    def project_unfrozen(self, work: UnitOfWork, event: ChainEvent) -> None:
        member = repository.member_of_account(work.connection, event.arguments["account"])
        if member is None:
            return
        at_unix_ms = event.block_timestamp_unix_s * 1000
        repository.mark_lifted(work.connection, member.id, at_unix_ms, event.block_number)
        repository.mark_member(work.connection, member.id, False, False)
        self._tell(work, member.id)

    def freeze_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        repository.mark_failed(
            work.connection, str(command.arguments[3]), command.error_name[:MAX_FAILURE_CHARACTERS]
        )
        self._report(work, command)

    def unfreeze_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        repository.forget_lifting(
            work.connection, str(command.arguments[0]), command.error_name[:MAX_FAILURE_CHARACTERS]
        )
        self._report(work, command)

    def rewind(self, work: UnitOfWork, last_block_kept: int) -> None:
        for member_id in repository.rewind(work.connection, last_block_kept):
            incoming, outgoing = repository.active_directions(work.connection, member_id)
            repository.mark_member(work.connection, member_id, incoming, outgoing)

    def _report(self, work: UnitOfWork, command: FailedCommand) -> None:
        member = repository.member_of_account(work.connection, str(command.arguments[0]))
        subject = Subject("member", member.id) if member else None
        self._journal.append(
            work.connection,
            SERVICE,
            f"{command.kind}.refused_by_ledger",
            subject,
            details={"error": command.error_name},
        )
        self._push.publish(work, CONSOLE, "freeze.changed", {"member_id": member.id if member else None})

    def _enrolled(self, work: UnitOfWork, member_id: str) -> FrozenMember:
        member = repository.member(work.connection, member_id)
        if member is None:
            raise errors.MemberUnknown()
        if member.state != "active":
            raise errors.MemberNotEnrolled()
        return member

    def _tell(self, work: UnitOfWork, member_id: str) -> None:
        self._push.publish(work, CONSOLE, "freeze.changed", {"member_id": member_id})
        self._push.publish(work, f"member:{member_id}", "member.changed", {"member_id": member_id})


def _new_salt() -> str:
    return "0x" + secrets.token_hex(SALT_BYTES)
