"""Many rows or values in one statement, for what a month's bank file brings.

PostgreSQL's driver sends a statement for each row of an executemany; there the rows go as one JSON document
instead, which the server takes apart: a fourth of the time. A list of values goes as one array, where each of
hundreds of parameters would be written, split, sent and planned. SQLite has no way to the server to save.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, Connection, Table, any_, insert, literal, text


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts them in their order; each must have the same columns. Nothing for none.

    Raises IntegrityError as any insert does.
    """
    if not rows:
        return
    if connection.dialect.name != "postgresql" or len(rows) == 1:
        connection.execute(insert(table), [dict(row) for row in rows])
        return
    document = json.dumps([{name: _told(value) for name, value in row.items()} for row in rows])
    connection.execute(_statement(connection, table, list(rows[0])), {"rows": document})


def among(connection: Connection, column: Column[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether the column holds one of the values."""
    if connection.dialect.name != "postgresql":
        return column.in_(values)
    return column == any_(literal(list(values), ARRAY(column.type)))


def _statement(connection: Connection, table: Table, names: Sequence[str]) -> Any:
    quoted = connection.dialect.identifier_preparer
    columns = ", ".join(quoted.quote(table.c[name].name) for name in names)
    own = quoted.format_table(table)
    return text(
        f"INSERT INTO {own} ({columns}) SELECT {columns} FROM ROWS FROM "  # nosec B608: our own tables' names
        f"(json_populate_recordset(NULL::{own}, CAST(:rows AS json))) WITH ORDINALITY ORDER BY ordinality"
    )


def _told(value: Any) -> Any:
    """As the server reads it out of JSON into its column's type."""
    return "\\x" + value.hex() if isinstance(value, bytes) else value
