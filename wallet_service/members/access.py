"""What lets a member in and pays for them: seeing it, and taking it away again.

Owns the rules of removal. A removed key is refused from the commit on, whatever the ledger says until its own
removal is mined; the sessions it had opened end with it. The last way in and the last key that pays stay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from wallet_service.chain.ports import CommandQueue
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.members import errors, repository
from wallet_service.members.decisions import DeviceState
from wallet_service.members.repository import Device, Member
from wallet_service.notices.models import NoticeKind
from wallet_service.notices.service import tell
from wallet_service.platform.journal import SERVICE, Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import MemberChanged, to_member
from wallet_service.security.errors import LastWayIn, PasskeyNeeded, PasskeyUnknown
from wallet_service.security.passkeys import KeptPasskey, PasskeyService, check_shown
from wallet_service.security.sessions import OpenSession, SessionService

PASSKEY_KIND = "passkey"
_Opener = TypeVar("_Opener", Device, KeptPasskey)
#: How long a passkey stays that somebody wants removed without showing it: time to be told, and to say no.
#: Three days, as long as the ledger leaves an owner to object to a recovery.
REMOVAL_DELAY_MS = 3 * 24 * 3_600_000


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
        sessions = self._sessions.list_open("member", member_id)
        kept = self._passkeys.list_kept("member", member_id)
        seen_at = {one.authenticator: one.last_seen_at_unix_ms for one in reversed(sessions)}
        return Access(
            sessions,
            [_with_use(one, seen_at.get(one.credential_id)) for one in kept],
            [_with_use(one, seen_at.get(one.signer_address)) for one in devices],
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

        Raises ChallengeUnknown, PasskeyInvalid, PasskeyNeeded.
        """

        def also(connection: Connection) -> None:
            check_shown(connection, member_id, by_passkey, PasskeyNeeded, {str(credential.get("id"))})
            self._tell(connection, member_id)

        return self._passkeys.register("member", member_id, credential, browser, also)

    def check_shown(
        self, member_id: str, *, by_passkey: bool, refusal: type[PasskeyNeeded] = PasskeyNeeded
    ) -> None:
        """Before anything is done, or the browser makes another passkey. Raises `refusal`."""
        with reading(self._engine) as connection:
            check_shown(connection, member_id, by_passkey, refusal)

    def remove_device(
        self, member_id: str, device_id: str, session_id: str, *, by_passkey: bool = False
    ) -> None:
        """The phone neither signs in nor pays any more.

        Raises DeviceNotFound, LastWayIn, LastSigner, PasskeyNeeded.
        """
        with UnitOfWork(self._engine) as work:
            member, devices = self._locked(work, member_id)
            if member.frozen_outgoing:  # the lost phone must not take away what would stop it
                check_shown(work.connection, member_id, by_passkey, PasskeyNeeded)
            removed = next((one for one in devices if one.id == device_id), None)
            if removed is None or removed.key_kind == PASSKEY_KIND:
                raise errors.DeviceNotFound
            rest = [one for one in devices if one is not removed]
            self._check_way_in(rest, self._passkeys.list_ids(work.connection, "member", member_id))
            _check_not_last(removed, rest)
            self._revoke(work, member, removed)
            self._sessions.close_opened_with(
                work.connection, "member", member_id, removed.signer_address, session_id
            )
            actor = Actor("member", member_id)
            self._record(work, member_id, "device.removed", Subject("device", removed.id), actor)

    def remove_passkey(
        self, member_id: str, credential_id: str, session_id: str, *, by_passkey: bool = False
    ) -> None:
        """The passkey neither signs in nor pays any more.

        Raises PasskeyUnknown, LastWayIn, LastSigner, PasskeyNeeded.
        """
        with UnitOfWork(self._engine) as work:
            member, devices = self._locked(work, member_id)
            check_shown(work.connection, member_id, by_passkey, PasskeyNeeded)
            self._remove_passkey(work, member, devices, credential_id)
            self._sessions.close_opened_with(work.connection, "member", member_id, credential_id, session_id)
            actor = Actor("member", member_id)
            self._record(work, member_id, "passkey.removed", Subject("member", member_id), actor)

    def ask_passkey_removal(self, member_id: str, credential_id: str, *, by_passkey: bool) -> int:
        """Without the passkey: it goes after `REMOVAL_DELAY_MS`; when, in unix ms. Its owner is told at once.

        Not while the account is frozen. Raises PasskeyUnknown, LastWayIn, LastSigner, PasskeyNeeded.
        """
        at_unix_ms = self._clock.now_unix_ms() + REMOVAL_DELAY_MS
        with UnitOfWork(self._engine) as work:
            member, devices = self._locked(work, member_id)
            if member.frozen_outgoing:
                check_shown(work.connection, member_id, by_passkey, PasskeyNeeded)
            self._check_may_go(work.connection, member_id, devices, credential_id)
            self._passkeys.ask_removal(work.connection, member_id, credential_id, at_unix_ms)
            actor = Actor("member", member_id)
            self._record(work, member_id, "passkey.removal_asked", Subject("member", member_id), actor)
        return at_unix_ms

    def keep_passkey(self, member_id: str, credential_id: str) -> None:
        """What was asked for is taken back. Raises PasskeyUnknown."""
        with UnitOfWork(self._engine) as work:
            self._passkeys.ask_removal(work.connection, member_id, credential_id, None)
            actor = Actor("member", member_id)
            self._record(work, member_id, "passkey.kept", Subject("member", member_id), actor)

    def remove_due_passkeys(self) -> int:
        """Those whose time has come, each for itself; how many. For a worker, every few minutes.

        Of an account that is frozen meanwhile, or for which nothing else is left, the passkey stays.
        """
        with reading(self._engine) as connection:
            due = self._passkeys.list_removals(connection)
        return sum(self._remove_due(member_id, credential_id) for member_id, credential_id in due)

    def _remove_due(self, member_id: str, credential_id: str) -> bool:
        with UnitOfWork(self._engine) as work:
            member, devices = self._locked(work, member_id)
            if (member_id, credential_id) not in self._passkeys.list_removals(work.connection):
                return False  # used, kept or removed since
            subject = Subject("member", member_id)
            try:
                if member.frozen_outgoing:
                    raise PasskeyNeeded
                self._check_may_go(work.connection, member_id, devices, credential_id)
            except (PasskeyNeeded, LastWayIn, errors.LastSigner):
                self._passkeys.ask_removal(work.connection, member_id, credential_id, None)
                self._record(work, member_id, "passkey.kept", subject, SERVICE)
                return False
            self._remove_passkey(work, member, devices, credential_id)
            self._sessions.close_opened_with(work.connection, "member", member_id, credential_id)
            self._record(work, member_id, "passkey.removed", subject, SERVICE)
            return True

    def _remove_passkey(
        self, work: UnitOfWork, member: Member, devices: list[Device], credential_id: str
    ) -> None:
        """Raises PasskeyUnknown, LastWayIn, LastSigner."""
        self._check_may_go(work.connection, member.id, devices, credential_id)
        self._passkeys.remove(work.connection, "member", member.id, credential_id)
        signer = next((one for one in devices if one.credential_id == credential_id), None)
        if signer is not None:
            self._revoke(work, member, signer)

    def _check_may_go(
        self, connection: Connection, member_id: str, devices: list[Device], credential_id: str
    ) -> None:
        """Raises PasskeyUnknown, LastWayIn, LastSigner."""
        known = self._passkeys.list_ids(connection, "member", member_id)
        if credential_id not in known:
            raise PasskeyUnknown
        signer = next((one for one in devices if one.credential_id == credential_id), None)
        rest = [one for one in devices if one is not signer]
        self._check_way_in(rest, [one for one in known if one != credential_id])
        if signer is not None:
            _check_not_last(signer, rest)

    def _locked(self, work: UnitOfWork, member_id: str) -> tuple[Member, list[Device]]:
        """The member's row is held: two removals at once must not each count on the other's key."""
        member = repository.find(work.connection, member_id, locked=True)
        if member is None:
            raise errors.MemberUnknown
        return member, _kept(work.connection, member_id)

    @staticmethod
    def _check_way_in(rest: list[Device], passkeys: list[str]) -> None:
        """What is left must let its owner in; a pending device does not yet. Raises LastWayIn."""
        doors = [one for one in rest if one.key_kind != PASSKEY_KIND and one.state is DeviceState.ACTIVE]
        if not doors and not passkeys:
            raise LastWayIn

    def _revoke(self, work: UnitOfWork, member: Member, removed: Device) -> None:
        """The ledger hears of it only where it may know the key: of another it would refuse."""
        repository.set_device_state(work.connection, removed.id, DeviceState.REVOKED)
        is_own = removed.signer_address == member.account_address
        only_looked = removed.state is DeviceState.PENDING and not is_own
        if only_looked and not repository.was_to_sign(work.connection, removed.id):
            return
        arguments = [member.account_address, removed.signer_address]
        ref = f"signer-removed:{removed.id}"
        self._commands.queue_command(work.connection, "removeSigner", arguments, "REGISTRAR", ref)

    def _record(self, work: UnitOfWork, member_id: str, act: str, subject: Subject, actor: Actor) -> None:
        self._journal.append(work.connection, actor, act, subject)
        self._push.publish(work, to_member(member_id, MemberChanged(member_id)))
        self._tell(work.connection, member_id)

    def _tell(self, connection: Connection, member_id: str) -> None:
        """What opens the account has changed, perhaps not by its owner's hand."""
        tell(connection, member_id, NoticeKind.SECURITY, self._clock.now_unix_ms())


def _with_use(one: _Opener, seen_at_unix_ms: int | None) -> _Opener:
    """Its last use is its last sign-in, or when a session it opened was last seen."""
    used = max(filter(None, (one.last_used_at_unix_ms, seen_at_unix_ms)), default=None)
    return replace(one, last_used_at_unix_ms=used)


def _kept(connection: Connection, member_id: str) -> list[Device]:
    known = repository.devices_of(connection, member_id)
    return [one for one in known if one.state is not DeviceState.REVOKED]


def _check_not_last(removed: Device, rest: list[Device]) -> None:
    """Raises LastSigner."""
    if removed.state is DeviceState.ACTIVE and all(one.state is not DeviceState.ACTIVE for one in rest):
        raise errors.LastSigner
