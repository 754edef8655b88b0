"""What one connection to PostgreSQL may keep others waiting is bounded by the server, on every connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from wallet_service.database import migrate
from wallet_service.database.engine import UNBOUNDED, DatabaseBounds, make_engine
from wallet_service.database.failures import AWAY
from wallet_service.platform.settings import Settings

pytestmark = pytest.mark.postgres

SHORT_MS = 150
SHOWN = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
LOCK = text("SELECT pg_advisory_xact_lock(1)")

Make = Callable[[DatabaseBounds], Engine]


@pytest.fixture
def bounded(postgresql_url: str) -> Iterator[Make]:
    made: list[Engine] = []

    def make(bounds: DatabaseBounds) -> Engine:
        made.append(make_engine(postgresql_url, bounds))
        return made[-1]

    yield make
    for engine in made:
        engine.dispose()


def _shown(connection: Any) -> list[str]:
    return [connection.execute(text(f"SHOW {name}")).scalar_one() for name in SHOWN]


def test_every_connection_has_the_settings_bounds(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("STATEMENT", 21_000), ("LOCK", 6_000), ("IDLE_IN_TRANSACTION", 4_000)):
        monkeypatch.setenv(f"ALBA_DATABASE_{name}_TIMEOUT_MS", str(value))
    monkeypatch.setenv("ALBA_DATABASE_TCP_USER_TIMEOUT_MS", "3000")
    engine = make_engine(postgresql_url, Settings().database_bounds())
    with engine.connect() as first, engine.connect() as second:
        assert _shown(first) == _shown(second) == ["21s", "6s", "4s"]
        raw: Any = first.connection.dbapi_connection
        said = raw.info.get_parameters()
    assert said["tcp_user_timeout"] == "3000"
    assert "tcp_user_timeout=3000" in said["options"]  # the server's own, which a socket file has not
    engine.dispose()


def test_the_defaults_bound_everything_and_let_who_waits_for_a_paused_holder_get_through() -> None:
    bounds = DatabaseBounds()
    assert min(bounds.statement_ms, bounds.lock_ms, bounds.idle_in_transaction_ms, bounds.tcp_user_ms) > 0
    assert bounds.idle_in_transaction_ms < bounds.lock_ms < bounds.statement_ms


def test_who_stops_inside_a_transaction_loses_it_and_its_locks(bounded: Make) -> None:
    engine = bounded(DatabaseBounds(lock_ms=10_000, idle_in_transaction_ms=SHORT_MS))
    with engine.connect() as paused, engine.connect() as waiting:
        paused.execute(LOCK)
        waiting.execute(LOCK)  # comes when the server has ended the other
        with pytest.raises(AWAY) as ended:
            paused.execute(text("SELECT 1"))
        assert isinstance(ended.value, DBAPIError)
        assert isinstance(ended.value.orig, psycopg.errors.IdleInTransactionSessionTimeout)
        assert paused.invalidated, "the pool does not give it to anybody again"


def test_nobody_waits_for_a_lock_without_end(bounded: Make) -> None:
    engine = bounded(DatabaseBounds(lock_ms=SHORT_MS))
    with engine.connect() as holder, engine.connect() as waiting:
        holder.execute(LOCK)
        with pytest.raises(DBAPIError) as refused:
            waiting.execute(LOCK)
        assert isinstance(refused.value.orig, psycopg.errors.LockNotAvailable)


def test_no_statement_runs_without_end(bounded: Make) -> None:
    with bounded(DatabaseBounds(statement_ms=SHORT_MS)).connect() as connection:
        with pytest.raises(DBAPIError) as refused:
            connection.execute(text("SELECT pg_sleep(60)"))
        assert isinstance(refused.value.orig, psycopg.errors.QueryCanceled)


def test_a_migration_and_a_rebuild_take_as_long_as_they_take(
    bounded: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[list[str]] = []

    def note(configuration: Any, revision: str) -> None:
        shown.append(_shown(configuration.attributes["connection"]))

    monkeypatch.setattr("alembic.command.upgrade", note)
    engine = bounded(DatabaseBounds())
    migrate.upgrade(engine)
    with engine.connect() as after, bounded(UNBOUNDED).connect() as rebuilding:
        assert _shown(after) == ["20s", "7s", "5s"]
        assert _shown(rebuilding) == ["0", "0", "0"]
    assert shown == [["0", "0", "0"]]
