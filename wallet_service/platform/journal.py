"""The journal of who did what, each entry chained to the one before by its hash.

Owns appending, reading, verifying.

Entries are written inside the unit of work of the act itself: no act without its entry, no entry without
its act. Must not hold personal data: ids, codes, grounds and amounts only. Never updated, never deleted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, insert, select, text, tuple_

from wallet_service.database.tables.supervision import journal
from wallet_service.protocol.clock import Clock

ActorKind = Literal["officer", "member", "till", "service"]
GENESIS_HASH = "0x" + "00" * 32
MAX_GROUND_LENGTH = 300
MAX_PAGE_LENGTH = 200
#: Any constant works; it only has to be ours alone among PostgreSQL's advisory locks.
_APPEND_LOCK = 0x616C_6261


@dataclass(frozen=True)
class Actor:
    """Who acts. `actor_id` is None only for the service itself."""

    kind: ActorKind
    actor_id: str | None


SERVICE = Actor("service", None)


@dataclass(frozen=True)
class Subject:
    """What is acted upon: ("member", id), ("sale", id), ("identity_file", id) ..."""

    kind: str
    subject_id: str


@dataclass(frozen=True)
class JournalEntry:
    id: int
    at_unix_ms: int
    actor: Actor
    act: str
    subject: Subject | None
    ground: str | None
    details: Mapping[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class Filter:
    """All conditions that are set must hold. `before_id` pages backwards; `subjects`: any of these."""

    act: str | None = None
    actor_id: str | None = None
    subject: Subject | None = None
    subjects: tuple[Subject, ...] = ()
    from_unix_ms: int | None = None
    until_unix_ms: int | None = None
    before_id: int | None = None


@dataclass(frozen=True)
class Verification:
    """`broken_at` is the id of the first entry that does not follow from the one before.

    None when all hold.
    """

    entries: int
    head_hash: str
    broken_at: int | None


@dataclass(frozen=True)
class VerifiedSlice:
    """How far a slice reached; `is_end`: nothing came after it. `broken_at` as in Verification."""

    last_id: int
    last_hash: str
    is_end: bool
    broken_at: int | None


class Journal:
    """Appends and reads entries on the connection of the caller's unit of work."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def append(
        self,
        connection: Connection,
        actor: Actor,
        act: str,
        subject: Subject | None = None,
        *,
        ground: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> int:
        """Returns the entry's id. `act` is a stable code such as ``member.frozen``.

        Writers queue on a lock until the transaction ends: two entries can never follow the same one.
        """
        if ground is not None and len(ground) > MAX_GROUND_LENGTH:
            raise ValueError(f"a ground has at most {MAX_GROUND_LENGTH} characters")
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _APPEND_LOCK})
        previous = connection.execute(
            select(journal.c.hash).order_by(journal.c.id.desc()).limit(1)
        ).scalar_one_or_none()
        values: dict[str, Any] = {
            "at_unix_ms": self._clock.now_unix_ms(),
            "actor_kind": actor.kind,
            "actor_id": actor.actor_id,
            "act": act,
            "subject_kind": subject.kind if subject else None,
            "subject_id": subject.subject_id if subject else None,
            "ground": ground,
            "details": dict(details or {}),
            "previous_hash": previous or GENESIS_HASH,
        }
        result = connection.execute(insert(journal).values(**values, hash=_hash(values)))
        assert result.inserted_primary_key is not None
        return int(result.inserted_primary_key[0])

    def entries(self, connection: Connection, entry_filter: Filter, limit: int = 50) -> list[JournalEntry]:
        """Newest first, at most MAX_PAGE_LENGTH."""
        query = (
            _where(select(journal), entry_filter)
            .order_by(journal.c.id.desc())
            .limit(min(limit, MAX_PAGE_LENGTH))
        )
        return [_entry(row) for row in connection.execute(query)]

    def head(self, connection: Connection) -> tuple[int, str] | None:
        """(id, hash) of the last entry; None before the first."""
        row = connection.execute(
            select(journal.c.id, journal.c.hash).order_by(journal.c.id.desc()).limit(1)
        ).first()
        return None if row is None else (int(row.id), str(row.hash))

    def last_at_unix_ms(self, connection: Connection) -> int | None:
        """When the last entry was written."""
        return connection.execute(
            select(journal.c.at_unix_ms).order_by(journal.c.id.desc()).limit(1)
        ).scalar_one_or_none()

    def verify_some(
        self, connection: Connection, after_id: int, after_hash: str, limit: int
    ) -> VerifiedSlice:
        """As `verify`, for the next `limit` entries after one that holds; 0 and GENESIS_HASH to begin."""
        rows = connection.execute(
            select(journal).where(journal.c.id > after_id).order_by(journal.c.id).limit(limit)
        ).all()
        for row in rows:
            if not _follows(row, after_hash):
                return VerifiedSlice(after_id, after_hash, False, int(row.id))
            after_id, after_hash = int(row.id), str(row.hash)
        return VerifiedSlice(after_id, after_hash, len(rows) < limit, None)

    def verify(self, connection: Connection) -> Verification:
        """Recomputes every hash from the first entry on."""
        expected_previous, count = GENESIS_HASH, 0
        for row in connection.execute(select(journal).order_by(journal.c.id)):
            if not _follows(row, expected_previous):
                return Verification(count, expected_previous, int(row.id))
            expected_previous, count = row.hash, count + 1
        return Verification(count, expected_previous, None)


def _follows(row: Row[Any], previous_hash: str) -> bool:
    values = {name: value for name, value in row._mapping.items() if name not in ("id", "hash")}
    return bool(row.previous_hash == previous_hash and _hash(values) == row.hash)


def _hash(values: Mapping[str, Any]) -> str:
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "0x" + hashlib.sha256(canonical.encode()).hexdigest()


def _where(query: Select[Any], entry_filter: Filter) -> Select[Any]:
    conditions = {
        "act": entry_filter.act,
        "actor_id": entry_filter.actor_id,
        "subject_kind": entry_filter.subject.kind if entry_filter.subject else None,
        "subject_id": entry_filter.subject.subject_id if entry_filter.subject else None,
    }
    for name, value in conditions.items():
        if value is not None:
            query = query.where(journal.c[name] == value)
    if entry_filter.subjects:
        about = tuple_(journal.c.subject_kind, journal.c.subject_id)
        query = query.where(about.in_([(each.kind, each.subject_id) for each in entry_filter.subjects]))
    if entry_filter.from_unix_ms is not None:
        query = query.where(journal.c.at_unix_ms >= entry_filter.from_unix_ms)
    if entry_filter.until_unix_ms is not None:
        query = query.where(journal.c.at_unix_ms < entry_filter.until_unix_ms)
    if entry_filter.before_id is not None:
        query = query.where(journal.c.id < entry_filter.before_id)
    return query


def _entry(row: Row[Any]) -> JournalEntry:
    return JournalEntry(
        id=row.id,
        at_unix_ms=row.at_unix_ms,
        actor=Actor(row.actor_kind, row.actor_id),
        act=row.act,
        subject=Subject(row.subject_kind, row.subject_id) if row.subject_kind else None,
        ground=row.ground,
        details=row.details,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )
