"""Tables as spreadsheets read them, one rule for every export: semicolons and decimal commas in French.

Owns the guard against formulas.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wallet_service.languages.standards import marks_of
from wallet_service.protocol.text.money import decimal_amount

#: What a spreadsheet takes for the start of a formula (OWASP ASVS 5.0, 1.2.10).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads accents wrongly


@dataclass(frozen=True, slots=True)
class Cents:
    """An amount in a cell: a number to the spreadsheet, whatever its sign."""

    cents: int


Cell = str | int | None
CsvCell = Cell | Cents


def csv_text(header: Sequence[str], rows: Iterable[Sequence[CsvCell]], language: str) -> str:
    """Only text is guarded: a negative number is a number, and cannot be a formula."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=delimiter(language), lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([[_written(cell, language) for cell in row] for row in rows])
    return BYTE_ORDER_MARK + made.getvalue()


def delimiter(language: str) -> str:
    """A spreadsheet whose numbers hold commas parts columns at semicolons."""
    return "," if marks_of(language).decimal == "." else ";"


def decimal(amount_cents: int, language: str) -> str:
    """A number that language's spreadsheet reads: no thousands mark."""
    plain = decimal_amount(abs(amount_cents))
    sign = "-" if amount_cents < 0 else ""
    return sign + plain.replace(".", marks_of(language).decimal)


def _written(cell: CsvCell, language: str) -> str | int:
    return decimal(cell.cents, language) if isinstance(cell, Cents) else guarded(cell)


def guarded(cell: Cell) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return "'" + cell
    return cell
