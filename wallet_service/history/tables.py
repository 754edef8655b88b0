"""A table on a sheet: columns, rows that are never parted between two pages, a line of words under a row.

By hand: fpdf's own table measures all texts again and takes five times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from wallet_service.history.sheets import (
    INK,
    NEXT_MM,
    PAID,
    ROW_MM,
    SOFT,
    TABLE_POINTS,
    UNDER_MM,
    UNDER_POINTS,
    WELL,
    Sheets,
)


@dataclass(frozen=True, slots=True)
class TableColumn:
    """`goes_on`: words that may be wider than the column go on below."""

    name: str
    width_mm: float
    align: Literal["L", "R"] = "L"
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """`green`: the cell that says money came in; `under`: a line below, from `under_column` on."""

    texts: Sequence[str]
    green: int | None = None
    under: str = ""
    under_column: int = 0
    is_bold: bool = False


def draw_table(paper: Sheets, columns: Sequence[TableColumn], rows: Sequence[TableRow]) -> None:
    """With the columns' names at the top of every page."""
    _heading(paper, columns)
    for row in rows:
        _row(paper, columns, row)


def _heading(paper: Sheets, columns: Sequence[TableColumn]) -> None:
    paper.type("B", UNDER_POINTS, SOFT)
    paper.set_fill_color(*WELL)
    for column in columns:
        paper.cell(column.width_mm, ROW_MM, column.name, align=column.align, fill=True)
    paper.ln(ROW_MM)


def _row(paper: Sheets, columns: Sequence[TableColumn], row: TableRow) -> None:
    style = "B" if row.is_bold else ""
    paper.type(style, TABLE_POINTS)
    parts = [
        paper.parted(text, column.width_mm) if column.goes_on else [text]
        for text, column in zip(row.texts, columns, strict=True)
    ]
    words_height = ROW_MM + NEXT_MM * (max(map(len, parts)) - 1)
    under_width = sum(column.width_mm for column in columns[row.under_column :])
    under: list[str] = []
    if row.under:
        paper.type("", UNDER_POINTS, SOFT)
        under = paper.parted(row.under, under_width)
        paper.type(style, TABLE_POINTS)
    height = words_height + UNDER_MM * len(under)
    if paper.will_page_break(height):
        paper.add_page()
        _heading(paper, columns)
        paper.type(style, TABLE_POINTS)
    left, top = paper.l_margin, paper.get_y()
    for number, (column, lines) in enumerate(zip(columns, parts, strict=True)):
        paper.set_text_color(*(PAID if number == row.green else INK))
        for at, line in enumerate(lines):
            paper.set_y(top + at * NEXT_MM)
            paper.put(left, column.width_mm, ROW_MM, line, column.align)
        left += column.width_mm
    if under:
        paper.type("", UNDER_POINTS, SOFT)
        indent = paper.l_margin + sum(column.width_mm for column in columns[: row.under_column])
        for at, line in enumerate(under):
            paper.set_y(top + words_height - 1 + at * UNDER_MM)
            paper.put(indent, under_width, UNDER_MM, line)
    paper.line(paper.l_margin, top + height, left, top + height)
    paper.set_xy(paper.l_margin, top + height)
