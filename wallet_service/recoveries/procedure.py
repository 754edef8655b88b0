"""The steps of a recovery that several ways share: stopping the account, telling the ledger, letting go.

All inside the caller's unit of work. Owns what a recovery freezes and what it lifts: its own freeze and the
member's, never one of the issuer's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wallet_service.chain.ports import CommandQueue
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.members import repository as members
from wallet_service.members.additions import SIGNER_KINDS
from wallet_service.oversight import repository as oversight
from wallet_service.oversight.decisions import ground_hash
from wallet_service.oversight.freezes import SECONDS_PER_DAY, FreezeService
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.identifiers import new_salt
from wallet_service.recoveries import decisions, errors, repository
from wallet_service.recoveries.events import recovery_changed
from wallet_service.recoveries.models import AccountRecovery, RecoveryState

FREEZE_GROUND = "Téléphone perdu : demande n° {number}"
LIFT_GROUND = "Fin de la demande de récupération"
PROPOSE, VETO, EXECUTE = "proposeRecovery", "vetoRecovery", "executeRecovery"
CANCEL, HALT = "cancelRecovery", "haltRecovery"


class Procedure:
    """What the phone's side, the officers' side and the ledger's side do alike."""

    def __init__(
        self, clock: Clock, commands: CommandQueue, push: Push, journal: Journal, freezes: FreezeService
    ) -> None:
        self._clock = clock
        self._commands = commands
        self._push = push
        self._journal = journal
        self._freezes = freezes

    def freeze(self, work: UnitOfWork, recovery: AccountRecovery) -> None:
        """Nothing leaves the account; the member's own freeze becomes the service's, so that it stays."""
        until_unix_s = self._clock.now_unix_s() + decisions.FREEZE_DAYS * SECONDS_PER_DAY
        shown = decisions.request_number(recovery.token_digest or "00" * 32)
        freeze_id = self._freezes.freeze_outgoing(
            work, recovery.member_id, FREEZE_GROUND.format(number=shown), until_unix_s, takes_over_own=True
        )
        if freeze_id is not None:
            repository.change(work.connection, recovery.id, freeze_id=freeze_id)

    def propose(self, work: UnitOfWork, recovery: AccountRecovery, ground: str, actor: Actor) -> None:
        """Has the ledger announce the new key. Raises RecoveryMoved, AnotherRecoveryPending, KeyTaken."""
        open_ones = repository.open_of_member(work.connection, recovery.member_id)
        if any(each.state is not RecoveryState.ASKED for each in open_ones if each.id != recovery.id):
            raise errors.AnotherRecoveryPending()
        signer = recovery.signer_address
        if members.device_exists(work.connection, signer) or repository.is_announced(work.connection, signer):
            raise errors.KeyTaken()
        salt, attempt = new_salt(), recovery.attempts + 1
        hashed = ground_hash(ground, salt)
        told = {"ground": ground, "ground_salt": salt, "ground_hash": hashed, "attempts": attempt}
        told |= {"decided_by": actor.actor_id, "failure": None}
        if not repository.move(work.connection, recovery.id, RecoveryState.PROPOSING, **told):
            raise errors.RecoveryMoved()
        self.freeze(work, recovery)
        arguments = [recovery.account_address, recovery.signer_address, SIGNER_KINDS["p256"], hashed]
        self._commands.queue_command(
            work.connection, PROPOSE, arguments, "REGISTRAR", f"recovery:{recovery.id}:{attempt}"
        )
        self.record(work, actor, "recovery.proposing", recovery, ground, {"ground_hash": hashed})
        self.tell(work, recovery, RecoveryState.PROPOSING)

    def let_go(
        self, work: UnitOfWork, recovery: AccountRecovery, actor: Actor, *, is_settled: bool = False
    ) -> None:
        """Lifts what stopped the account for recoveries, once none is open any more.

        Not while two claim to be its owner, one before an officer and one with an old key: that is for an
        officer to lift, unless the new key is in force (`is_settled`).
        """
        if repository.open_of_member(work.connection, recovery.member_id):
            return
        member = oversight.member(work.connection, recovery.member_id)
        standing = oversight.open_freeze(work.connection, recovery.member_id)
        if member is None or member.state != "active" or standing is None or standing.lifted_by is not None:
            return
        is_disputed = repository.is_disputed(work.connection, recovery.member_id, standing.asked_at_unix_ms)
        if is_disputed and not is_settled:
            return
        own = repository.freezes_asked(work.connection, recovery.member_id)
        if standing.id in own or standing.asked_by == recovery.member_id:
            self._freezes.lift(work, standing.id, LIFT_GROUND, actor)

    def record(
        self,
        work: UnitOfWork,
        actor: Actor,
        act: str,
        recovery: AccountRecovery,
        ground: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        subject = Subject("recovery", recovery.id)
        self._journal.append(work.connection, actor, act, subject, ground=ground, details=details)

    def tell(self, work: UnitOfWork, recovery: AccountRecovery, state: RecoveryState) -> None:
        self._push.publish(work, *recovery_changed(recovery.id, recovery.member_id, str(state)))
