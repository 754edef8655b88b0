"""What officers decide about recoveries: what goes to the ledger, after whose look, and what is stopped.

An officer who has looked at the person has the new key announced; from an amount on, and where no key of the
account could object, a second one signs that first. The registrar withdraws what it announced, and the pauser
halts it: a stolen registrar's key replaces nobody's while somebody watches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from wallet_service.accounts import repository as accounts
from wallet_service.chain.ports import CommandQueue, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.identity import repository as identity
from wallet_service.identity.documents import CleanDocument
from wallet_service.members import repository as members
from wallet_service.oversight.approvals import ApprovalService
from wallet_service.oversight.decisions import checked_ground, ground_hash
from wallet_service.oversight.models import Approval
from wallet_service.oversight.service import Oversight
from wallet_service.platform.journal import Actor, Journal
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.signing.envelope import PasskeySite
from wallet_service.protocol.signing.typed_data import Domain
from wallet_service.protocol.text.identifiers import new_salt
from wallet_service.recoveries import decisions, errors, repository
from wallet_service.recoveries.codes import RecoveryCodes
from wallet_service.recoveries.models import AccountRecovery, RecoveryCase, RecoveryState
from wallet_service.recoveries.papers import RecoveryPapers
from wallet_service.recoveries.procedure import CANCEL, HALT, Procedure
from wallet_service.recoveries.projections import RecoveryFollower
from wallet_service.recoveries.service import RecoveryService, VetoMeans
from wallet_service.security.passkeys import PasskeyService
from wallet_service.security.roles import Role
from wallet_service.security.sealing import Sealer
from wallet_service.security.sessions import SessionService

#: The act in `approvals`.
PROPOSE_ACT = "recovery.propose"
MAX_SHOWN = 100
S = RecoveryState


class RecoveryDesk:
    """The officers' side; every act with its ground, in the journal."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        commands: CommandQueue,
        procedure: Procedure,
        approvals: ApprovalService,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._commands = commands
        self._procedure = procedure
        self._approvals = approvals
        approvals.on_approved(PROPOSE_ACT, self._signed)

    # looking

    def open_cases(self) -> list[RecoveryCase]:
        """Oldest first."""
        with reading(self._engine) as connection:
            found = repository.listed(connection, is_open=True, limit=MAX_SHOWN)
            return [self._case(connection, each) for each in found]

    def closed_cases(self, limit: int = 30) -> list[RecoveryCase]:
        """The last closed first."""
        with reading(self._engine) as connection:
            found = repository.listed(connection, is_open=False, limit=limit)
            return [self._case(connection, each) for each in found]

    def case(self, recovery_id: str) -> RecoveryCase:
        """Raises RecoveryUnknown."""
        with reading(self._engine) as connection:
            return self._case(connection, _known(connection, recovery_id))

    def _case(self, connection: Connection, recovery: AccountRecovery) -> RecoveryCase:
        held = accounts.balance_of(connection, recovery.account_address)
        member = members.find(connection, recovery.member_id)
        file = identity.latest_file(connection, recovery.member_id)
        others = repository.open_of_member(connection, recovery.member_id)
        now_unix_ms = self._clock.now_unix_ms()
        may_object = members.has_active_key(connection, recovery.member_id)
        return RecoveryCase(
            recovery=recovery,
            balance_cents=held.posted_cents,
            frozen_outgoing=member is not None and member.frozen_outgoing,
            takes_two=decisions.takes_two(held.posted_cents, may_object=may_object),
            may_object=may_object,
            is_asked_for=recovery.id in self._approvals.waiting_subjects(connection, PROPOSE_ACT),
            is_contested=repository.is_contested(connection, recovery.member_id, now_unix_ms),
            others=sum(each.id != recovery.id for each in others),
            identity_file_id=file.id if file is not None else None,
        )

    # deciding

    def propose(self, recovery_id: str, ground: str, officer_id: str) -> bool:
        """The officer has seen who asks. False when a second officer must sign first.

        Raises GroundMissing, RecoveryUnknown, RecoveryMoved, RecoveryAskedFor, AnotherRecoveryPending.
        """
        ground = checked_ground(ground)
        with UnitOfWork(self._engine) as work:
            recovery = _waiting(work.connection, recovery_id)
            case = self._case(work.connection, recovery)
            if case.is_asked_for:
                raise errors.RecoveryAskedFor()
            if not case.takes_two:
                self._procedure.propose(work, recovery, ground, Actor("officer", officer_id))
                return True
            self._procedure.freeze(work, recovery)
            details = {"member_id": recovery.member_id, "amount_cents": case.balance_cents}
            details |= {"may_object": case.may_object}
            self._approvals.ask(work, PROPOSE_ACT, details, ground, officer_id, subject_id=recovery_id)
            return False

    def _signed(self) -> Callable[[UnitOfWork, Approval], None]:
        """What the second officer's approval does."""

        def propose(work: UnitOfWork, asked: Approval) -> None:
            recovery = _waiting(work.connection, asked.subject_id or "")
            self._procedure.propose(work, recovery, asked.ground, Actor("officer", asked.asked_by))

        return propose

    def cancel(self, recovery_id: str, ground: str, officer_id: str) -> None:
        """Refuses what waits, or withdraws what the ledger has announced.

        Raises GroundMissing, RecoveryUnknown, RecoveryMoved.
        """
        ground = checked_ground(ground)
        with UnitOfWork(self._engine) as work:
            recovery = _known(work.connection, recovery_id)
            actor, now_unix_ms = Actor("officer", officer_id), self._clock.now_unix_ms()
            if recovery.state is not S.ASKED:
                self._withdraw(work, recovery, CANCEL, ground, actor)
                return
            ended = {"closed_at_unix_ms": now_unix_ms, "decided_by": officer_id, "ground": ground}
            if not repository.move(work.connection, recovery_id, S.CANCELLED, **ended):
                raise errors.RecoveryMoved()
            self._procedure.record(work, actor, "recovery.declined", recovery, ground)
            self._procedure.let_go(work, recovery, actor)
            self._procedure.tell(work, recovery, S.CANCELLED)

    def halt(self, recovery_id: str, ground: str, officer_id: str) -> None:
        """The pauser's key stops what is announced. Raises GroundMissing, RecoveryUnknown, RecoveryMoved."""
        ground = checked_ground(ground)
        with UnitOfWork(self._engine) as work:
            recovery = _known(work.connection, recovery_id)
            self._withdraw(work, recovery, HALT, ground, Actor("officer", officer_id))

    def _withdraw(
        self, work: UnitOfWork, recovery: AccountRecovery, kind: str, ground: str, actor: Actor
    ) -> None:
        """The ledger ends it; until its event is here, it stands."""
        if recovery.number is None or recovery.state not in decisions.ON_LEDGER:
            raise errors.RecoveryMoved()
        salt, attempt = new_salt(), recovery.attempts + 1
        hashed = ground_hash(ground, salt)
        repository.change(work.connection, recovery.id, attempts=attempt)
        arguments = [recovery.account_address, recovery.number, hashed]
        role: Role = "REGISTRAR" if kind == CANCEL else "PAUSER"
        ref = f"recovery:{recovery.id}:{attempt}"
        self._commands.queue_command(work.connection, kind, arguments, role, ref)
        act = "recovery.withdrawing" if kind == CANCEL else "recovery.halting"
        details = {"ground_hash": hashed, "ground_salt": salt}
        self._procedure.record(work, actor, act, recovery, ground, details)


