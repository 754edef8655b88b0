"""Tables as spreadsheets read them. Owns the guard against formulas, for every export."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

Cell = str | int | None

#: What a spreadsheet takes for the start of a formula (OWASP ASVS 5.0, 1.2.10).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads accents wrongly


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
