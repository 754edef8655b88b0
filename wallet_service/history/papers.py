"""What people keep as a file: a month as CSV and PDF, a year, a receipt. Owns what stands where.

Texts that come from people are disarmed in the CSV (OWASP ASVS 5.0, 1.2.10). Runs in a sandbox
(`history.printing`) and is imported nowhere else.
"""

from __future__ import annotations

from datetime import datetime

from fpdf.enums import XPos, YPos

from wallet_service.history.decisions import (
    AccountStatement,
    GivenBack,
    LineKind,
    ReceiptSheet,
    StatementLine,
    YearSummary,
)
from wallet_service.history.messages import StatementMessages, messages_in
from wallet_service.history.printing import Issuing, PaperOrder
from wallet_service.history.sheets import INK, PAID, PAID_SOFT, SOFT, Sheets
from wallet_service.history.tables import TableColumn, TableRow, draw_table
from wallet_service.protocol.amount_text import format_amount
from wallet_service.protocol.text.csv_text import Cents, CsvCell, csv_text
from wallet_service.protocol.text.references import proof_code
from wallet_service.territory.currency import LOCAL_ZONE

STATEMENT_WIDTHS = (25, 36, 51, 24, 29, 17)
ALIGNMENTS = ("L", "L", "L", "R", "R", "L")
#: What the line was and with whom; dates, amounts and proof codes are shorter than their columns.
COLUMNS_OF_WORDS = (1, 2)
WITH_WHOM, AMOUNT = 2, 3
YEAR_WIDTHS = (62, 40, 40, 40)
KIND_WIDTHS = (82, 50, 50)
LABEL_MM = 48
MINUS = "\u2212"
RECEIPT_ROW_MM = 9


def csv_of_order(order: bytes) -> bytes:
    """The sandbox's task for a month's CSV file."""
    paper_order = PaperOrder.from_bytes(order)
    assert isinstance(paper_order.about, AccountStatement)
    return csv_of(paper_order.about, paper_order.issuing, paper_order.language).encode()


def pdf_of_order(order: bytes) -> bytes:
    """The sandbox's task for any PDF file."""
    paper_order = PaperOrder.from_bytes(order)
    about, issuing, language = paper_order.about, paper_order.issuing, paper_order.language
    if isinstance(about, AccountStatement):
        return pdf_of(about, issuing, language)
    if isinstance(about, YearSummary):
        return year_pdf_of(about, issuing, language)
    return receipt_pdf_of(about, issuing, language)


def csv_of(statement: AccountStatement, issuing: Issuing, language: str) -> str:
    """As the language's spreadsheets want it: semicolons and decimal commas in French."""
    messages = messages_in(language)
    rows = (_csv_row(line, issuing, messages) for line in statement.lines)
    return csv_text(messages.csv_columns, rows, language)


def _csv_row(line: StatementLine, issuing: Issuing, messages: StatementMessages) -> tuple[CsvCell, ...]:
    at = datetime.fromtimestamp(line.at_unix_s, LOCAL_ZONE)
    return (
        f"{at:%Y-%m-%d}",
        f"{at:%H:%M:%S}",
        messages.kind_word(line.kind, is_in=line.amount_cents > 0),
        line.counterparty or "",
        Cents(line.amount_cents),
        Cents(line.balance_cents),
        issuing.unit,
        proof_code(line.ref) if line.ref else "",
        line.ref or "",
        line.block_number,
        line.message or "",
        line.label or "",
        Cents(line.tip_cents) if line.tip_cents else "",
    )


