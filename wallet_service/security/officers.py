"""Officers: who may act in the console and with which rights.

One-time codes that let them in for the first time.

Owns `officers` and `officer_codes`. A code is good once and for hours; in production it only enrols a
passkey.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from wallet_service.database.tables.identity import officer_codes, officers
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.platform.journal import SERVICE, Actor, Journal, Subject
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.security.device_sign_in import SignedIn
from wallet_service.security.errors import OfficerCodeRefused, OfficerUnknown
from wallet_service.security.sessions import OpenedWith, SessionService
from wallet_service.security.tokens import code_digest, new_long_code

RIGHTS = ("observe", "identity", "treasury", "compliance", "pause", "govern")
OFFICER_CODE_LIFETIME_MS = 12 * 3600 * 1000
MAX_OFFICER_NAME_LENGTH = 80


@dataclass(frozen=True)
class Officer:
    id: str
    display_name: str
    rights: frozenset[str]
    state: str


class OfficerService:
    """Creates, finds and revokes officers; signs them in with a code."""

    def __init__(self, engine: Engine, clock: Clock, journal: Journal, sessions: SessionService) -> None:
        self._engine = engine
        self._clock = clock
        self._journal = journal
        self._sessions = sessions

    def ensure(self, display_name: str, rights: Iterable[str]) -> Officer:
        """The active officer of that name, created when there is none.

        Rights are set as given (observe is implied).
        """
        granted = frozenset(rights) | {"observe"}
        unknown = granted - set(RIGHTS)
        if unknown or not 0 < len(display_name) <= MAX_OFFICER_NAME_LENGTH:
            raise ValueError(f"unknown rights {sorted(unknown)} or a name that is empty or too long")
        text = " ".join(right for right in RIGHTS if right in granted)
        with UnitOfWork(self._engine) as work:
            row = work.connection.execute(
                select(officers).where(officers.c.display_name == display_name, officers.c.state == "active")
            ).first()
            if row is None:
                officer_id = self._insert(work.connection, display_name, text)
                self._note(work.connection, "officer.created", officer_id, text)
            else:
                officer_id = row.id
                if row.rights != text:
                    change = update(officers).where(officers.c.id == officer_id).values(rights=text)
                    work.connection.execute(change)
                    self._note(work.connection, "officer.rights_set", officer_id, text)
        return Officer(officer_id, display_name, granted, "active")

    def find(self, officer_id: str) -> Officer | None:
        """None when unknown or revoked."""
        query = select(officers).where(officers.c.id == officer_id, officers.c.state == "active")
        with self._engine.connect().execution_options(read_only=True) as connection:
            row = connection.execute(query).one_or_none()
        return _officer(row) if row else None

    def names(self, officer_ids: Iterable[str]) -> dict[str, str]:
        """Officer id -> display name, revoked ones too, for the journal's pages."""
        query = select(officers.c.id, officers.c.display_name).where(
            officers.c.id.in_(sorted(set(officer_ids)))
        )
        with reading(self._engine) as connection:
            return {row.id: row.display_name for row in connection.execute(query)}

    def list_officers(self) -> list[Officer]:
        with self._engine.connect().execution_options(read_only=True) as connection:
            return [
                _officer(row)
                for row in connection.execute(select(officers).order_by(officers.c.display_name))
            ]

    def make_code(self, officer_id: str) -> str:
        """A one-time code for an active officer; shown once. Raises OfficerUnknown."""
        if self.find(officer_id) is None:
            raise OfficerUnknown
        code, now = new_long_code(), self._clock.now_unix_ms()
        with UnitOfWork(self._engine) as work:
            work.connection.execute(delete(officer_codes).where(officer_codes.c.expires_at_unix_ms <= now))
            work.connection.execute(
                insert(officer_codes).values(
                    code_hash=code_digest(code),
                    officer_id=officer_id,
                    expires_at_unix_ms=now + OFFICER_CODE_LIFETIME_MS,
                )
            )
            self._note(work.connection, "officer.code_made", officer_id, None)
        return code

    def sign_in_with_code(self, code: str, browser: str = "") -> SignedIn:
        """Uses the code up. Raises OfficerCodeRefused, whatever is wrong with it."""
        now = self._clock.now_unix_ms()
        usable = (
            (officer_codes.c.code_hash == code_digest(code))
            & (officer_codes.c.expires_at_unix_ms > now)
            & officer_codes.c.used_at_unix_ms.is_(None)
        )
        with UnitOfWork(self._engine) as work:
            officer_id = work.connection.execute(
                select(officers.c.id)
                .join(officer_codes, officer_codes.c.officer_id == officers.c.id)
                .where(usable, officers.c.state == "active")
            ).scalar_one_or_none()
            used = work.connection.execute(
                update(officer_codes).where(usable).values(used_at_unix_ms=now)
            ).rowcount
            if officer_id is None or used != 1:
                raise OfficerCodeRefused
            session = self._sessions.open(
                work.connection, "officer", officer_id, "code", OpenedWith(browser=browser)
            )
            actor = Actor("officer", officer_id)
            self._journal.append(work.connection, actor, "officer.signed_in", details={"method": "code"})
            return SignedIn(officer_id, session)

    def hold(self, connection: Connection, officer_id: str) -> None:
        """Keeps the officer's row until the unit of work ends: two removals at once are one after another."""
        connection.execute(select(officers.c.id).where(officers.c.id == officer_id).with_for_update())

    def is_code_of(self, officer_id: str, code: str) -> bool:
        """Whether this code was given to that officer and its time has not passed, used or not."""
        query = select(officer_codes.c.officer_id).where(
            officer_codes.c.code_hash == code_digest(code),
            officer_codes.c.officer_id == officer_id,
            officer_codes.c.expires_at_unix_ms > self._clock.now_unix_ms(),
        )
        with self._engine.connect().execution_options(read_only=True) as connection:
            return connection.execute(query).first() is not None

    def revoke(self, officer_id: str, actor: Actor, ground: str) -> None:
        """Ends the officer's rights and sessions at once. Raises OfficerUnknown."""
        with UnitOfWork(self._engine) as work:
            ended = work.connection.execute(
                update(officers)
                .where(officers.c.id == officer_id, officers.c.state == "active")
                .values(state="revoked")
            ).rowcount
            if ended != 1:
                raise OfficerUnknown
            self._sessions.close_all(work.connection, "officer", officer_id)
            subject = Subject("officer", officer_id)
            self._journal.append(work.connection, actor, "officer.revoked", subject, ground=ground)

    def _insert(self, connection: Connection, display_name: str, rights: str) -> str:
        officer_id = new_id()
        connection.execute(
            insert(officers).values(
                id=officer_id,
                display_name=display_name,
                rights=rights,
                state="active",
                created_at_unix_ms=self._clock.now_unix_ms(),
            )
        )
        return officer_id

    def _note(self, connection: Connection, act: str, officer_id: str, rights: str | None) -> None:
        details = {"rights": rights} if rights is not None else None
        self._journal.append(connection, SERVICE, act, Subject("officer", officer_id), details=details)


def _officer(row: Row[tuple[object, ...]]) -> Officer:
    return Officer(row.id, row.display_name, frozenset(row.rights.split()), row.state)
