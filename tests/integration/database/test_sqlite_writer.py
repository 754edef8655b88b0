"""SQLite's one writer: who waits for it gets it as soon as it is free, however long they have waited."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from wallet_service.database import engine as engines
from wallet_service.database.engine import make_engine
from wallet_service.database.unit_of_work import UnitOfWork, reading


class Sleeps:
    """In place of the module's time: nobody sleeps, and the lock is let go at one of the sleeps."""

    def __init__(self, let_go_at: int, let_go: object) -> None:
        self.asked_s: list[float] = []
        self._let_go_at, self._let_go = let_go_at, let_go
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.asked_s.append(seconds)
        self.now_s += seconds
        if len(self.asked_s) == self._let_go_at:
            self._let_go()  # type: ignore[operator]


def test_it_is_asked_for_at_one_pace_until_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of another process, for which another engine on the same file stands."""
    engine, other = (make_engine(f"sqlite:///{tmp_path / 'a.db'}") for _ in range(2))
    with other.connect() as holder:
        holder.begin()
        sleeps = Sleeps(200, holder.rollback)
        monkeypatch.setattr(engines, "time", sleeps)
        with UnitOfWork(engine) as work:
            work.connection.execute(text("create table t (a integer)"))
    assert sleeps.asked_s == [engines.SQLITE_WRITER_ASKED_EVERY_S] * 200
    with reading(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 10_000
    for each in (engine, other):
        each.dispose()


def test_who_waits_too_long_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    monkeypatch.setattr(engines, "SQLITE_BUSY_TIMEOUT_MS", 30)
    waiting = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as holder:
        holder.begin()
        with pytest.raises(OperationalError, match="locked"), UnitOfWork(waiting):
            pass
    with UnitOfWork(waiting) as work:
        assert work.connection.execute(text("select 1")).scalar_one() == 1
    for each in (engine, waiting):
        each.dispose()


def test_among_the_threads_of_one_process_it_goes_to_whoever_has_waited_longest(tmp_path: Path) -> None:
    """A busy thread that begins again as soon as it has committed was always first."""
    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with UnitOfWork(engine) as work:
        work.connection.execute(text("create table t (who text)"))
    threads = []

    def write(who: str) -> None:
        with UnitOfWork(engine) as work:
            work.connection.execute(text("insert into t values (:who)"), {"who": who})

    with UnitOfWork(engine) as work:
        for number, who in enumerate(("first", "second"), 1):
            threads.append(threading.Thread(target=write, args=(who,)))
            threads[-1].start()
            until_s = time.monotonic() + 10
            while engines.waiting_writers(engine) < number and time.monotonic() < until_s:
                time.sleep(0.001)
        work.connection.execute(text("insert into t values ('busy')"))
    write("busy again")
    for thread in threads:
        thread.join()
    with reading(engine) as connection:
        found = connection.execute(text("select who from t order by rowid")).scalars().all()
    assert found == ["busy", "first", "second", "busy again"]
    engine.dispose()


def test_the_turn_is_given_on_by_whoever_fails(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with pytest.raises(ZeroDivisionError), UnitOfWork(engine):
        raise ZeroDivisionError
    with pytest.raises(OperationalError), UnitOfWork(engine) as work:
        work.connection.execute(text("select nothing"))
    with UnitOfWork(engine) as work:
        assert work.connection.execute(text("select 1")).scalar_one() == 1
    engine.dispose()
