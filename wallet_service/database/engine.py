"""Makes the SQLAlchemy engine for SQLite (WAL) or PostgreSQL from one URL.

Owns connection settings, nothing else. Errors never quote a statement's parameters: they hold people's data
and end up in logs.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import OperationalError

SQLITE_BUSY_TIMEOUT_MS = 10_000
#: SQLite itself asks for its one writer ever more rarely, each 100 ms in the end: whoever has waited longest
#: would be last, and behind many short transactions nobody's.
SQLITE_WRITER_ASKED_EVERY_S = 0.003
#: The log is emptied when nobody reads; while that is waited for, nobody writes.
SQLITE_WIPE_WAIT_MS = 200
POOL_SIZE = 10
POOL_OVERFLOW = 20
POOL_TIMEOUT_S = 10
POSTGRESQL_CONNECT_TIMEOUT_S = 5
#: A silent connection is asked whether anybody is there after so long, then so often.
KEEPALIVE_IDLE_S = 5
KEEPALIVE_INTERVAL_S = 2
#: SQLSTATE of `idle_in_transaction_session_timeout`; SQLAlchemy files it among our own mistakes.
IDLE_TRANSACTION_ENDED = "25P03"
FILE_MODE, OTHERS = 0o600, 0o077
SQLITE_ENDINGS = ("-wal", "-shm")


@dataclass(frozen=True, slots=True)
class DatabaseBounds:
    """How long one connection to PostgreSQL may keep others waiting, in milliseconds; 0 is without bound.

    `idle_in_transaction_ms` ends whoever stopped in the middle of a transaction (a paused process, a machine
    that is gone) and frees its locks: below `lock_ms`, so that who waits for them gets them; below what is
    left of a lease when its holder stops (`leases`), so that the next holder finds them free.
    """

    statement_ms: int = 20_000
    lock_ms: int = 7_000
    idle_in_transaction_ms: int = 5_000
    tcp_user_ms: int = 5_000


#: For what may take as long as it takes, with the service stopped: a rebuild.
UNBOUNDED = DatabaseBounds(0, 0, 0, 0)


def make_engine(database_url: str, bounds: DatabaseBounds | None = None) -> Engine:
    """``sqlite:////path/file.db`` or ``postgresql+psycopg://...``. SQLite runs in WAL with full fsync."""
    if database_url.startswith("sqlite"):
        return _sqlite(database_url)
    bounds = bounds or DatabaseBounds()
    engine = create_engine(
        database_url,
        hide_parameters=True,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_TIMEOUT_S,
        pool_pre_ping=True,
        connect_args=_postgresql_arguments(bounds),
    )
    event.listen(engine, "handle_error", _say_away)
    return engine


def _say_away(context: ExceptionContext) -> None:
    """A transaction ended for its idleness is a database that was away, not a mistake of ours."""
    if getattr(context.original_exception, "sqlstate", None) == IDLE_TRANSACTION_ENDED:
        context.is_disconnect = True
        raise OperationalError(context.statement, None, context.original_exception)


def _postgresql_arguments(bounds: DatabaseBounds) -> dict[str, Any]:
    """The server holds to the bounds by itself, whatever becomes of us; both sides notice a cut line."""
    on_the_server = {
        "statement_timeout": bounds.statement_ms,
        "lock_timeout": bounds.lock_ms,
        "idle_in_transaction_session_timeout": bounds.idle_in_transaction_ms,
        "tcp_user_timeout": bounds.tcp_user_ms,
        "tcp_keepalives_idle": KEEPALIVE_IDLE_S,
        "tcp_keepalives_interval": KEEPALIVE_INTERVAL_S,
    }
    return {
        "connect_timeout": POSTGRESQL_CONNECT_TIMEOUT_S,
        "tcp_user_timeout": bounds.tcp_user_ms,
        "keepalives_idle": KEEPALIVE_IDLE_S,
        "keepalives_interval": KEEPALIVE_INTERVAL_S,
        "options": " ".join(f"-c {name}={value}" for name, value in on_the_server.items()),
    }


