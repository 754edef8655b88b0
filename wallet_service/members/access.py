"""What lets a member in and pays for them: seeing it, and taking it away again.

Owns the rules of removal. A removed key is refused from the commit on, whatever the ledger says until its own
removal is mined; the sessions it had opened end with it. The last way in and the last key that pays stay.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from wallet_service.chain.ports import CommandQueue
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.members import errors, repository
from wallet_service.members.decisions import DeviceState
from wallet_service.members.repository import Device, Member
from wallet_service.notices.models import NoticeKind
from wallet_service.notices.service import tell
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import MemberChanged, to_member
from wallet_service.security.errors import LastWayIn, PasskeyWanted
from wallet_service.security.passkeys import KeptPasskey, PasskeyService
from wallet_service.security.sessions import OpenSession, SessionService

PASSKEY_KIND = "passkey"


@dataclass(frozen=True)
class Access:
    """Everything that opens a member's account, or pays for it. Devices without revoked ones."""

    sessions: list[OpenSession]
    passkeys: list[KeptPasskey]
    devices: list[Device]


class AccessService:
    """Removing an authenticator asks for a session opened a moment ago: the faces see to it."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        push: Push,
        journal: Journal,
        commands: CommandQueue,
        sessions: SessionService,
        passkeys: PasskeyService,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._journal = journal
        self._commands = commands
        self._sessions = sessions
        self._passkeys = passkeys

    def of_member(self, member_id: str) -> Access:
        with reading(self._engine) as connection:
            devices = _kept(connection, member_id)
        return Access(
            self._sessions.list_open("member", member_id),
            self._passkeys.list_kept("member", member_id),
            devices,
        )

    def end_session(self, member_id: str, session_id: str) -> None:
        """Raises SessionUnknown."""
        with UnitOfWork(self._engine) as work:
            self._sessions.close_one(work.connection, "member", member_id, session_id)

    def end_other_sessions(self, member_id: str, session_id: str) -> int:
        """Every one but this; how many."""
        with UnitOfWork(self._engine) as work:
            return self._sessions.close_all(work.connection, "member", member_id, session_id)

    def register_passkey(
        self, member_id: str, credential: dict[str, Any], browser: str = "", *, by_passkey: bool = False
    ) -> str:
        """It lets its holder in from then on; the credential's id.

        Raises ChallengeUnknown, PasskeyInvalid, PasskeyWanted.
        """

        def also(connection: Connection) -> None:
            self._check_may_change(connection, member_id, by_passkey, {str(credential.get("id"))})
            self._tell(connection, member_id)

        return self._passkeys.register("member", member_id, credential, browser, also)

    def remove_device(
        self, member_id: str, device_id: str, session_id: str, *, by_passkey: bool = False
    ) -> None:
        """The phone neither signs in nor pays any more.

        Raises DeviceNotFound, LastWayIn, LastSigner, PasskeyWanted.
        """
        with UnitOfWork(self._engine) as work:
            member, devices = self._locked(work, member_id)
            self._check_may_change(work.connection, member_id, by_passkey)
            removed = next((one for one in devices if one.id == device_id), None)
            if removed is None or removed.key_kind == PASSKEY_KIND:
                raise errors.DeviceNotFound
            rest = [one for one in devices if one is not removed]
            self._check_way_in(work.connection, member_id, rest)
            self._revoke(work, member, removed, rest)
            self._sessions.close_opened_with(
                work.connection, "member", member_id, removed.signer_address, session_id
            )
            self._record(work, member_id, "device.removed", Subject("device", removed.id))

    def remove_passkey(
        self, member_id: str, credential_id: str, session_id: str, *, by_passkey: bool = False
    ) -> None:
        """The passkey neither signs in nor pays any more.

        Raises PasskeyUnknown, LastWayIn, LastSigner, PasskeyWanted.
        """
        with UnitOfWork(self._engine) as work:
            member, devices = self._locked(work, member_id)
            self._check_may_change(work.connection, member_id, by_passkey)
            self._passkeys.remove(work.connection, "member", member_id, credential_id)
            signer = next((one for one in devices if one.credential_id == credential_id), None)
            rest = [one for one in devices if one is not signer]
            self._check_way_in(work.connection, member_id, rest)
            if signer is not None:
                self._revoke(work, member, signer, rest)
            self._sessions.close_opened_with(work.connection, "member", member_id, credential_id, session_id)
            self._record(work, member_id, "passkey.removed", Subject("member", member_id))

    def _locked(self, work: UnitOfWork, member_id: str) -> tuple[Member, list[Device]]:
        """The member's row is held: two removals at once must not each count on the other's key."""
        member = repository.find(work.connection, member_id, locked=True)
        if member is None:
            raise errors.MemberUnknown
        return member, _kept(work.connection, member_id)

    def _check_may_change(
        self, connection: Connection, member_id: str, by_passkey: bool, new: Set[str] = frozenset()
    ) -> None:
        """A frozen account whose owner has a passkey, but for the `new` one: only with a passkey.

        The lost phone signs in by itself. It must neither take away what would stop it, nor make a passkey of
        its own and lift the freeze with that. Raises PasskeyWanted.
        """
        member = repository.find(connection, member_id)
        known = set(self._passkeys.list_ids(connection, "member", member_id)) - new
        if member is not None and member.frozen_outgoing and known and not by_passkey:
            raise PasskeyWanted

    def _check_way_in(self, connection: Connection, member_id: str, rest: list[Device]) -> None:
        """What is left must let its owner in; a pending device does not yet. Raises LastWayIn."""
        doors = [one for one in rest if one.key_kind != PASSKEY_KIND and one.state is DeviceState.ACTIVE]
        if not doors and not self._passkeys.list_ids(connection, "member", member_id):
            raise LastWayIn

    def _revoke(self, work: UnitOfWork, member: Member, removed: Device, rest: list[Device]) -> None:
        """Raises LastSigner."""
        if removed.state is DeviceState.ACTIVE and all(one.state is not DeviceState.ACTIVE for one in rest):
            raise errors.LastSigner
        repository.set_device_state(work.connection, removed.id, DeviceState.REVOKED)
        arguments = [member.account_address, removed.signer_address]
        ref = f"signer-removed:{removed.id}"
        self._commands.queue_command(work.connection, "removeSigner", arguments, "REGISTRAR", ref)

    def _record(self, work: UnitOfWork, member_id: str, act: str, subject: Subject) -> None:
        self._journal.append(work.connection, Actor("member", member_id), act, subject)
        self._push.publish(work, to_member(member_id, MemberChanged(member_id)))
        self._tell(work.connection, member_id)

    def _tell(self, connection: Connection, member_id: str) -> None:
        """What opens the account has changed, perhaps not by its owner's hand."""
        tell(connection, member_id, NoticeKind.SECURITY, self._clock.now_unix_ms())


def _kept(connection: Connection, member_id: str) -> list[Device]:
    known = repository.devices_of(connection, member_id)
    return [one for one in known if one.state is not DeviceState.REVOKED]
