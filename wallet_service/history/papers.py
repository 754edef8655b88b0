"""A statement as a file people keep: CSV for spreadsheets, PDF for everybody else. Owns the layout.

Texts that come from people are disarmed in the CSV (OWASP ASVS 5.0, 1.2.10). The PDF uses the standard fonts
and their Western alphabet (windows-1252); a letter it lacks loses its accent rather than the paper. Runs in a
sandbox (`history.printing`) and is imported nowhere else.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from wallet_service.history.decisions import AccountStatement, StatementLine
from wallet_service.history.messages import StatementMessages, messages_in
from wallet_service.history.printing import Issuing, PaperOrder
from wallet_service.protocol.amount_text import format_amount
from wallet_service.protocol.text.csv_text import Cents, CsvCell, csv_text
from wallet_service.protocol.text.references import proof_code
from wallet_service.territory.currency import LOCAL_ZONE

PDF_ENCODING = "windows-1252"
GREEN = (11, 93, 87)
SOFT = (84, 96, 93)
CHALK = (240, 237, 228)
#: Letters whose stroke is no accent to Unicode.
BARE = {"Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "ı": "i"}
COLUMN_WIDTHS = (27, 38, 55, 25, 27, 18)
ALIGNMENTS = ("L", "L", "L", "R", "R", "L")
LINE_HEIGHT_MM = 6
TABLE_FONT_POINTS = 9
#: What the line was and with whom; dates, amounts and proof codes are shorter than their columns.
COLUMNS_OF_WORDS = (1, 2)


def csv_of_order(order: bytes) -> bytes:
    """The sandbox's task for a CSV file."""
    paper_order = PaperOrder.from_bytes(order)
    return csv_of(paper_order.statement, paper_order.issuing, paper_order.language).encode()


def pdf_of_order(order: bytes) -> bytes:
    """The sandbox's task for a PDF file."""
    paper_order = PaperOrder.from_bytes(order)
    return pdf_of(paper_order.statement, paper_order.issuing, paper_order.language)


def csv_of(statement: AccountStatement, issuing: Issuing, language: str) -> str:
    """As the language's spreadsheets want it: semicolons and decimal commas in French."""
    messages = messages_in(language)
    rows = (_csv_row(line, issuing, messages) for line in statement.lines)
    return csv_text(messages.csv_columns, rows, language)


def kind_of(line: StatementLine, messages: StatementMessages) -> str:
    return messages.kinds[line.kind][0 if line.amount_cents > 0 else 1]


def _csv_row(line: StatementLine, issuing: Issuing, messages: StatementMessages) -> tuple[CsvCell, ...]:
    at = datetime.fromtimestamp(line.at_unix_s, LOCAL_ZONE)
    return (
        f"{at:%Y-%m-%d}",
        f"{at:%H:%M:%S}",
        kind_of(line, messages),
        line.counterparty or "",
        Cents(line.amount_cents),
        Cents(line.balance_cents),
        issuing.unit,
        proof_code(line.ref) if line.ref else "",
        line.ref or "",
        line.block_number,
    )


