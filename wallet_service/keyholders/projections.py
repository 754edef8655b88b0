"""What the ledger's final events and its refusals mean to keys of further people.

A limited key that somebody registered past the service is written down all the same: its holder sees it.
"""

from __future__ import annotations

from wallet_service.accounts.models import KeyLimits
from wallet_service.chain.ports import ChainEvent, FailedCommand, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.keyholders import repository
from wallet_service.keyholders.models import EndedBy, Keyholder, KeyholderKind, KeyholderState
from wallet_service.keyholders.service import ADD_LIMITED, Keyholders
from wallet_service.members import repository as members
from wallet_service.notices.models import NoticeKind
from wallet_service.notices.service import tell
from wallet_service.platform.journal import SERVICE
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import MemberChanged, to_member
from wallet_service.protocol.text.identifiers import new_id

S = KeyholderState


class KeyholderFollower:
    """All handlers may be called again for the same event."""

    def __init__(self, clock: Clock, push: Push, keyholders: Keyholders) -> None:
        self._clock = clock
        self._push = push
        self._keyholders = keyholders

    def register(self, registry: ProjectionRegistry) -> None:
        """Names the events and refusals it follows."""
        registry.on_event("LimitedSignerAdded", self.project_limited)
        registry.on_event("SignerAdded", self.project_added)
        registry.on_event("SignerRemoved", self.project_removed)
        registry.on_event("RecoveryExecuted", self.project_recovered)
        registry.on_command_failed(ADD_LIMITED, self.addition_failed)
        registry.on_rewind(self.rewind)

    def project_limited(self, work: UnitOfWork, event: ChainEvent) -> None:
        """The limits are the ledger's, whatever was asked for."""
        said = event.arguments
        limits = KeyLimits(int(said["maxPayment"]), int(said["maxPerDay"]), int(said["expiresAt"]))
        known = _of_event(work, event)
        if known is None:
            self._write_down(work, event, limits)
            return
        if known.state is S.ENDED:
            return
        repository.set_limits(work.connection, known.id, limits)
        self._activate(work, known, event.block_number)

    def project_added(self, work: UnitOfWork, event: ChainEvent) -> None:
        """A joint holder's key; every other full key is a device's alone."""
        known = _of_event(work, event)
        if known is not None and not known.is_limited:
            self._activate(work, known, event.block_number)

    def _activate(self, work: UnitOfWork, known: Keyholder, block_number: int) -> None:
        if repository.move(work.connection, known, S.ACTIVE, added_block=block_number):
            self._push.publish(work, to_member(known.member_id, MemberChanged(known.member_id)))

    def _write_down(self, work: UnitOfWork, event: ChainEvent, limits: KeyLimits) -> None:
        """Registered past the service, by the registrar and the account's own word."""
        connection, signer = work.connection, str(event.arguments["signer"])
        member = members.find_by_address(connection, str(event.arguments["account"]))
        if member is None or members.device_exists(connection, signer):
            return
        keyholder_id, now_unix_ms = new_id(), self._clock.now_unix_ms()
        repository.insert_keyholder(
            connection,
            limits,
            id=keyholder_id,
            member_id=member.id,
            kind=KeyholderKind.HELPER,
            state=S.ACTIVE,
            sealed_name=None,
            invitation=f"ledger:{keyholder_id}",
            old_public_key="",
            public_key="",
            signer_address=signer,
            label="",
            invitation_ends_at_unix_ms=now_unix_ms,
            created_at_unix_ms=now_unix_ms,
            added_at_unix_ms=event.block_timestamp_unix_s * 1000,
            added_block=event.block_number,
        )
        tell(connection, member.id, NoticeKind.SECURITY, now_unix_ms)
        self._push.publish(work, to_member(member.id, MemberChanged(member.id)))

    def project_removed(self, work: UnitOfWork, event: ChainEvent) -> None:
        known = _of_event(work, event)
        if known is not None:
            self._keyholders.mark_ended(work, known, EndedBy.LEDGER, SERVICE, event.block_number)

    def project_recovered(self, work: UnitOfWork, event: ChainEvent) -> None:
        """The generation is another: no key of before signs any more."""
        member = members.find_by_address(work.connection, str(event.arguments["account"]))
        if member is None:
            return
        for known, _ in repository.of_member(work.connection, member.id):
            if known.state in repository.INVITATIONS:
                repository.forget_invitation(work.connection, known.id)
            elif known.signer_address != str(event.arguments["newSigner"]):
                block_number = event.block_number
                self._keyholders.mark_ended(work, known, EndedBy.RECOVERY, SERVICE, block_number)

    def addition_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        """A first addition that the ledger refuses leaves no key; a change leaves the tighter limits."""
        account, signer = str(command.arguments[0]), str(command.arguments[1])
        known = repository.of_account(work.connection, account, signer)
        if known is None:
            return
        if known.state is S.ADDING:
            self._keyholders.mark_ended(work, known, EndedBy.LEDGER, SERVICE)
        elif known.state is S.ACTIVE:
            tell(work.connection, known.member_id, NoticeKind.SECURITY, self._clock.now_unix_ms())

    def rewind(self, work: UnitOfWork, last_block_kept: int) -> None:
        """Keys are what they were; sessions are not given back."""
        for known in repository.ended_after(work.connection, last_block_kept):
            repository.undo_ending(work.connection, known.id)
        for known in repository.added_after(work.connection, last_block_kept):
            repository.undo_adding(work.connection, known.id)


def _of_event(work: UnitOfWork, event: ChainEvent) -> Keyholder | None:
    account, signer = str(event.arguments["account"]), str(event.arguments["signer"])
    return repository.of_account(work.connection, account, signer)
