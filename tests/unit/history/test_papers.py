"""The papers people keep: right sums, right words, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import zlib
from datetime import datetime

import pytest

from wallet_service.history import messages as words
from wallet_service.history import papers
from wallet_service.history.decisions import AccountStatement, LineKind, StatementLine, month_of
from wallet_service.history.errors import MonthInvalid
from wallet_service.history.papers import csv_of, pdf_of, writable
from wallet_service.history.printing import Issuing, PaperOrder, file_name
from wallet_service.protocol.amount_text import format_amount
from wallet_service.protocol.text.identifiers import new_ref
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS
from wallet_service.territory.currency import LOCAL_ZONE

NOW_UNIX_S = int(datetime(2026, 11, 24, 14, 32, tzinfo=LOCAL_ZONE).timestamp())
ISSUING = Issuing("l'alba", "alba", "Association d’essai", is_demo=True)


def line(amount_cents: int, balance_cents: int, who: str | None = None, **changes: object) -> StatementLine:
    given = {"kind": LineKind.PAYMENT, "ref": new_ref(), **changes}
    return StatementLine(NOW_UNIX_S, given["kind"], amount_cents, balance_cents, who, given["ref"], 7)  # type: ignore[arg-type]


def statement(*lines: StatementLine, month: str = "2026-11", opening_cents: int = 0) -> AccountStatement:
    return AccountStatement(
        month_of(month, NOW_UNIX_S), "Camille R.", "0x" + "1" * 40, opening_cents, lines, NOW_UNIX_S
    )


def cells(text: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter))


def test_a_month_begins_and_ends_at_local_midnight_also_when_the_clocks_change() -> None:
    october = month_of("2026-10", NOW_UNIX_S)
    assert datetime.fromtimestamp(october.first_unix_s, LOCAL_ZONE).isoformat() == "2026-10-01T00:00:00+02:00"
    assert datetime.fromtimestamp(october.end_unix_s, LOCAL_ZONE).isoformat() == "2026-11-01T00:00:00+01:00"
    assert month_of("2025-12", NOW_UNIX_S).end_unix_s == month_of("2026-01", NOW_UNIX_S).first_unix_s


@pytest.mark.parametrize(
    "name", ["", "2026-13", "2026-00", "2026-1", "26-11", "2026-12", "2999-01", "2026-11\n", "２０２６-11"]
)
def test_what_is_no_month_or_has_not_begun_is_refused(name: str) -> None:
    with pytest.raises(MonthInvalid):
        month_of(name, NOW_UNIX_S)


def test_the_sums_of_a_statement_agree() -> None:
    made = statement(line(5_000, 6_000), line(-1_250, 4_750), opening_cents=1_000)
    assert made.opening_cents + made.in_cents - made.out_cents == made.closing_cents == 4_750
    assert statement(opening_cents=70).closing_cents == 70
    assert not made.is_over
    assert statement(month="2026-10").is_over


@pytest.mark.parametrize("name", ["=1+1", "+33", "-2", "@SUM(A1)", "\tx", "\rx", "\n=x"])
def test_a_name_that_a_spreadsheet_would_run_is_disarmed(name: str) -> None:
    for language, delimiter in (("fr", ";"), ("en", ",")):
        (_header, row) = cells(csv_of(statement(line(100, 100, name)), ISSUING, language), delimiter)
        assert row[3] == "'" + name


def test_amounts_are_numbers_of_the_languages_spreadsheet() -> None:
    made = statement(line(-123_450, -5))
    assert cells(csv_of(made, ISSUING, "fr"), ";")[1][4:7] == ["-1234,50", "-0,05", "alba"]
    assert cells(csv_of(made, ISSUING, "en"), ",")[1][4:7] == ["-1234.50", "-0.05", "alba"]


def test_every_kind_of_line_has_its_words_in_both_directions_and_languages() -> None:
    for language in ("fr", "en"):
        assert set(words.messages_in(language).kinds) == set(LineKind)
        assert len(words.messages_in(language).months) == 12
    assert len(words.FRENCH.csv_columns) == len(words.ENGLISH.csv_columns)


def drawn(content: bytes) -> str:
    """The text of a PDF's pages, as it was written into their streams."""
    found = []
    for part in content.split(b"stream\n")[1:]:
        try:
            found.append(zlib.decompress(part.split(b"\nendstream")[0]).decode("windows-1252"))
        except zlib.error:
            continue
    return "".join(found)