class Sheets(FPDF):
    """A4 with the currency at the top and the page's number at the bottom of every page."""

    def __init__(self, issuing: Issuing, foot: str, messages: StatementMessages) -> None:
        super().__init__(format="A4")
        self._issuing, self._foot, self._words = issuing, foot, messages
        self._parted: dict[tuple[str, float], list[str]] = {}
        self.core_fonts_encoding = PDF_ENCODING
        self.set_margins(10, 14, 10)
        self.set_auto_page_break(True, 24)
        self.alias_nb_pages()

    def header(self) -> None:
        self.set_font("Helvetica", "B", 12)
        self.set_text_color(*GREEN)
        self.cell(0, 6, writable(self._issuing.name))
        self.set_font("Helvetica", "", 9)
        self.set_text_color(*SOFT)
        self.cell(0, 6, writable(self._issuing.issuer), align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(6)

    def parted(self, text: str, width: float) -> list[str]:
        """`text` in lines no wider than a column of `width` millimetres, in the font that is set."""
        if (text, width) not in self._parted:  # the same names and kinds come again and again
            lines = self.multi_cell(width, LINE_HEIGHT_MM, text, align="L", dry_run=True, output="LINES")
            assert isinstance(lines, list)
            self._parted[text, width] = [_said_again(str(line)) for line in lines] or [""]
        return self._parted[text, width]

    def footer(self) -> None:
        self.set_y(-18)
        self.set_font("Helvetica", "", 8)
        self.set_text_color(*SOFT)
        texts = [self._foot, *([self._words.demo] if self._issuing.is_demo else [])]
        self.multi_cell(150, 4, writable(" ".join(texts)), align="L", new_x=XPos.RIGHT, new_y=YPos.TOP)
        self.cell(0, 4, writable(self._words.page.format(number=self.page_no())), align="R")


def pdf_of(statement: AccountStatement, issuing: Issuing, language: str) -> bytes:
    messages = messages_in(language)
    paper = Sheets(issuing, messages.foot.format(day=_day(statement.as_of_unix_s, messages)), messages)
    year, number = statement.month.name.split("-")
    title = messages.title.format(month=f"{messages.months[int(number) - 1]} {year}")
    paper.set_title(f"{issuing.name}, {title}")
    paper.set_lang(language)
    paper.set_creation_date(datetime.fromtimestamp(statement.as_of_unix_s, LOCAL_ZONE))
    paper.add_page()
    paper.set_text_color(0, 0, 0)
    paper.set_font("Helvetica", "B", 18)
    paper.cell(0, 10, writable(title), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    _facts(paper, statement, issuing, messages, language)
    _table(paper, statement, messages, language)
    return bytes(paper.output())


def _facts(
    paper: FPDF, statement: AccountStatement, issuing: Issuing, messages: StatementMessages, language: str
) -> None:
    def with_unit(cents: int) -> str:
        return f"{format_amount(cents, language)} {issuing.unit}"

    facts = [
        *([(messages.holder, statement.holder)] if statement.holder else []),
        (messages.account, statement.account),
        (messages.opening, with_unit(statement.opening_cents)),
        (messages.money_in, with_unit(statement.in_cents)),
        (messages.money_out, with_unit(statement.out_cents)),
        (messages.closing if statement.is_over else messages.so_far, with_unit(statement.closing_cents)),
    ]
    paper.set_font("Helvetica", "", 10)
    for name, value in facts:
        paper.set_text_color(*SOFT)
        paper.cell(40, 6, writable(name))
        paper.set_text_color(0, 0, 0)
        paper.cell(0, 6, writable(value), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.ln(4)


def _table(paper: Sheets, statement: AccountStatement, messages: StatementMessages, language: str) -> None:
    paper.set_font("Helvetica", "", TABLE_FONT_POINTS)
    if not statement.lines:
        paper.cell(0, 8, writable(messages.empty))
        return
    _heading(paper, messages)
    for line in statement.lines:
        at = datetime.fromtimestamp(line.at_unix_s, LOCAL_ZONE)
        texts = (
            f"{at:%d/%m %H:%M}",
            writable(kind_of(line, messages)),
            writable(line.counterparty or ""),
            writable(format_amount(line.amount_cents, language)),
            writable(format_amount(line.balance_cents, language)),
            proof_code(line.ref) if line.ref else "",
        )
        _row(paper, texts, messages)


def _heading(paper: Sheets, messages: StatementMessages) -> None:
    paper.set_font("Helvetica", "B", TABLE_FONT_POINTS)
    paper.set_fill_color(*CHALK)
    for column, width, alignment in zip(messages.columns, COLUMN_WIDTHS, ALIGNMENTS, strict=True):
        paper.cell(width, LINE_HEIGHT_MM, writable(column), align=alignment, fill=True)
    paper.ln(LINE_HEIGHT_MM)
    paper.set_font("Helvetica", "", TABLE_FONT_POINTS)


def _row(paper: Sheets, texts: Sequence[str], messages: StatementMessages) -> None:
    """One line of the table, by hand: fpdf's own table measures all texts again and takes five times as long.

    A text wider than its column goes on below; a row is never parted between two pages.
    """
    parts = [
        paper.parted(text, width) if number in COLUMNS_OF_WORDS else [text]
        for number, (text, width) in enumerate(zip(texts, COLUMN_WIDTHS, strict=True))
    ]
    height = LINE_HEIGHT_MM * max(map(len, parts))
    if paper.will_page_break(height):
        paper.add_page()
        _heading(paper, messages)
    left, top = paper.get_x(), paper.get_y()
    for column, width, alignment in zip(parts, COLUMN_WIDTHS, ALIGNMENTS, strict=True):
        for number, part in enumerate(column):
            paper.set_xy(left, top + number * LINE_HEIGHT_MM)
            paper.cell(width, LINE_HEIGHT_MM, part, align=alignment)
        left += width
    paper.line(paper.l_margin, top + height, left, top + height)
    paper.set_xy(paper.l_margin, top + height)


def _day(unix_s: int, messages: StatementMessages) -> str:
    at = datetime.fromtimestamp(unix_s, LOCAL_ZONE)
    return f"{at.day} {messages.months[at.month - 1]} {at.year}"


def _said_again(line: str) -> str:
    """fpdf gives lines back as the font's bytes, each read as a letter."""
    return line.encode("latin-1").decode(PDF_ENCODING)


def writable(text: str) -> str:
    """The same text in letters the standard fonts have."""
    return "".join(_letter(letter) for letter in text.replace("\u202f", "\u00a0").replace("\u2212", "-"))


def _letter(letter: str) -> str:
    if _fits(letter):
        return letter
    bare = BARE.get(letter) or unicodedata.normalize("NFKD", letter)[0]
    return bare if _fits(bare) else "?"


def _fits(letter: str) -> bool:
    try:
        letter.encode(PDF_ENCODING)
    except UnicodeEncodeError:
        return False
    return letter.isprintable() or letter == "\u00a0"
