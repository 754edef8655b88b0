"""The only door to the database: one transaction, committed at the edge, rolled back on any error.

`after_commit` callbacks (waking a worker, pushing to pages) run only when the commit has succeeded. No
network call belongs inside a unit of work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

_AFTER_EACH: WeakKeyDictionary[Engine, list[Callable[[], None]]] = WeakKeyDictionary()


def after_each_commit(engine: Engine, callback: Callable[[], None]) -> None:
    """`callback` runs after every unit of work on `engine` that commits, of whatever subject; quickly."""
    _AFTER_EACH.setdefault(engine, []).append(callback)


class UnitOfWork:
    """``with UnitOfWork(engine) as work: work.connection.execute(...)``.

    On SQLite the transaction starts with BEGIN IMMEDIATE (see database.engine), so a writer never fails
    half-way for want of the write lock.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._callbacks: list[Callable[[], None]] = []
        self.connection: Connection

    def __enter__(self) -> UnitOfWork:
        self.connection = self._engine.connect()
        self._transaction = self.connection.begin()
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error_type is None:
                self._transaction.commit()
            else:
                self._transaction.rollback()
        finally:
            self.connection.close()
        if error_type is None:
            for callback in (*self._callbacks, *_AFTER_EACH.get(self._engine, ())):
                callback()

    def after_commit(self, callback: Callable[[], None]) -> None:
        self._callbacks.append(callback)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only reads: it takes no write lock on SQLite and is never committed."""
    with engine.connect().execution_options(read_only=True) as connection:
        yield connection