def pdf_of(statement: AccountStatement, issuing: Issuing, language: str) -> bytes:
    """A month's statement."""
    messages = messages_in(language)
    paper = Sheets(issuing, messages.foot.format(day=_day(statement.as_of_unix_s, messages)), messages)
    title = messages.title.format(month=_month_name(statement.month.name, messages))
    paper.begin(
        title,
        _whose(statement.holder, statement.account, issuing, messages),
        statement.as_of_unix_s,
        language,
    )
    _balances(paper, statement, messages.closing if statement.is_over else messages.so_far, language)
    if statement.tips_cents:
        paper.type("", 10)
        tips = messages.tips.format(amount=_amount(statement.tips_cents, language))
        paper.cell(0, 8, tips, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    if not statement.lines:
        paper.type("", 10)
        paper.cell(0, 8, messages.empty)
        return bytes(paper.output())
    columns = [
        TableColumn(name, width, align, number in COLUMNS_OF_WORDS)  # type: ignore[arg-type]
        for number, (name, width, align) in enumerate(
            zip(messages.columns, STATEMENT_WIDTHS, ALIGNMENTS, strict=True)
        )
    ]
    draw_table(paper, columns, [_statement_row(line, messages, language) for line in statement.lines])
    return bytes(paper.output())


def _statement_row(line: StatementLine, messages: StatementMessages, language: str) -> TableRow:
    at, is_in = datetime.fromtimestamp(line.at_unix_s, LOCAL_ZONE), line.amount_cents > 0
    texts = (
        f"{at:%d/%m %H:%M}",
        messages.kind_word(line.kind, is_in=is_in),
        line.counterparty or "",
        f"{'+' if is_in else ''}{_amount(line.amount_cents, language)}",
        _amount(line.balance_cents, language),
        proof_code(line.ref) if line.ref else "",
    )
    tip = f"{messages.tip} {_amount(line.tip_cents, language)}" if line.tip_cents else None
    message = messages.said.format(message=line.message) if line.message else None
    under = " · ".join(said for said in (line.label, tip, message) if said)
    return TableRow(texts, AMOUNT if is_in else None, under, WITH_WHOM)


def year_pdf_of(summary: YearSummary, issuing: Issuing, language: str) -> bytes:
    """A year on one page: month by month, and what it was made of."""
    messages = messages_in(language)
    paper = Sheets(issuing, messages.foot.format(day=_day(summary.as_of_unix_s, messages)), messages)
    title = messages.year_title.format(year=summary.name)
    paper.begin(
        title, _whose(summary.holder, summary.account, issuing, messages), summary.as_of_unix_s, language
    )
    _balances(paper, summary, messages.closing if summary.is_over else messages.so_far, language)
    months = [
        TableRow(
            (
                _month_name(month.name, messages),
                _amount(month.in_cents, language),
                _amount(month.out_cents, language),
                _amount(month.closing_cents, language),
            )
        )
        for month in summary.months
    ]
    total = TableRow(
        (
            messages.total,
            _amount(summary.in_cents, language),
            _amount(summary.out_cents, language),
            _amount(summary.closing_cents, language),
        ),
        is_bold=True,
    )
    draw_table(
        paper,
        [
            TableColumn(name, width, "L" if number == 0 else "R")
            for number, (name, width) in enumerate(zip(messages.year_columns, YEAR_WIDTHS, strict=True))
        ],
        [*months, total],
    )
    paper.ln(8)
    kinds = [
        TableRow(
            (
                messages.kind_word(each.kind, is_in=each.is_in),
                str(each.count),
                _signed(each.cents, each.is_in, language),
            ),
            green=2 if each.is_in else None,
        )
        for each in summary.kinds
    ]
    if kinds:
        names = zip(messages.kind_columns, KIND_WIDTHS, strict=True)
        draw_table(
            paper,
            [
                TableColumn(name, width, "L" if number == 0 else "R")
                for number, (name, width) in enumerate(names)
            ],
            kinds,
        )
    return bytes(paper.output())


def receipt_pdf_of(sheet: ReceiptSheet, issuing: Issuing, language: str) -> bytes:
    """One payment: what people look for first, what a machine checks at the end."""
    messages = messages_in(language)
    proof = sheet.proof
    paper = Sheets(issuing, messages.receipt_foot.format(day=_day(sheet.as_of_unix_s, messages)), messages)
    title = messages.refund_receipt if sheet.kind is LineKind.REFUND else messages.receipt
    paper.begin(title, "", sheet.as_of_unix_s, language)
    shown = f"{_amount(proof.amount_cents, language)} {issuing.unit}"
    paper.type("B", paper.points_for(shown, paper.epw, 34), paper.brand)
    paper.cell(0, 16, shown, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    _pill(paper, messages.paid)
    from_whom, to_whom = (sheet.other, sheet.holder) if sheet.is_in else (sheet.holder, sheet.other)
    facts = [
        (messages.paid_by, from_whom or "", ""),
        (messages.paid_to, to_whom or "", ""),
        (messages.when, _moment(sheet.at_unix_s, messages), ""),
        (messages.proof_code, proof_code(proof.ref), ""),
        (messages.tip, _amount(sheet.tip_cents, language) if sheet.tip_cents else "", ""),
        (messages.label, sheet.label or "", ""),
        (messages.message, sheet.message or "", ""),
    ]
    if sheet.refund_of is not None:
        facts.append((messages.gives_back, *_linked(sheet.refund_of, issuing, messages, language)))
    facts += [(messages.refunded, *_linked(each, issuing, messages, language)) for each in sheet.refunds]
    for label, value, link in facts:
        if value:
            _fact(paper, label, value, link)
    paper.ln(7)
    paper.type("B", 11)
    paper.cell(0, 7, messages.to_check, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.type("", 9, SOFT)
    where = f"{issuing.origin}/public#check"
    paper.multi_cell(
        0, 4.6, messages.how_to_check.format(where=where), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
    )
    paper.ln(2)
    for label, value in (
        (messages.reference, proof.ref),
        (messages.transaction, proof.transaction_hash),
        (messages.block, str(proof.block_number)),
        (messages.ledger, f"{proof.ledger} ({proof.chain_id})"),
    ):
        paper.type("", 8, SOFT)
        paper.cell(LABEL_MM, 5, label)
        paper.multi_cell(0, 5, value, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    return bytes(paper.output())


def _fact(paper: Sheets, label: str, value: str, link: str) -> None:
    top = paper.get_y()
    paper.type("", 10, SOFT)
    paper.cell(LABEL_MM, RECEIPT_ROW_MM, label)
    paper.type("", 11, paper.brand if link else INK)
    if link:
        paper.cell(0, RECEIPT_ROW_MM, value, link=link, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    else:
        paper.set_xy(paper.l_margin + LABEL_MM, top + (RECEIPT_ROW_MM - 5.5) / 2)
        paper.multi_cell(0, 5.5, value, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    bottom = max(paper.get_y() + (0 if link else (RECEIPT_ROW_MM - 5.5) / 2), top + RECEIPT_ROW_MM)
    paper.line(paper.l_margin, bottom, paper.w - paper.r_margin, bottom)
    paper.set_xy(paper.l_margin, bottom)


def _linked(of: GivenBack, issuing: Issuing, messages: StatementMessages, language: str) -> tuple[str, str]:
    """The other payment in words, and where its own receipt is."""
    amount = f"{_amount(of.amount_cents, language)} {issuing.unit}"
    said = messages.given_back.format(
        amount=amount, moment=_moment(of.at_unix_s, messages), code=proof_code(of.ref)
    )
    return said, f"{issuing.origin}/movement/{of.ref}"


def _pill(paper: Sheets, word: str) -> None:
    paper.type("B", 10, PAID)
    paper.set_fill_color(*PAID_SOFT)
    width, top = paper.get_string_width(word) + 8, paper.get_y() + 1
    paper.rect(paper.l_margin, top, width, 7, style="F", round_corners=True, corner_radius=3.4)
    paper.set_xy(paper.l_margin, top)
    paper.cell(width, 7, word, align="C")
    paper.set_xy(paper.l_margin, top + 13)


def _balances(paper: Sheets, of: AccountStatement | YearSummary, closing_word: str, language: str) -> None:
    messages = messages_in(language)
    paper.cards(
        [
            (messages.opening, _amount(of.opening_cents, language)),
            (messages.money_in, _amount(of.in_cents, language)),
            (messages.money_out, _amount(of.out_cents, language)),
            (closing_word, _amount(of.closing_cents, language)),
        ]
    )


def _whose(holder: str | None, account: str, issuing: Issuing, messages: StatementMessages) -> str:
    unit = messages.amounts_in.format(unit=issuing.unit)
    return "\n".join([*([holder] if holder else []), f"{messages.account} {account}", unit])


def _signed(cents: int, is_in: bool, language: str) -> str:
    return f"+{_amount(cents, language)}" if is_in else _amount(-cents, language)


def _amount(cents: int, language: str) -> str:
    """As the screens write it: a minus is no hyphen."""
    return format_amount(cents, language).replace("-", MINUS)


def _month_name(name: str, messages: StatementMessages) -> str:
    year, number = name.split("-")
    return f"{messages.months[int(number) - 1]} {year}"


def _day(unix_s: int, messages: StatementMessages) -> str:
    at = datetime.fromtimestamp(unix_s, LOCAL_ZONE)
    return f"{at.day} {messages.months[at.month - 1]} {at.year}"


def _moment(unix_s: int, messages: StatementMessages) -> str:
    at = datetime.fromtimestamp(unix_s, LOCAL_ZONE)
    return messages.moment.format(day=_day(unix_s, messages), hour=at.hour, minute=f"{at.minute:02d}")
