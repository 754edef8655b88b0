"""One memory of compiled statements for all the engines of a test process.

Each test has an engine on a database of its own, and SQLAlchemy keeps with each engine what it compiled from
Python to SQL: every test compiled every statement anew, a quarter of the time of those with a database.
The programs have one engine each and are not touched.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

KEPT_STATEMENTS = 20_000


def share_compiled_statements() -> None:
    """Engines made from now on, of one kind of database, know the statements that any of them compiled."""
    kept: LRUCache[Any, Any] = LRUCache(KEPT_STATEMENTS)
    Engine._compiled_cache = property(lambda _engine: kept, lambda _engine, _own: None)  # type: ignore[assignment]
    for dialect in (PGDialect_psycopg, SQLiteDialect_pysqlite):  # a part of each statement's key
        dialect.__eq__ = _same_kind  # type: ignore[method-assign]
        dialect.__hash__ = _hash_of_kind  # type: ignore[assignment, method-assign]


def _same_kind(dialect: Any, other: object) -> bool:
    return type(dialect) is type(other)


def _hash_of_kind(dialect: Any) -> int:
    return hash(type(dialect))
