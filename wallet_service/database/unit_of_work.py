"""The only door to the database: one transaction, committed at the edge, rolled back on any error.

`after_commit` callbacks (waking a worker, pushing to pages) run only when the commit has succeeded. No
network call belongs inside a unit of work.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from sqlalchemy import Connection, Engine, text


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
            for callback in self._callbacks:
                callback()

    def after_commit(self, callback: Callable[[], None]) -> None:
        self._callbacks.append(callback)


def database_answers(engine: Engine) -> bool:
    """Whether a trivial question is answered; used by readiness."""
    with engine.connect() as connection:
        return bool(connection.execute(text("SELECT 1")).scalar_one() == 1)