def pages_of(content: bytes) -> list[str]:
    """As `drawn`, by page: each page's content is one stream."""
    parts = [part.split(b"\nendstream")[0] for part in content.split(b"stream\n")[1:]]
    texts = [zlib.decompress(part).decode("windows-1252") for part in parts if part.startswith(b"x\x9c")]
    return [text for text in texts if "(Date)" in text]


def test_a_pdf_says_who_what_and_how_much() -> None:
    content = pdf_of(statement(line(-1_250, 4_750, "Boulangerie d’Œuf"), opening_cents=6_000), ISSUING, "fr")
    text = drawn(content)
    assert content.startswith(b"%PDF-")
    for wanted in (
        "Relevé de novembre 2026",
        "Camille R.",
        "Boulangerie d’Œuf",
        "-12,50",
        "47,50",
        "page 1 sur",
    ):
        assert wanted in text, wanted
    assert "Statement for November 2026" in drawn(pdf_of(statement(), ISSUING, "en"))


def test_a_long_month_goes_over_several_pages_and_loses_no_line() -> None:
    lines = [line(100, 100 * number, f"Client {number:03d}") for number in range(1, 121)]
    text = drawn(pdf_of(statement(*lines), ISSUING, "fr"))
    assert all(f"Client {number:03d}" in text for number in range(1, 121))
    assert "page 3 sur" in text


def test_every_page_has_the_columns_names_and_no_row_is_parted() -> None:
    long_name = "Association des amis du grand marché d’Œuf et des environs"
    lines = [line(100, 100 * number, long_name) for number in range(1, 41)]
    content = pdf_of(statement(*lines), ISSUING, "fr")
    pages = pages_of(content)
    assert len(pages) == 3
    for page in pages:
        assert page.count("(Avec)") == 1
        assert page.count("Association des amis du grand") == page.count("et des environs") >= 5


def test_a_name_as_wide_as_its_column_stays_on_one_line_and_a_wider_one_goes_on_below() -> None:
    for name, lines in (("Boulangerie", 1), ("W" * 40, 3), ("", 1)):
        paper = papers.Sheets(ISSUING, "", words.FRENCH)
        paper.add_page()
        paper.set_font("Helvetica", "", papers.TABLE_FONT_POINTS)
        parts = paper.parted(name, papers.COLUMN_WIDTHS[2])
        assert (len(parts), "".join(parts)) == (lines, name)


def test_the_longest_amounts_fit_their_columns() -> None:
    paper = papers.Sheets(ISSUING, "", words.FRENCH)
    paper.set_font("Helvetica", "", papers.TABLE_FONT_POINTS)
    longest = (writable(format_amount(-MAX_AMOUNT_CENTS, "fr")), writable(format_amount(10**11, "fr")))
    for text, width in zip(longest, papers.COLUMN_WIDTHS[3:5], strict=True):
        assert paper.get_string_width(text) <= width - 2 * paper.c_margin


def test_an_order_arrives_in_the_sandbox_as_it_was_given() -> None:
    lines = [line(1, 1, "Œuf"), line(-1, 0, None, kind=LineKind.REFUND, ref=None)]
    order = PaperOrder(statement(*lines, opening_cents=3), ISSUING, "en")
    assert PaperOrder.from_bytes(order.to_bytes()) == order


def test_letters_the_paper_lacks_lose_their_accent_and_break_nothing() -> None:
    assert writable("Łukasz Nguyễn 你 − 1\u202f234") == "Lukasz Nguyen ? - 1\u00a0234"
    assert b"%PDF" in pdf_of(statement(line(1, 1, "你好\x00\u202e")), ISSUING, "fr")


def test_a_file_is_named_without_anything_personal() -> None:
    assert file_name(statement(), ISSUING, "pdf") == "alba-2026-11.pdf"
    assert file_name(statement(), Issuing("x", "“”/..", "y", False), "csv") == "statement-2026-11.csv"
