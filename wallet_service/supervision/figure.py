"""A figure: named columns and rows, from which a page's table, picture, JSON and CSV are all made. Pure.

Owns the guard against formulas in exports. Knows no SQL and no HTML.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

#: How a cell is shown. cents: money; basis_points: hundredths of a percent; hundredths: a number times 100.
CellKind = Literal[
    "text", "word", "day", "moment_s", "moment_ms", "count", "cents", "basis_points", "hundredths"
]
Cell = str | int | None

#: What a spreadsheet takes for the start of a formula (OWASP ASVS 5.0, 1.2.10).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads accents wrongly


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is the machine's (CSV, JSON), `label` the French words people read. A `word` cell holds
    a French word that is translated when shown.
    """

    name: str
    label: str
    kind: CellKind


@dataclass(frozen=True, slots=True)
class Figure:
    """`source` says in French where the numbers come from; `as_of_unix_ms` when they were read."""

    name: str
    title: str
    source: str
    as_of_unix_ms: int
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...] = field(default=())

    def values(self, column: str) -> list[Any]:
        """One column's cells, in order; KeyError for a column it has not."""
        names = [known.name for known in self.columns]
        if column not in names:
            raise KeyError(column)
        position = names.index(column)
        return [row[position] for row in self.rows]

    def to_json(self) -> dict[str, Any]:
        names = [column.name for column in self.columns]
        return {
            "name": self.name,
            "as_of_unix_ms": self.as_of_unix_ms,
            "rows": [dict(zip(names, row, strict=True)) for row in self.rows],
        }

    def to_csv(self) -> str:
        """RFC 4180 with a byte order mark; machine names in the first line."""
        return csv_text([column.name for column in self.columns], self.rows)


def csv_text(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Only text is guarded: a negative number is a number, and cannot be a formula."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([[guarded(cell) for cell in row] for row in rows])
    return BYTE_ORDER_MARK + made.getvalue()


def guarded(cell: Cell) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return "'" + cell
    return cell
