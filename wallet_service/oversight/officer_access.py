"""What lets officers into the console: seeing it, and taking it away again. Owns the rules of removal.

Each officer ends their own; one who may govern ends another's sessions, on a ground. Every end is in the
journal. The last passkey stays: only a new code from whoever runs the service would open the console again.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.oversight import decisions, repository
from wallet_service.oversight.errors import MemberNotFound, OwnSessions
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.security.errors import LastWayIn, OfficerUnknown, PasskeyUnknown
from wallet_service.security.officers import Officer, OfficerService
from wallet_service.security.passkeys import KeptPasskey, PasskeyService
from wallet_service.security.sessions import OpenSession, SessionService


@dataclass(frozen=True)
class OwnAccess:
    """What opens the console to one officer."""

    sessions: list[OpenSession]
    passkeys: list[KeptPasskey]


@dataclass(frozen=True)
class OthersAccess:
    """Another officer and where they are signed in."""

    officer: Officer
    sessions: list[OpenSession]


class OfficerAccess:
    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        officers: OfficerService,
        sessions: SessionService,
        passkeys: PasskeyService,
    ) -> None:
        self._engine = engine
        self._journal = journal
        self._officers = officers
        self._sessions = sessions
        self._passkeys = passkeys

    def own(self, officer_id: str) -> OwnAccess:
        return OwnAccess(
            self._sessions.list_open("officer", officer_id), self._passkeys.list_kept("officer", officer_id)
        )

    def others(self, officer_id: str) -> list[OthersAccess]:
        """Every other active officer, by name."""
        return [
            OthersAccess(officer, self._sessions.list_open("officer", officer.id))
            for officer in self._officers.list_officers()
            if officer.id != officer_id and officer.state == "active"
        ]

    def end_session(self, officer_id: str, session_id: str) -> None:
        """Raises SessionUnknown."""
        with UnitOfWork(self._engine) as work:
            self._sessions.close_one(work.connection, "officer", officer_id, session_id)
            self._record(work, officer_id, "officer.session_ended", officer_id)

    def end_other_sessions(self, officer_id: str, session_id: str) -> None:
        """Every one of the officer's own but this."""
        with UnitOfWork(self._engine) as work:
            self._sessions.close_all(work.connection, "officer", officer_id, session_id)
            self._record(work, officer_id, "officer.sessions_ended", officer_id)

    def end_sessions_of(self, other_id: str, ground: str, officer_id: str) -> None:
        """Signs another officer out everywhere. Raises GroundMissing, OwnSessions, OfficerUnknown."""
        ground = decisions.checked_ground(ground)
        if other_id == officer_id:
            raise OwnSessions
        if self._officers.find(other_id) is None:
            raise OfficerUnknown
        with UnitOfWork(self._engine) as work:
            self._sessions.close_all(work.connection, "officer", other_id)
            self._record(work, officer_id, "officer.sessions_ended", other_id, ground)

    def end_sessions_of_member(self, member_id: str, ground: str, officer_id: str) -> int:
        """Signs a member out everywhere; how many sessions ended. Raises GroundMissing, MemberNotFound.

        A linked phone signs itself in again: one that is lost is removed, or the account frozen.
        """
        ground = decisions.checked_ground(ground)
        with UnitOfWork(self._engine) as work:
            if repository.member(work.connection, member_id) is None:
                raise MemberNotFound
            ended = self._sessions.close_all(work.connection, "member", member_id)
            actor, subject = Actor("officer", officer_id), Subject("member", member_id)
            details = {"sessions": ended}
            self._journal.append(
                work.connection, actor, "member.sessions_ended", subject, ground=ground, details=details
            )
        return ended

    def remove_passkey(self, officer_id: str, credential_id: str, session_id: str) -> None:
        """It opens and confirms nothing any more; other sessions it opened end.

        Raises PasskeyUnknown, LastWayIn.
        """
        with UnitOfWork(self._engine) as work:
            self._officers.hold(work.connection, officer_id)
            known = self._passkeys.list_ids(work.connection, "officer", officer_id)
            if credential_id not in known:
                raise PasskeyUnknown
            if known == [credential_id]:
                raise LastWayIn
            self._passkeys.remove(work.connection, "officer", officer_id, credential_id)
            self._sessions.close_opened_with(
                work.connection, "officer", officer_id, credential_id, session_id
            )
            self._record(work, officer_id, "officer.passkey_removed", officer_id)

    def _record(
        self, work: UnitOfWork, officer_id: str, act: str, subject_id: str, ground: str | None = None
    ) -> None:
        actor, subject = Actor("officer", officer_id), Subject("officer", subject_id)
        self._journal.append(work.connection, actor, act, subject, ground=ground)
