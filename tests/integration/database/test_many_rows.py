"""Many rows at once: the same rows as one by one, whatever their columns hold, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    select,
)
from sqlalchemy.exc import IntegrityError

from wallet_service.database.many import among, insert_many
from wallet_service.database.tables.base import RowNumber

odds = Table(
    "odds_and_ends",
    MetaData(),
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("order", Integer, nullable=False),  # a word of SQL's own
    Column("text", String(80), nullable=True),
    Column("cents", BigInteger, nullable=True),
    Column("is_so", Boolean, nullable=True),
    Column("sealed", LargeBinary, nullable=True),
    Column("told", JSON, nullable=True),
    UniqueConstraint("order"),
)
NAMES = ("order", "text", "cents", "is_so", "sealed", "told")
ROWS: list[dict[str, Any]] = [
    dict(zip(NAMES, values, strict=True))
    for values in (
        (3, "plain", 2**53 + 1, True, bytes(range(256)), ["0x1", 5]),
        (1, "", -(2**62), False, b"", {"a": {"b": [True, "é"]}}),
        (2, "l’œuf \\x41 \"quoted\" 'so' %s :rows ☕\n\t", 0, True, b"\\x41", []),
        (4, None, None, None, None, "\\x41"),
    )
]


@pytest.fixture
def table(engine: Engine) -> Table:
    odds.create(engine)
    return odds


@pytest.mark.parametrize("count", [1, len(ROWS)])
def test_they_are_what_was_given_in_the_order_it_was_given(engine: Engine, table: Table, count: int) -> None:
    with engine.begin() as connection:
        insert_many(connection, table, ROWS[:count])
        insert_many(connection, table, [])
        found = connection.execute(select(table).order_by(table.c.id)).mappings().all()
    assert [{**row, "sealed": row["sealed"] and bytes(row["sealed"])} for row in found] == [
        {"id": number, **row} for number, row in enumerate(ROWS[:count], 1)
    ]


def test_one_that_may_not_be_is_refused_with_all(engine: Engine, table: Table) -> None:
    with pytest.raises(IntegrityError), engine.begin() as connection:
        insert_many(connection, table, [*ROWS, {**ROWS[0], "text": "again"}])
    with engine.connect() as connection:
        assert connection.execute(select(table)).all() == []


@pytest.mark.parametrize(
    ("name", "values", "orders"),
    [
        ("text", ["", "l’œuf \\x41 \"quoted\" 'so' %s :rows ☕\n\t", "nowhere"], {1, 2}),
        ("order", [3, 4, 9], {3, 4}),
        ("cents", [2**53 + 1, -(2**62)], {1, 3}),
        ("text", [], set()),
        ("order", list(range(2_000)), {1, 2, 3, 4}),
    ],
)
def test_those_among_some_values_are_found(
    engine: Engine, table: Table, name: str, values: list[Any], orders: set[int]
) -> None:
    with engine.begin() as connection:
        insert_many(connection, table, ROWS)
        query = select(table.c.order).where(among(connection, table.c[name], values))
        assert set(connection.execute(query).scalars()) == orders
