"""The migrated schema is the one of the code, on both databases, and money's history cannot be rewritten."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    CheckConstraint,
    Connection,
    Engine,
    MetaData,
    Table,
    delete,
    insert,
    inspect,
    select,
    update,
)
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
FIRST_RELEASE = "0001"
#: Released revisions and the SHA-256 of their files: databases out there have run exactly these.
RELEASED = {"0001_initial.py": "70424d9d9c98d54d057a77cc2091fc1f567ee2cdea68b86e12b7b5eda4a1a73c"}


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


def _rows(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table as the database itself knows them, whatever the code's tables say."""
    found = MetaData()
    found.reflect(engine)
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in found.sorted_tables
            if table.name != "alembic_version"
        }


def _populate_first_release(engine: Engine) -> None:
    """A member with a file, a payment with a note, its postings and the journal's word, as 0001 kept them."""
    known = MetaData()
    known.reflect(engine)
    tables = known.tables
    payer, payee = "M" * 26, "N" * 26
    person = {"kind": "resident", "tier": "verified", "state": "active", "language": "fr"}
    with engine.begin() as connection:
        for member_id, address in ((payer, "0x" + "aa" * 20), (payee, "0x" + "bb" * 20)):
            connection.execute(
                insert(tables["members"]).values(
                    id=member_id,
                    account_address=address,
                    frozen_incoming=False,
                    frozen_outgoing=False,
                    created_at_unix_ms=1,
                    **person,
                )
            )
        connection.execute(
            insert(tables["identity_files"]).values(
                id="F" * 26,
                member_id=payer,
                state="approved",
                asked_tier="verified",
                sealed_declaration=b"sealed",
                created_at_unix_ms=2,
            )
        )
        connection.execute(
            insert(tables["payments"]).values(
                ref=WORD,
                sequence=1,
                purpose="person",
                state="paid",
                payer_member_id=payer,
                payee_member_id=payee,
                from_address="0x" + "aa" * 20,
                to_address="0x" + "bb" * 20,
                amount_cents=12_50,
                nonce="0",
                small_nonce=0,
                valid_before_unix_s=9,
                signature=b"\x01",
                note="never read",
                accepted_at_unix_ms=3,
                final_at_unix_ms=4,
            )
        )
        connection.execute(
            insert(tables["balances"]).values(account="0x" + "aa" * 20, posted_cents=7, reserved_cents=0)
        )
        _add_posting(connection)
        connection.execute(
            insert(tables["journal"]).values(
                at_unix_ms=1,
                actor_kind="service",
                act="test.done",
                details={},
                previous_hash=WORD,
                hash=WORD,
            )
        )


def test_a_populated_first_release_upgrades_and_keeps_every_row(empty_engine: Engine) -> None:
    migrate.upgrade(empty_engine, FIRST_RELEASE)
    _populate_first_release(empty_engine)
    before = _rows(empty_engine)
    assert before["payments"][0]["note"] == "never read"
    migrate.upgrade(empty_engine)
    after = _rows(empty_engine)
    del before["payments"][0]["note"], before["identity_files"][0]["asked_tier"]
    assert after["payments"][0].pop("ask_part_id") is None, "of before: it pays no part"
    assert after["payments"][0].pop("keyholder_id") is None, "of before: nobody else had a key"
    assert after["identity_files"][0].pop("copied_by") is None, "of before: a phone sent it"
    for member in after["members"]:
        accepted = member.pop("terms_version"), member.pop("terms_accepted_at_unix_ms")
        assert accepted == (None, None), "of before: nobody was asked"
    assert {name: after[name] for name in before} == before
    assert migrate.schema_differences(empty_engine) == []


BEFORE_ONE_TABLE_OF_ORDERS = "0026"