def _known(connection: Connection, recovery_id: str) -> AccountRecovery:
    found = repository.by_id(connection, recovery_id)
    if found is None:
        raise errors.RecoveryUnknown()
    return found


def _waiting(connection: Connection, recovery_id: str) -> AccountRecovery:
    found = _known(connection, recovery_id)
    if found.state is not S.ASKED:
        raise errors.RecoveryMoved()
    return found


@dataclass(frozen=True)
class Recoveries:
    """The services and their follower put together: what faces know as `services.recoveries`."""

    phones: RecoveryService
    desk: RecoveryDesk
    codes: RecoveryCodes
    papers: RecoveryPapers
    follower: RecoveryFollower

    def register(self, registry: ProjectionRegistry) -> None:
        """After members and freezes: it reads what those have just written."""
        self.follower.register(registry)


@dataclass(frozen=True)
class RecoveryMeans:
    """What a recovery stops, closes and is checked by."""

    oversight: Oversight
    sessions: SessionService
    passkeys: PasskeyService
    domain: Callable[[], Domain]
    site: PasskeySite
    sealer: Sealer
    clean: Callable[[str, bytes], CleanDocument]  # makes a stranger's document safe to keep


def make_recoveries(
    engine: Engine, clock: Clock, commands: CommandQueue, push: Push, journal: Journal, means: RecoveryMeans
) -> Recoveries:
    """Built by bootstrap."""
    procedure = Procedure(clock, commands, push, journal, means.oversight.freezes)
    return Recoveries(
        RecoveryService(engine, clock, commands, procedure, VetoMeans(means.domain, means.site)),
        RecoveryDesk(engine, clock, commands, procedure, means.oversight.approvals),
        RecoveryCodes(engine, clock, journal),
        RecoveryPapers(engine, clock, push, means.sealer, journal, means.clean),
        RecoveryFollower(engine, clock, commands, procedure, means.sessions, means.passkeys),
    )
