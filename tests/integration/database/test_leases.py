"""A lease has one holder at a time, by the database's clock; nobody waits for a holder that stopped."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select, update

from wallet_service.database import moments
from wallet_service.database.engine import DatabaseBounds, make_engine
from wallet_service.database.leases import CLOCK_SLACK_MS, LEASE_DURATION_MS, Lease, all_held
from wallet_service.database.tables.chain import leases
from wallet_service.database.unit_of_work import UnitOfWork, reading

NAME = "settler"
TEN_MINUTES_MS = 600_000


def _runs_out_in(engine: Engine, rest_ms: int) -> None:
    """Whoever wrote it: the lease runs out so much later than the database's now."""
    with UnitOfWork(engine) as work:
        expires_at_unix_ms = moments.now_unix_ms(work.connection) + rest_ms
        work.connection.execute(update(leases).values(expires_at_unix_ms=expires_at_unix_ms))


def _still_held(lease: Lease, engine: Engine) -> bool:
    with UnitOfWork(engine) as work:
        return lease.still_held(work.connection)


def test_a_second_stands_by_until_the_first_has_run_out(engine: Engine) -> None:
    first, second = Lease(engine, NAME), Lease(engine, NAME)
    assert first.hold()
    assert not second.hold()
    assert _still_held(first, engine)
    _runs_out_in(engine, -1)
    assert not _still_held(first, engine)
    assert second.hold()
    assert not _still_held(first, engine)
    first.release()
    assert _still_held(second, engine)


def test_a_lease_given_up_is_free_at_once(engine: Engine) -> None:
    first, second = Lease(engine, NAME), Lease(engine, NAME)
    assert first.hold()
    first.release()
    assert second.hold()


def test_it_runs_out_by_the_databases_clock_whatever_ours_says(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reading(engine) as connection:
        before_unix_ms = moments.now_unix_ms(connection)
    monkeypatch.setattr("time.time", lambda: before_unix_ms / 1000 + 600)
    monkeypatch.setattr("time.time_ns", lambda: (before_unix_ms + TEN_MINUTES_MS) * 1_000_000)
    assert Lease(engine, NAME).hold()
    with reading(engine) as connection:
        expires_at_unix_ms = connection.execute(select(leases.c.expires_at_unix_ms)).scalar_one()
    assert 0 <= expires_at_unix_ms - LEASE_DURATION_MS - before_unix_ms < TEN_MINUTES_MS


def test_a_lease_further_ahead_than_its_duration_is_void(engine: Engine) -> None:
    """A holder whose clock was ten minutes fast wrote it; nobody may wait for those ten minutes."""
    fast, right = Lease(engine, NAME), Lease(engine, NAME)
    assert fast.hold()
    _runs_out_in(engine, TEN_MINUTES_MS)
    assert not all_held(engine, [NAME])
    assert right.hold()
    assert not _still_held(fast, engine)
    assert all_held(engine, [NAME])


def test_a_database_clock_set_back_a_little_voids_nothing(engine: Engine) -> None:
    first, second = Lease(engine, NAME), Lease(engine, NAME)
    assert first.hold()
    _runs_out_in(engine, LEASE_DURATION_MS + CLOCK_SLACK_MS // 2)
    assert not second.hold()


def test_readiness_misses_a_lease_that_nobody_holds(engine: Engine) -> None:
    assert not all_held(engine, [NAME])
    assert Lease(engine, NAME).hold()
    assert all_held(engine, [NAME])
    assert not all_held(engine, [NAME, "bank"])
    _runs_out_in(engine, -1)
    assert not all_held(engine, [NAME])


@pytest.mark.postgres
def test_who_stands_by_does_not_wait_for_the_holders_locks(postgresql_url: str) -> None:
    impatient = make_engine(postgresql_url, DatabaseBounds(lock_ms=200))
    first, second = Lease(impatient, NAME), Lease(impatient, NAME)
    assert first.hold()
    with UnitOfWork(impatient) as paused:
        assert first.still_held(paused.connection)
        assert not second.hold()
        paused.connection.execute(update(leases).values(expires_at_unix_ms=0))
    with UnitOfWork(impatient) as paused:
        assert not first.still_held(paused.connection)
        assert not second.hold()
    assert second.hold()
    impatient.dispose()