def _add_orders_of_two_tables(engine: Engine) -> None:
    """An order for a reversal and one for a dispute, as they stood apart; beside them, only keys."""
    known = MetaData()
    known.reflect(engine)
    tables = known.tables
    entry = {"bank_entry_id": "E", "member_id": "M" * 26, "amount_cents": 12_50}
    order = {
        "amount_cents": 12_50,
        "ground": "un motif",
        "ground_salt": WORD,
        "state": "executing",
        "asked_by": "O" * 26,
        "asked_at_unix_ms": 1,
        "executable_at_unix_s": 2,
        "executions": 3,
        "proposed_block": 4,
        "failure": "ERC20InsufficientBalance",
    }
    dispute = {
        "payment_ref": WORD,
        "payer_member_id": "M" * 26,
        "payee_member_id": "N" * 26,
        "payer_address": "0x" + "aa" * 20,
        "payee_address": "0x" + "bb" * 20,
        "amount_cents": 12_50,
        "reason": "deceived",
        "state": "open",
        "opened_at_unix_ms": 1,
        "decide_by_unix_ms": 2,
    }
    hold = {"member_id": "N" * 26, "account_address": "0x" + "bb" * 20, "hop": 0, "left_cents": 12_50}
    with engine.begin() as connection:
        _fill(connection, tables["bank_statements"], id="S")
        _fill(
            connection,
            tables["bank_entries"],
            id="E",
            bank_statement_id="S",
            amount_cents=1,
            direction="DBIT",
            state="reversal",
        )
        _fill(connection, tables["topups"], id="P", state="credited", **entry)
        _fill(connection, tables["bank_reversals"], id="R", topup_id="P", state="open", gap_cents=0, **entry)
        connection.execute(insert(tables["disputes"]).values(id="D", **dispute))
        connection.execute(
            insert(tables["dispute_holds"]).values(id="H", dispute_id="D", amount_cents=12_50, **hold)
        )
        connection.execute(
            insert(tables["forced_transfers"]).values(
                id="F", reversal_id="R", ground_hash="0x" + "01" * 32, number=1, **order
            )
        )
        connection.execute(
            insert(tables["dispute_takings"]).values(
                id="T", dispute_id="D", hold_id="H", ground_hash="0x" + "02" * 32, number=2, **order
            )
        )


def _fill(connection: Connection, table: Table, **given: object) -> None:
    """A row of which only what is given matters; the rest is what its column must have."""
    needed = [column for column in table.columns if not column.nullable and column.server_default is None]
    dull = {column.name: column.type.python_type() for column in needed if column.name not in given}
    connection.execute(insert(table).values(**dull, **given))


def test_orders_of_disputes_move_beside_those_of_reversals_as_they_are(empty_engine: Engine) -> None:
    migrate.upgrade(empty_engine, FIRST_RELEASE)
    _populate_first_release(empty_engine)
    migrate.upgrade(empty_engine, BEFORE_ONE_TABLE_OF_ORDERS)
    _add_orders_of_two_tables(empty_engine)
    before = _rows(empty_engine)
    migrate.upgrade(empty_engine)
    after = _rows(empty_engine)
    (of_reversal,), (of_dispute,) = before["forced_transfers"], before["dispute_takings"]
    assert {row["id"]: row for row in after["forced_transfers"]} == {
        "F": {**of_reversal, "dispute_id": None, "hold_id": None},
        "T": {**of_dispute, "reversal_id": None},
    }
    assert "dispute_takings" not in after


def test_money_history_stays_guarded_after_an_upgrade(empty_engine: Engine) -> None:
    migrate.upgrade(empty_engine, FIRST_RELEASE)
    _populate_first_release(empty_engine)
    migrate.upgrade(empty_engine)
    for statement in (delete(postings), update(journal).values(act="test.undone")):
        with pytest.raises(DBAPIError, match="append-only"), UnitOfWork(empty_engine) as work:
            work.connection.execute(statement)


def test_a_next_revision_is_refused_while_nothing_differs() -> None:
    with pytest.raises(ValueError, match="nothing to write"):
        migrate.write_revision("nothing")


def test_a_released_revision_is_never_edited() -> None:
    for name, expected in RELEASED.items():
        content = (migrate.MIGRATIONS / "versions" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == expected, f"{name} was released: write a new revision"
