"""Sessions of members and officers: opaque tokens kept only as hashes, with an absolute and an idle end.

Owns the `sessions` table; knows nothing of cookies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, Engine, delete, insert, or_, select, update

from wallet_service.database.tables.identity import sessions
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.identity.tokens import digest, new_token
from wallet_service.protocol.clock import Clock

SubjectKind = Literal["member", "officer"]
Method = Literal["creation", "device", "passkey", "code"]

HOUR_MS = 3_600_000
#: OWASP ASVS 5.0, 7.3: absolute and idle ends by risk. A phone signs itself in again with its key; an
#: officer does not.
ABSOLUTE_LIFETIME_MS: dict[str, int] = {"member": 30 * 24 * HOUR_MS, "officer": 10 * HOUR_MS}
IDLE_LIFETIME_MS: dict[str, int] = {"member": 7 * 24 * HOUR_MS, "officer": HOUR_MS // 2}
#: "Last seen" is written at most this often, so that reading a page does not cost a commit.
TOUCH_INTERVAL_MS = 60_000
MAX_TOKEN_LENGTH = 64


@dataclass(frozen=True)
class Session:
    subject_kind: str
    subject_id: str
    method: str
    csrf_token: str
    opened_at_unix_ms: int


@dataclass(frozen=True)
class NewSession:
    """`token` is shown once, to the browser, and never kept."""

    token: str
    csrf_token: str
    lifetime_s: int


class SessionService:
    """Opens, finds and closes sessions."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def open(self, connection: Connection, kind: SubjectKind, subject_id: str, method: Method) -> NewSession:
        """In the caller's unit of work. Always a new token: signing in never keeps an older one alive."""
        now = self._clock.now_unix_ms()
        token, csrf_token = new_token(), new_token()
        connection.execute(
            insert(sessions).values(
                token_hash=digest(token),
                subject_kind=kind,
                subject_id=subject_id,
                method=method,
                csrf_token=csrf_token,
                created_at_unix_ms=now,
                expires_at_unix_ms=now + ABSOLUTE_LIFETIME_MS[kind],
                last_seen_at_unix_ms=now,
            )
        )
        return NewSession(token, csrf_token, ABSOLUTE_LIFETIME_MS[kind] // 1000)

    def open_now(self, kind: SubjectKind, subject_id: str, method: Method) -> NewSession:
        """`open` in a unit of work of its own."""
        with UnitOfWork(self._engine) as work:
            return self.open(work.connection, kind, subject_id, method)

    def find(self, token: str) -> Session | None:
        """None when unknown, expired or idle for too long."""
        if len(token) > MAX_TOKEN_LENGTH:
            return None
        now, token_hash = self._clock.now_unix_ms(), digest(token)
        with self._engine.connect().execution_options(read_only=True) as connection:
            row = connection.execute(
                select(sessions).where(sessions.c.token_hash == token_hash)
            ).one_or_none()
        if row is None or now >= row.expires_at_unix_ms:
            return None
        idle_ms = now - row.last_seen_at_unix_ms
        if idle_ms >= IDLE_LIFETIME_MS[row.subject_kind]:
            return None
        if idle_ms >= TOUCH_INTERVAL_MS:
            self._touch(token_hash, now)
        return Session(row.subject_kind, row.subject_id, row.method, row.csrf_token, row.created_at_unix_ms)

    def close(self, token: str) -> None:
        """Ends one session; an unknown token changes nothing."""
        with UnitOfWork(self._engine) as work:
            work.connection.execute(delete(sessions).where(sessions.c.token_hash == digest(token)))

    def close_all(self, connection: Connection, kind: SubjectKind, subject_id: str) -> None:
        """Ends every session of one member or officer (revocation, erasure)."""
        connection.execute(
            delete(sessions).where(sessions.c.subject_kind == kind, sessions.c.subject_id == subject_id)
        )

    def forget_expired(self) -> int:
        """Deletes sessions past either end; returns how many."""
        now = self._clock.now_unix_ms()
        idle = [
            (sessions.c.subject_kind == kind) & (sessions.c.last_seen_at_unix_ms < now - idle_ms)
            for kind, idle_ms in IDLE_LIFETIME_MS.items()
        ]
        with UnitOfWork(self._engine) as work:
            statement = delete(sessions).where(or_(sessions.c.expires_at_unix_ms <= now, *idle))
            return work.connection.execute(statement).rowcount

    def _touch(self, token_hash: str, now_unix_ms: int) -> None:
        with UnitOfWork(self._engine) as work:
            work.connection.execute(
                update(sessions)
                .where(sessions.c.token_hash == token_hash)
                .values(last_seen_at_unix_ms=now_unix_ms)
            )
