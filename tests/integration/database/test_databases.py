"""Both databases hold every table and keep what was committed."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import DatabaseError

from wallet_service.database.tables import metadata
from wallet_service.database.tables.bank import payout_files
from wallet_service.database.unit_of_work import UnitOfWork


def test_every_table_is_there(engine: Engine) -> None:
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())


def test_each_test_starts_with_an_empty_database_and_keeps_its_commits(engine: Engine) -> None:
    row = {
        "id": "p1",
        "message_id": "m1",
        "file_name": "f.xml",
        "sealed_content": b"\x00\xff",
        "total_cents": 2**40,
        "state": "prepared",
        "prepared_by": "officer",
        "prepared_at_unix_ms": 1,
    }
    with UnitOfWork(engine) as work:
        assert work.connection.execute(select(payout_files)).all() == []
        work.connection.execute(payout_files.insert(), row)
    with UnitOfWork(engine) as work:
        kept = work.connection.execute(select(payout_files)).one()
    assert (kept.sealed_content, kept.total_cents, kept.approved_by) == (b"\x00\xff", 2**40, None)


def test_an_error_does_not_quote_what_the_statement_held(engine: Engine) -> None:
    with pytest.raises(DatabaseError) as refused, UnitOfWork(engine) as work:
        work.connection.execute(text("SELECT nothing FROM nowhere WHERE name = :name"), {"name": "Solveig"})
    assert "nowhere" in str(refused.value)
    assert "Solveig" not in str(refused.value)
