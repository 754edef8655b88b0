"""Sessions of members and officers: opaque tokens kept only as hashes, with an absolute and an idle end.

Owns the `sessions` table; knows nothing of cookies.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import structlog
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from wallet_service.database.tables.identity import sessions
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.security.errors import SessionUnknown
from wallet_service.security.tokens import digest, new_token

SubjectKind = Literal["member", "officer", "keyholder"]
Method = Literal["creation", "device", "passkey", "code"]

HOUR_MS = 3_600_000
#: OWASP ASVS 5.0, 7.3: absolute and idle ends by risk. A phone signs itself in again with its key; an
#: officer does not.
ABSOLUTE_LIFETIME_MS: dict[str, int] = {
    "member": 30 * 24 * HOUR_MS,
    "officer": 10 * HOUR_MS,
    "keyholder": 30 * 24 * HOUR_MS,
}
IDLE_LIFETIME_MS: dict[str, int] = {
    "member": 7 * 24 * HOUR_MS,
    "officer": HOUR_MS // 2,
    "keyholder": 7 * 24 * HOUR_MS,
}
#: "Last seen" is written at most this often, so that reading a page does not cost a commit.
TOUCH_INTERVAL_MS = 60_000
#: What was seen meanwhile is written by whoever comes next.
WRITE_SEEN_EVERY_S = 5.0
MAX_SEEN = 10_000
MAX_TOKEN_LENGTH = 64
#: Of the token's hash: enough to tell sessions apart, and of no use to anybody.
END_TOPIC_DIGITS = 32
MAX_SESSIONS_SHOWN = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Session:
    """`id` is the token's hash: it names the session to its owner and opens nothing.

    `authenticator` as in `OpenedWith`.
    """

    id: str
    subject_kind: str
    subject_id: str
    method: str
    csrf_token: str
    opened_at_unix_ms: int
    authenticator: str = ""


@dataclass(frozen=True)
class OpenedWith:
    """What a person signed in with, and where.

    `authenticator` is a passkey's id or a device's signer address, "" for a code; `browser` is its family and
    system in two words ("Firefox, Android"), never the whole user agent.
    """

    authenticator: str = ""
    browser: str = ""


@dataclass(frozen=True)
class OpenSession:
    """A session as its owner sees it; `authenticator` as in `OpenedWith`."""

    id: str
    method: str
    browser: str
    opened_at_unix_ms: int
    last_seen_at_unix_ms: int
    authenticator: str = ""


@dataclass(frozen=True)
class NewSession:
    """`token` is shown once, to the browser, and never kept."""

    token: str
    csrf_token: str
    lifetime_s: int


class SessionService:
    """Opens, finds and closes sessions."""

    def __init__(self, engine: Engine, clock: Clock, push: Push) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._seen: dict[str, int] = {}
        self._seen_lock = threading.Lock()
        self._write_seen_at_s = 0.0

    def open(
        self,
        connection: Connection,
        kind: SubjectKind,
        subject_id: str,
        method: Method,
        opened_with: OpenedWith = OpenedWith(),
    ) -> NewSession:
        """In the caller's unit of work. Always a new token: signing in never keeps an older one alive."""
        now = self._clock.now_unix_ms()
        token, csrf_token = new_token(), new_token()
        connection.execute(
            insert(sessions).values(
                token_hash=digest(token),
                subject_kind=kind,
                subject_id=subject_id,
                method=method,
                authenticator=opened_with.authenticator or None,
                browser=opened_with.browser or None,
                csrf_token=csrf_token,
                created_at_unix_ms=now,
                expires_at_unix_ms=now + ABSOLUTE_LIFETIME_MS[kind],
                last_seen_at_unix_ms=now,
            )
        )
        return NewSession(token, csrf_token, ABSOLUTE_LIFETIME_MS[kind] // 1000)

    def open_now(
        self, kind: SubjectKind, subject_id: str, method: Method, opened_with: OpenedWith = OpenedWith()
    ) -> NewSession:
        """`open` in a unit of work of its own."""
        with UnitOfWork(self._engine) as work:
            return self.open(work.connection, kind, subject_id, method, opened_with)

    def find(self, token: str) -> Session | None:
        """None when unknown, expired or idle for too long."""
        token_hash = session_id_of(token)
        if token_hash is None:
            return None
        now = self._clock.now_unix_ms()
        with self._engine.connect().execution_options(read_only=True) as connection:
            row = connection.execute(
                select(sessions).where(sessions.c.token_hash == token_hash)
            ).one_or_none()
        if row is None or not _is_open(row, now, self._seen.get(token_hash, 0)):
            return None
        if now - row.last_seen_at_unix_ms >= TOUCH_INTERVAL_MS:
            self._note_soon(token_hash, now)
        return _session_of(row)

    def find_all(self, connection: Connection, ids: Collection[str]) -> dict[str, Session]:
        """By id, those of these sessions that open something now; one question in the caller's unit of work.

        Who is let in by them is therefore let in as of that commit: a session that was ended before it, in
        whatever process, is not among them. "Last seen" is written beside, in the same commit.
        """
        now = self._clock.now_unix_ms()
        rows = connection.execute(select(sessions).where(sessions.c.token_hash.in_(sorted(ids)))).all()
        open_rows = [row for row in rows if _is_open(row, now)]
        seen = [row.token_hash for row in open_rows if now - row.last_seen_at_unix_ms >= TOUCH_INTERVAL_MS]
        if seen:
            _note_seen(connection, dict.fromkeys(seen, now))
        return {row.token_hash: _session_of(row) for row in open_rows}

    def list_open(self, kind: SubjectKind, subject_id: str) -> list[OpenSession]:
        """Those that still open something, last used first."""
        self.write_seen()
        now = self._clock.now_unix_ms()
        query = (
            select(sessions)
            .where(*_of(kind, subject_id), sessions.c.expires_at_unix_ms > now)
            .where(sessions.c.last_seen_at_unix_ms > now - IDLE_LIFETIME_MS[kind])
            .order_by(sessions.c.last_seen_at_unix_ms.desc(), sessions.c.token_hash)
            .limit(MAX_SESSIONS_SHOWN)
        )
        with self._engine.connect().execution_options(read_only=True) as connection:
            return [
                OpenSession(
                    row.token_hash,
                    row.method,
                    row.browser or "",
                    row.created_at_unix_ms,
                    row.last_seen_at_unix_ms,
                    row.authenticator or "",
                )
                for row in connection.execute(query)
            ]

    def close(self, token: str) -> None:
        """Ends one session and its streams; an unknown token changes nothing."""
        with UnitOfWork(self._engine) as work:
            self._close(work.connection, sessions.c.token_hash == digest(token))

    def close_one(self, connection: Connection, kind: SubjectKind, subject_id: str, session_id: str) -> None:
        """Ends one of this person's sessions. Raises SessionUnknown, also for somebody else's."""
        if not self._close(connection, *_of(kind, subject_id), sessions.c.token_hash == session_id):
            raise SessionUnknown

    def close_all(
        self, connection: Connection, kind: SubjectKind, subject_id: str, but_session_id: str | None = None
    ) -> int:
        """Ends every session of one member or officer, but the one that asks; how many."""
        return self._close(connection, *_of(kind, subject_id), *_but(but_session_id))

    def close_opened_with(
        self,
        connection: Connection,
        kind: SubjectKind,
        subject_id: str,
        authenticator: str,
        but_session_id: str | None = None,
    ) -> int:
        """Ends what a removed passkey or device has opened, but the session that removes it; how many."""
        opened = sessions.c.authenticator == authenticator
        return self._close(connection, *_of(kind, subject_id), opened, *_but(but_session_id))

    def _close(self, connection: Connection, *which: ColumnElement[bool]) -> int:
        """Sessions and their streams; how many sessions."""
        found = connection.execute(select(sessions.c.token_hash).where(*which)).scalars().all()
        connection.execute(delete(sessions).where(*which))
        self._push.end_streams(connection, map(_end_topic, found))
        return len(found)

    def forget_expired(self) -> int:
        """Deletes sessions past either end; returns how many."""
        self.write_seen()
        now = self._clock.now_unix_ms()
        idle = [
            (sessions.c.subject_kind == kind) & (sessions.c.last_seen_at_unix_ms < now - idle_ms)
            for kind, idle_ms in IDLE_LIFETIME_MS.items()
        ]
        with UnitOfWork(self._engine) as work:
            statement = delete(sessions).where(or_(sessions.c.expires_at_unix_ms <= now, *idle))
            return work.connection.execute(statement).rowcount

    def _note_soon(self, token_hash: str, now_unix_ms: int) -> None:
        """Remembers that a session was seen: written for many at once, now and then, not by each request."""
        with self._seen_lock:
            self._seen[token_hash] = now_unix_ms
            is_due = time.monotonic() >= self._write_seen_at_s or len(self._seen) >= MAX_SEEN
            if not is_due:
                return
            self._write_seen_at_s = time.monotonic() + WRITE_SEEN_EVERY_S
        self.write_seen()

    def write_seen(self) -> int:
        """Writes what is remembered of sessions seen; how many.

        A database that is away keeps nobody out: who comes again is seen again.
        """
        with self._seen_lock:
            seen, self._seen = self._seen, {}
        if not seen:
            return 0
        try:
            with UnitOfWork(self._engine) as work:
                _note_seen(work.connection, seen)
        except SQLAlchemyError as error:
            log.warning("sessions.seen_not_written", reason=type(error).__name__)
        return len(seen)


def _is_open(row: Row[Any], now_unix_ms: int, seen_at_unix_ms: int = 0) -> bool:
    """Before both ends. `seen_at_unix_ms`: what this process knows and has not written yet."""
    last_seen_unix_ms = max(row.last_seen_at_unix_ms, seen_at_unix_ms)
    return bool(
        now_unix_ms < row.expires_at_unix_ms
        and now_unix_ms - last_seen_unix_ms < IDLE_LIFETIME_MS[row.subject_kind]
    )


def _session_of(row: Row[Any]) -> Session:
    return Session(
        row.token_hash,
        row.subject_kind,
        row.subject_id,
        row.method,
        row.csrf_token,
        row.created_at_unix_ms,
        row.authenticator or "",
    )


_NOTE_SEEN = (
    update(sessions)
    .where(sessions.c.token_hash == bindparam("of_session"))
    .where(sessions.c.last_seen_at_unix_ms < bindparam("at_unix_ms"))
    .values(last_seen_at_unix_ms=bindparam("at_unix_ms"))
)


def _note_seen(connection: Connection, seen_at_unix_ms: Mapping[str, int]) -> None:
    """In one order of sessions, so that nobody waits in a ring."""
    rows = [{"of_session": one, "at_unix_ms": at} for one, at in sorted(seen_at_unix_ms.items())]
    connection.execute(_NOTE_SEEN, rows)


def session_id_of(token: str) -> str | None:
    """The name of the session that a browser's token opens, if there is one; None for what is no token."""
    return digest(token) if 0 < len(token) <= MAX_TOKEN_LENGTH else None


def end_topic(token: str) -> str:
    """The topic on which the end of that session is said, to its streams alone."""
    return _end_topic(digest(token))


def _end_topic(token_hash: str) -> str:
    return f"session:{token_hash[:END_TOPIC_DIGITS]}"


def _of(kind: SubjectKind, subject_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return sessions.c.subject_kind == kind, sessions.c.subject_id == subject_id


def _but(session_id: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if session_id is None else (sessions.c.token_hash.not_in([session_id]),)
