"""The migrated schema is the one of the code, on both databases, and money's history cannot be rewritten."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, Connection, Engine, delete, insert, inspect, select, update
from sqlalchemy.exc import DBAPIError

from tests.support.databases import postgresql_cluster
from wallet_service.database import migrate
from wallet_service.database.engine import make_engine
from wallet_service.database.guards import postings_may_be_deleted
from wallet_service.database.tables import metadata
from wallet_service.database.tables.chain import open_guards, postings
from wallet_service.database.tables.supervision import journal
from wallet_service.database.unit_of_work import UnitOfWork

WORD = "0x" + "11" * 32


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a database without any table."""
    if request.param == "sqlite":
        made = make_engine(f"sqlite:///{tmp_path / 'empty.db'}")
        yield made
        made.dispose()
        return
    cluster = postgresql_cluster()
    name = cluster.create_empty_database()
    made = make_engine(cluster.url(name))
    yield made
    made.dispose()
    cluster.drop_database(name)


@pytest.fixture
def migrated(empty_engine: Engine) -> Engine:
    migrate.upgrade(empty_engine)
    return empty_engine


def test_the_migrated_schema_equals_the_tables_of_the_code(migrated: Engine) -> None:
    assert migrate.schema_differences(migrated) == []


def test_the_migrated_schema_has_every_check_of_the_code(migrated: Engine) -> None:
    inspector = inspect(migrated)
    for table in metadata.sorted_tables:
        wanted = {
            str(constraint.name)
            for constraint in table.constraints
            if isinstance(constraint, CheckConstraint)
        }
        assert {check["name"] for check in inspector.get_check_constraints(table.name)} == wanted, table.name


def test_a_missing_column_is_noticed(migrated: Engine) -> None:
    with UnitOfWork(migrated) as work:
        work.connection.exec_driver_sql("ALTER TABLE push_events DROP COLUMN kind")
    assert migrate.schema_differences(migrated) != []


def test_upgrading_twice_changes_nothing(migrated: Engine) -> None:
    migrate.upgrade(migrated)
    assert migrate.schema_differences(migrated) == []


def test_two_services_upgrading_at_once_make_one_schema(empty_engine: Engine) -> None:
    failures: list[BaseException] = []

    def run() -> None:
        try:
            migrate.upgrade(empty_engine)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert migrate.schema_differences(empty_engine) == []


def _add_posting(connection: Connection) -> None:
    connection.execute(
        insert(postings).values(
            block_number=1,
            log_index=0,
            leg=0,
            account="0x" + "22" * 20,
            amount_cents=-5,
            kind="payment",
            ref=WORD,
            block_timestamp_unix_s=1,
        )
    )


def test_a_posting_cannot_be_changed(migrated: Engine) -> None:
    with UnitOfWork(migrated) as work:
        _add_posting(work.connection)
    with pytest.raises(DBAPIError, match="append-only"), UnitOfWork(migrated) as work:
        work.connection.execute(update(postings).values(amount_cents=-6))


def test_a_posting_can_be_deleted_by_a_rewind_only(migrated: Engine) -> None:
    with UnitOfWork(migrated) as work:
        _add_posting(work.connection)
    with pytest.raises(DBAPIError, match="append-only"), UnitOfWork(migrated) as work:
        work.connection.execute(delete(postings))
    with UnitOfWork(migrated) as work, postings_may_be_deleted(work.connection):
        work.connection.execute(delete(postings))
    with migrated.connect() as connection:
        assert connection.execute(select(postings)).all() == []
        assert connection.execute(select(open_guards)).all() == []


def test_the_journal_can_only_grow(migrated: Engine) -> None:
    row = {
        "at_unix_ms": 1,
        "actor_kind": "service",
        "act": "test.done",
        "details": {},
        "previous_hash": WORD,
        "hash": WORD,
    }
    with UnitOfWork(migrated) as work:
        work.connection.execute(insert(journal), row)
    with pytest.raises(DBAPIError, match="append-only"), UnitOfWork(migrated) as work:
        work.connection.execute(update(journal).values(act="test.undone"))
    with pytest.raises(DBAPIError, match="append-only"), UnitOfWork(migrated) as work:
        work.connection.execute(delete(journal))