def _keep_private(path: Path) -> None:
    """The file is its user's alone, and what SQLite writes beside it as well: those take its mode."""
    if not path.parent.is_dir():
        return
    path.touch(FILE_MODE)
    for kept in (path, *(path.with_name(path.name + ending) for ending in SQLITE_ENDINGS)):
        if kept.exists() and kept.stat().st_mode & OTHERS:
            kept.chmod(FILE_MODE)


def forget_written_pages(engine: Engine) -> bool:
    """Empties SQLite's write-ahead log, where pages lie on as they were; False while somebody reads.

    PostgreSQL's own dead rows go with its vacuum.
    """
    if engine.dialect.name != "sqlite":
        return True
    raw = engine.raw_connection()  # no transaction may be open
    try:
        raw.cursor().execute(f"PRAGMA busy_timeout={SQLITE_WIPE_WAIT_MS}")
        (is_busy, _, _) = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        raw.cursor().execute(f"PRAGMA busy_timeout={SQLITE_BUSY_TIMEOUT_MS}")
        raw.close()
    return not is_busy


class _Turns:
    """Who writes next among this process's connections to one file: whoever has waited longest.

    Other processes ask for SQLite's writer as before; among ourselves nobody asks again and again, and a
    thread that commits one short transaction after another gives way to those who came before its next.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._is_taken = False

    def take(self, timeout_s: float) -> bool:
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = threading.Event()
            self._waiting.append(mine)
        if mine.wait(timeout_s):
            return True
        with self._lock:
            if mine.is_set():  # it came in the last instant
                return True
            self._waiting.remove(mine)
        return False

    def waiting(self) -> int:
        return len(self._waiting)

    def give(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False


class _TakingTurns(sqlite3.Connection):
    """A connection that gives the turn back when its transaction has really ended."""

    turns: _Turns
    has_turn = False

    def commit(self) -> None:
        try:
            super().commit()
        finally:
            self._end_turn()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._end_turn()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._end_turn()

    def take_turn(self) -> bool:
        """Whether this connection may begin to write. False when that took too long."""
        if not self.has_turn:
            self.has_turn = self.turns.take(SQLITE_BUSY_TIMEOUT_MS / 1000)
        return self.has_turn

    def _end_turn(self) -> None:
        if self.has_turn and not self.in_transaction:
            self.has_turn = False
            self.turns.give()


def _takes_writer(connection: _TakingTurns) -> bool:
    """Begins to write as soon as nobody else does; False when that took too long."""
    until_s = time.monotonic() + SQLITE_BUSY_TIMEOUT_MS / 1000
    if not connection.take_turn():
        return False
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return True
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    return False
            if time.monotonic() > until_s:
                return False
            time.sleep(SQLITE_WRITER_ASKED_EVERY_S)
    finally:
        connection.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_TIMEOUT_MS}")


_TURNS: WeakKeyDictionary[Engine, _Turns] = WeakKeyDictionary()


def waiting_writers(engine: Engine) -> int:
    """Threads of this process that wait for SQLite's one writer."""
    return _TURNS[engine].waiting()


def _sqlite(database_url: str) -> Engine:
    if name := make_url(database_url).database:
        _keep_private(Path(name))
    turns = _Turns()
    engine = create_engine(
        database_url,
        hide_parameters=True,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_TIMEOUT_S,
        connect_args={
            "check_same_thread": False,
            "timeout": SQLITE_BUSY_TIMEOUT_MS / 1000,
            "factory": type("Connection", (_TakingTurns,), {"turns": turns}),
        },
    )

    _TURNS[engine] = turns

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")  # what is deleted does not lie on in freed pages
        cursor.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_TIMEOUT_MS}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if connection.get_execution_options().get("read_only"):
            connection.exec_driver_sql("BEGIN")
        elif not _takes_writer(connection.connection.dbapi_connection):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # raises what it always does

    return engine
