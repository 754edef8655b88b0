"""What is held of a person as a PDF to read. Runs in a sandbox and is imported nowhere else."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from fpdf.enums import XPos, YPos

from wallet_service.history.messages import messages_in
from wallet_service.history.printing import Issuing
from wallet_service.history.sheets import INK, SOFT, Sheets
from wallet_service.protocol.amount_text import format_amount
from wallet_service.rights.messages import PaperMessages, paper_in
from wallet_service.territory.currency import LOCAL_ZONE

BODY_POINTS = 9
LINE_MM = 5


def pdf_of_order(order: bytes) -> bytes:
    """The sandbox's task; the order is `service.DataRights._order`."""
    told: dict[str, Any] = json.loads(order)
    language, words = told["language"], paper_in(told["language"])
    at = datetime.fromtimestamp(told["at_unix_ms"] / 1000, LOCAL_ZONE)
    written = words.written.format(day=f"{at:%d/%m/%Y %H:%M}")
    sheets = Sheets(Issuing(*told["issuing"]), written, messages_in(language))
    sheets.begin(words.title, f"{words.account} : {told['account']}", at.timestamp(), language)
    _text(sheets, words.left_out, soft=True)
    for section in told["sections"]:
        _section(sheets, section, words, language)
    return bytes(sheets.output())


def _section(sheets: Sheets, section: dict[str, Any], words: PaperMessages, language: str) -> None:
    sheets.ln(4)
    sheets.type("B", 12)
    count = section["count"]
    counted = words.count_one if count == 1 else words.count_many.format(count=count)
    sheets.cell(0, 8, f"{section['title']} ({counted})", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    _text(sheets, f"{words.purpose} : {section['purpose']}", soft=True)
    _text(sheets, f"{words.kept} : {section['kept']}", soft=True)
    for row in section["rows"]:
        said = " · ".join(f"{label} : {_shown(value, kind, words, language)}" for label, value, kind in row)
        if said:
            _text(sheets, said)
    if section["more"]:
        _text(sheets, words.more.format(count=section["more"]), soft=True)


def _shown(value: str | int | bool, kind: str, words: PaperMessages, language: str) -> str:
    if isinstance(value, bool):
        return words.yes if value else words.no
    if kind == "cents":
        return format_amount(int(value), language)
    if kind in ("unix_ms", "unix_s"):
        unix_s = int(value) / (1000 if kind == "unix_ms" else 1)
        return f"{datetime.fromtimestamp(unix_s, LOCAL_ZONE):%d/%m/%Y %H:%M}"
    return str(value)


def _text(sheets: Sheets, text: str, *, soft: bool = False) -> None:
    sheets.type("", BODY_POINTS, SOFT if soft else INK)
    sheets.multi_cell(0, LINE_MM, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
