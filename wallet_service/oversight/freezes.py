"""Freezing a member on a ground until a date, and lifting it. Owns `freezes`; the one projection of freezes.

A freeze is in force in this service from the commit of the asking on, and active when the ledger says so;
one that the ledger refuses is undone here, and the member is told. It is lifted when the ledger lifts it. On
chain goes only the hash of the ground with a random salt, which stays here so that the ground can be proved.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine

from wallet_service.chain.ports import ChainEvent, CommandQueue, FailedCommand, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.members.repository import mark_frozen
from wallet_service.oversight import decisions, errors, repository
from wallet_service.oversight.models import Freeze, FreezeOrder, FrozenMember
from wallet_service.platform.journal import SERVICE, Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import FreezeChanged, MemberChanged, to_console, to_member
from wallet_service.protocol.text.identifiers import new_id, new_salt
from wallet_service.security.passkeys import check_shown

SECONDS_PER_DAY = 86_400
#: What stands as the ground when members freeze their own account, and lift that.
OWN_GROUND = "Gelé par le membre : téléphone perdu ou volé"
OWN_LIFT_GROUND = "Levé par le membre"
MAX_FAILURE_CHARACTERS = 200


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

        Raises GroundMissing, FreezeWithoutDirection, FreezePeriodInvalid, MemberNotFound, MemberNotEnrolled.
        """
        ground = decisions.checked_ground(order.ground)
        decisions.check_freeze(order.incoming, order.outgoing, order.until_unix_s, self._clock.now_unix_s())
        with UnitOfWork(self._engine) as work:
            member = self._enrolled(work, order.member_id)
            return self._ask(work, member, replace(order, ground=ground), Actor("officer", officer_id))

    def freeze_outgoing(
        self,
        work: UnitOfWork,
        member_id: str,
        ground: str,
        until_unix_s: int,
        *,
        takes_over_own: bool = False,
    ) -> str | None:
        """Freezes sending on the service's own account, in the caller's unit of work; the freeze's id.

        None where it cannot (nobody enrolled) or need not be: an open freeze stops sending already. One that
        stops receiving alone is replaced by one of both, good as long as the longer of the two.
        `takes_over_own`: so is one the member asked for, which must not be the member's to lift any more.
        """
        member = repository.member(work.connection, member_id)
        if member is None or member.state != "active":
            return None
        standing = repository.open_freeze(work.connection, member_id)
        is_own = standing is not None and standing.asked_by == member_id
        if standing is not None and standing.outgoing and not (is_own and takes_over_own):
            return None
        incoming = standing is not None and standing.incoming
        until_unix_s = max(until_unix_s, standing.until_unix_s if standing else 0)
        order = FreezeOrder(member_id, incoming, True, decisions.checked_ground(ground), until_unix_s)
        return self._ask(work, member, order, SERVICE)

    def lift(self, work: UnitOfWork, freeze_id: str, ground: str, actor: Actor) -> bool:
        """Asks to lift that very freeze, in the caller's unit of work.

        False when it is over already, or another has replaced it: the ledger lifts all or nothing, and what
        somebody else froze is theirs to lift.
        """
        standing = repository.freeze_by_id(work.connection, freeze_id)
        if standing is None or not standing.is_open:
            return False
        newest = repository.open_freeze(work.connection, standing.member_id)
        if newest is None or newest.id != freeze_id:
            return False
        member = self._enrolled(work, standing.member_id)
        return self._ask_to_lift(work, member, decisions.checked_ground(ground), actor)

    # what members do about their own account

    def freeze_own(self, member_id: str) -> None:
        """A phone is lost: nothing leaves the account from now on. Asking again changes nothing.

        Beside a freeze of the issuer's it is the issuer's too, since the ledger lifts all or nothing. Raises
        MemberNotFound, MemberNotEnrolled.
        """
        until_unix_s = self._clock.now_unix_s() + decisions.MAX_FREEZE_DAYS * SECONDS_PER_DAY
        with UnitOfWork(self._engine) as work:
            member = self._enrolled(work, member_id)
            standing = repository.open_freeze(work.connection, member_id)
            if standing is not None:
                self.freeze_outgoing(work, member_id, OWN_GROUND, until_unix_s)
                return
            order = FreezeOrder(member_id, False, True, OWN_GROUND, until_unix_s)
            self._ask(work, member, order, Actor("member", member_id))

    def lift_own(self, member_id: str, *, by_passkey: bool) -> None:
        """Undone by its member; with a passkey where there is one: a lost phone must not undo it.

        Raises MemberNotFound, NothingFrozen, FrozenByOthers, FreezePasskeyNeeded.
        """
        with UnitOfWork(self._engine) as work:
            member = self._enrolled(work, member_id)
            standing = repository.open_freeze(work.connection, member_id)
            if standing is None:
                raise errors.NothingFrozen()
            if standing.asked_by != member_id:
                raise errors.FrozenByOthers()
            check_shown(work.connection, member_id, by_passkey, errors.FreezePasskeyNeeded)
            self._ask_to_lift(work, member, OWN_LIFT_GROUND, Actor("member", member_id))

    def is_own(self, member_id: str) -> bool:
        """Whether the member may lift what freezes the account, and has not asked to yet."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            standing = repository.open_freeze(connection, member_id)
        return standing is not None and standing.asked_by == member_id and standing.lifted_by is None

    def _ask(self, work: UnitOfWork, member: FrozenMember, order: FreezeOrder, actor: Actor) -> str:
        salt = new_salt()
        ground_hash, freeze_id = decisions.ground_hash(order.ground, salt), new_id()
        repository.insert_freeze(
            work.connection,
            {
                "id": freeze_id,
                "member_id": member.id,
                "incoming": order.incoming,
                "outgoing": order.outgoing,
                "ground": order.ground,
                "ground_salt": salt,
                "ground_hash": ground_hash,
                "until_unix_s": order.until_unix_s,
                "asked_by": actor.actor_id or actor.kind,
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
        self._put_in_force(work, member.id)
        self._journal.append(
            work.connection,
            actor,
            "member.frozen",
            Subject("member", member.id),
            ground=order.ground,
            details={
                "freeze_id": freeze_id,
                "incoming": order.incoming,
                "outgoing": order.outgoing,
                "until_unix_s": order.until_unix_s,
                "ground_hash": ground_hash,
            },
        )
        self._publish_state(work, member.id)
        return freeze_id

    def unfreeze(self, member_id: str, ground: str, officer_id: str) -> None:
        """Asks the ledger to lift every freeze of the member; a second asking changes nothing.

        Raises GroundMissing, MemberNotFound, NothingFrozen.
        """
        ground = decisions.checked_ground(ground)
        with UnitOfWork(self._engine) as work:
            member = self._enrolled(work, member_id)
            if repository.open_freeze(work.connection, member_id) is None:
                raise errors.NothingFrozen()
            self._ask_to_lift(work, member, ground, Actor("officer", officer_id))

    def _ask_to_lift(self, work: UnitOfWork, member: FrozenMember, ground: str, actor: Actor) -> bool:
        """False when it is asked for already."""
        salt = new_salt()
        ground_hash = decisions.ground_hash(ground, salt)
        if not repository.ask_to_lift(work.connection, member.id, actor.actor_id or actor.kind):
            return False
        self._commands.queue_command(
            work.connection,
            "unfreeze",
            [member.account_address, ground_hash],
            "COMPLIANCE",
            f"unfreeze:{new_id()}",
        )
        self._journal.append(
            work.connection,
            actor,
            "member.unfrozen",
            Subject("member", member.id),
            ground=ground,
            details={"ground_hash": ground_hash, "ground_salt": salt},
        )
        self._publish_state(work, member.id)
        return True

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
                self._put_in_force(work, member_id)
                self._journal.append(
                    work.connection, SERVICE, "member.freeze_ended", Subject("member", member_id)
                )
                self._publish_state(work, member_id)
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
        self._put_in_force(
            work,
            member.id,
            incoming=bool(event.arguments["incoming"]) and lasts,
            outgoing=bool(event.arguments["outgoing"]) and lasts,
        )
        self._publish_state(work, member.id)

    def project_unfrozen(self, work: UnitOfWork, event: ChainEvent) -> None:
        member = repository.member_of_account(work.connection, event.arguments["account"])
        if member is None:
            return
        at_unix_ms = event.block_timestamp_unix_s * 1000
        repository.mark_lifted(work.connection, member.id, at_unix_ms, event.block_number)
        self._put_in_force(work, member.id, incoming=False, outgoing=False)
        self._publish_state(work, member.id)

    def freeze_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        repository.mark_failed(
            work.connection, str(command.arguments[3]), command.error_name[:MAX_FAILURE_CHARACTERS]
        )
        member = repository.member_of_account(work.connection, str(command.arguments[0]))
        if member is not None:
            self._put_in_force(work, member.id)
            self._push.publish(work, to_member(member.id, MemberChanged(member.id)))
        self._report(work, command)

    def unfreeze_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        repository.forget_lifting(
            work.connection, str(command.arguments[0]), command.error_name[:MAX_FAILURE_CHARACTERS]
        )
        self._report(work, command)

    def rewind(self, work: UnitOfWork, last_block_kept: int) -> None:
        for member_id in repository.rewind(work.connection, last_block_kept):
            self._put_in_force(work, member_id)

    def _put_in_force(
        self, work: UnitOfWork, member_id: str, *, incoming: bool | None = None, outgoing: bool | None = None
    ) -> None:
        """What the ledger holds (as said, or by the active freeze), and every freeze on its way there."""
        active = repository.active_directions(work.connection, member_id)
        asked = repository.asked_directions(work.connection, member_id, self._clock.now_unix_s())
        mark_frozen(
            work.connection,
            member_id,
            incoming=(active[0] if incoming is None else incoming) or asked[0],
            outgoing=(active[1] if outgoing is None else outgoing) or asked[1],
        )

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
        self._push.publish(work, to_console(FreezeChanged(member.id if member else None)))

    def _enrolled(self, work: UnitOfWork, member_id: str) -> FrozenMember:
        member = repository.member(work.connection, member_id)
        if member is None:
            raise errors.MemberNotFound()
        if member.state != "active":
            raise errors.MemberNotEnrolled()
        return member

    def _publish_state(self, work: UnitOfWork, member_id: str) -> None:
        self._push.publish(
            work, to_console(FreezeChanged(member_id)), to_member(member_id, MemberChanged(member_id))
        )
