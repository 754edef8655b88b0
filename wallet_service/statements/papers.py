"""A statement as a file people keep: CSV for spreadsheets, PDF for everybody else. Owns the layout.

Texts that come from people are disarmed in the CSV (OWASP ASVS 5.0, 1.2.10). The PDF uses the standard fonts
and their Western alphabet (windows-1252); a letter it lacks loses its accent rather than the paper.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from wallet_service.protocol.money import format_amount
from wallet_service.protocol.references import proof_code
from wallet_service.statements.decisions import LOCAL_ZONE, Statement, StatementLine
from wallet_service.statements.words import Words, words_in
from wallet_service.supervision.figure import BYTE_ORDER_MARK, guarded

PDF_ENCODING = "windows-1252"
GREEN = (11, 93, 87)
SOFT = (84, 96, 93)
CHALK = (240, 237, 228)
#: Letters whose stroke is no accent to Unicode.
BARE = {"Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "ı": "i"}
COLUMN_WIDTHS = (27, 38, 55, 25, 27, 18)
ALIGNMENTS = ("LEFT", "LEFT", "LEFT", "RIGHT", "RIGHT", "LEFT")


@dataclass(frozen=True, slots=True)
class Issuing:
    """Who writes: the currency's name, its unit for many, the issuer, and whether all of it is play."""

    name: str
    unit: str
    issuer: str
    is_demo: bool


def file_name(statement: Statement, issuing: Issuing, ending: str) -> str:
    """Without anything personal: files travel."""
    unit = "".join(letter for letter in issuing.unit.lower() if letter.isascii() and letter.isalnum())
    return f"{unit or 'statement'}-{statement.month.name}.{ending}"


def csv_of(statement: Statement, issuing: Issuing, language: str) -> str:
    """As the language's spreadsheets want it: semicolons and decimal commas in French."""
    words, made = words_in(language), io.StringIO()
    writer = csv.writer(made, delimiter="," if language == "en" else ";", lineterminator="\r\n")
    writer.writerow(words.csv_columns)
    for line in statement.lines:
        at = datetime.fromtimestamp(line.at_unix_s, LOCAL_ZONE)
        texts = (kind_of(line, words), line.counterparty or "")
        writer.writerow(
            (
                f"{at:%Y-%m-%d}",
                f"{at:%H:%M:%S}",
                *(guarded(text) for text in texts),
                _plain(line.amount_cents, language),
                _plain(line.balance_cents, language),
                guarded(issuing.unit),
                proof_code(line.ref) if line.ref else "",
                line.ref or "",
                line.block_number,
            )
        )
    return BYTE_ORDER_MARK + made.getvalue()


def kind_of(line: StatementLine, words: Words) -> str:
    return words.kinds[line.kind][0 if line.amount_cents > 0 else 1]


def _plain(amount_cents: int, language: str) -> str:
    """A number a spreadsheet reads: no thousands mark."""
    units, cents = divmod(abs(amount_cents), 100)
    return f"{'-' if amount_cents < 0 else ''}{units}{'.' if language == 'en' else ','}{cents:02d}"


class _Paper(FPDF):
    """A4 with the currency at the top and the page's number at the bottom of every page."""

    def __init__(self, issuing: Issuing, foot: str, words: Words) -> None:
        super().__init__(format="A4")
        self._issuing, self._foot, self._words = issuing, foot, words
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

    def footer(self) -> None:
        self.set_y(-18)
        self.set_font("Helvetica", "", 8)
        self.set_text_color(*SOFT)
        texts = [self._foot, *([self._words.demo] if self._issuing.is_demo else [])]
        self.multi_cell(150, 4, writable(" ".join(texts)), align="L", new_x=XPos.RIGHT, new_y=YPos.TOP)
        self.cell(0, 4, writable(self._words.page.format(number=self.page_no())), align="R")


def pdf_of(statement: Statement, issuing: Issuing, language: str) -> bytes:
    words = words_in(language)
    paper = _Paper(issuing, words.foot.format(day=_day(statement.as_of_unix_s, words)), words)
    year, number = statement.month.name.split("-")
    title = words.title.format(month=f"{words.months[int(number) - 1]} {year}")
    paper.set_title(f"{issuing.name}, {title}")
    paper.set_lang(language)
    paper.set_creation_date(datetime.fromtimestamp(statement.as_of_unix_s, LOCAL_ZONE))
    paper.add_page()
    paper.set_text_color(0, 0, 0)
    paper.set_font("Helvetica", "B", 18)
    paper.cell(0, 10, writable(title), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    _facts(paper, statement, issuing, words, language)
    _table(paper, statement, words, language)
    return bytes(paper.output())


def _facts(paper: FPDF, statement: Statement, issuing: Issuing, words: Words, language: str) -> None:
    def with_unit(cents: int) -> str:
        return f"{format_amount(cents, language)} {issuing.unit}"

    facts = [
        *([(words.holder, statement.holder)] if statement.holder else []),
        (words.account, statement.account),
        (words.opening, with_unit(statement.opening_cents)),
        (words.money_in, with_unit(statement.in_cents)),
        (words.money_out, with_unit(statement.out_cents)),
        (words.closing if statement.is_over else words.so_far, with_unit(statement.closing_cents)),
    ]
    paper.set_font("Helvetica", "", 10)
    for name, value in facts:
        paper.set_text_color(*SOFT)
        paper.cell(40, 6, writable(name))
        paper.set_text_color(0, 0, 0)
        paper.cell(0, 6, writable(value), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.ln(4)


def _table(paper: FPDF, statement: Statement, words: Words, language: str) -> None:
    paper.set_font("Helvetica", "", 9)
    if not statement.lines:
        paper.cell(0, 8, writable(words.empty))
        return
    with paper.table(
        col_widths=COLUMN_WIDTHS,
        text_align=ALIGNMENTS,
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        headings_style=FontFace(emphasis="BOLD", fill_color=CHALK),
        line_height=6,
    ) as table:
        table.row([writable(column) for column in words.columns])
        for line in statement.lines:
            at = datetime.fromtimestamp(line.at_unix_s, LOCAL_ZONE)
            table.row(
                [
                    f"{at:%d/%m %H:%M}",
                    writable(kind_of(line, words)),
                    writable(line.counterparty or ""),
                    writable(format_amount(line.amount_cents, language)),
                    writable(format_amount(line.balance_cents, language)),
                    proof_code(line.ref) if line.ref else "",
                ]
            )


def _day(unix_s: int, words: Words) -> str:
    at = datetime.fromtimestamp(unix_s, LOCAL_ZONE)
    return f"{at.day} {words.months[at.month - 1]} {at.year}"


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
