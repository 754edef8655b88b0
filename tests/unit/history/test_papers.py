"""The papers people keep: right sums, right words, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import pypdfium2
import pytest

from wallet_service.history import messages as words
from wallet_service.history import papers
from wallet_service.history.decisions import (
    AccountStatement,
    GivenBack,
    KindSums,
    LineKind,
    MonthSums,
    PaymentReceipt,
    ReceiptSheet,
    StatementLine,
    YearSummary,
    month_of,
    months_of_year,
)
from wallet_service.history.errors import MonthInvalid, YearInvalid
from wallet_service.history.papers import csv_of, pdf_of, receipt_pdf_of, year_pdf_of
from wallet_service.history.printing import Issuing, PaperOrder, file_name
from wallet_service.history.sheets import TABLE_POINTS, Sheets
from wallet_service.protocol.amount_text import format_amount
from wallet_service.protocol.text.identifiers import new_ref
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS
from wallet_service.protocol.text.references import proof_code
from wallet_service.territory.currency import LOCAL_ZONE

NOW_UNIX_S = int(datetime(2026, 11, 24, 14, 32, tzinfo=LOCAL_ZONE).timestamp())
ISSUING = Issuing("l'alba", "alba", "Association d’essai", is_demo=True, origin="https://wallet.example")
GIVEN_BACK = GivenBack(new_ref(), 500, NOW_UNIX_S)
PROOF = PaymentReceipt(
    31337, "0x" + "2" * 40, new_ref(), "0x" + "1" * 40, "0x" + "3" * 40, 1_250, 7, "0x" + "4" * 64
)


def line(amount_cents: int, balance_cents: int, who: str | None = None, **changes: Any) -> StatementLine:
    given: dict[str, Any] = {"kind": LineKind.PAYMENT, "ref": new_ref(), **changes}
    return StatementLine(
        at_unix_s=NOW_UNIX_S,
        amount_cents=amount_cents,
        balance_cents=balance_cents,
        counterparty=who,
        block_number=7,
        **given,
    )


def year() -> YearSummary:
    months = (MonthSums("2026-01", 2_000, 500, 1_600), MonthSums("2026-02", 50, 400, 1_250))
    kinds = (KindSums(LineKind.TOPUP, True, 2, 2_050), KindSums(LineKind.PAYMENT, False, 3, 900))
    return YearSummary("2026", "Camille R.", "0x" + "1" * 40, 100, months, kinds, NOW_UNIX_S, False)


def receipt(kind: LineKind = LineKind.PAYMENT, refund_of: GivenBack | None = None) -> ReceiptSheet:
    refunds = () if refund_of else (GIVEN_BACK,)
    return ReceiptSheet(
        kind,
        False,
        "Camille R.",
        "Boulangerie d’Œuf",
        NOW_UNIX_S,
        "à bientôt",
        refunds,
        refund_of,
        PROOF,
        NOW_UNIX_S,
    )


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


def pages_of(content: bytes) -> list[str]:
    """What a reader of the paper sees, page by page."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in document]
    finally:
        document.close()


def drawn(content: bytes) -> str:
    return "\n".join(pages_of(content))


def test_a_pdf_says_who_what_and_how_much() -> None:
    content = pdf_of(statement(line(-1_250, 4_750, "Boulangerie d’Œuf"), opening_cents=6_000), ISSUING, "fr")
    text = drawn(content)
    assert content.startswith(b"%PDF-")
    for wanted in (
        "Relevé de novembre 2026",
        "Camille R.",
        "Boulangerie d’Œuf",
        "−12,50",
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
        assert page.count("Avec") == 1
        assert page.count("Association des amis du grand") == page.count("et des environs")
    assert sum(page.count("et des environs") for page in pages) == 40


def test_a_name_as_wide_as_its_column_stays_on_one_line_and_a_wider_one_goes_on_below() -> None:
    for name, lines in (("Boulangerie", 1), ("W" * 40, 3), ("", 1)):
        paper = Sheets(ISSUING, "", words.FRENCH)
        paper.add_page()
        paper.type("", TABLE_POINTS)
        parts = paper.parted(name, papers.STATEMENT_WIDTHS[papers.WITH_WHOM])
        assert (len(parts), "".join(parts)) == (lines, name)


def test_the_longest_amounts_fit_their_columns() -> None:
    paper = Sheets(ISSUING, "", words.FRENCH)
    paper.type("", TABLE_POINTS)
    longest = (format_amount(-MAX_AMOUNT_CENTS, "fr"), format_amount(10**11, "fr"))
    for text, width in zip(longest, papers.STATEMENT_WIDTHS[3:5], strict=True):
        assert paper.get_string_width(text) <= width - 2 * paper.c_margin


def test_an_order_arrives_in_the_sandbox_as_it_was_given() -> None:
    lines = [line(1, 1, "Œuf", message="à toi"), line(-1, 0, None, kind=LineKind.REFUND, ref=None)]
    for about in (statement(*lines, opening_cents=3), year(), receipt(), receipt(refund_of=GIVEN_BACK)):
        order = PaperOrder(about, ISSUING, "en")
        assert PaperOrder.from_bytes(order.to_bytes()) == order


#: A word or two of every official language of the Union, and of its neighbours.
ALPHABETS = (
    *(
        "Łódź Świętosława Źdźbło",
        "Őrség Ünnepű",
        "Žofie Říčař ěščřžýáíé Ďábel",
        "İğdır Şükrü ı",
        "Þórður Æðey",
    ),
    *(
        "Ģirts Ķekava Ļaudona Ņikita",
        "Ėglė Šių Ųžpalių",
        "Țepeș Ștefan ăâî",
        "Đurđa Čučak",
        "Ħamrun Ġgantija Żejtun",
    ),
    *(
        "Åsa Ærø Øresund",
        "Straße Größe ẞ",
        "L’Hôpital Œuvre Ÿ",
        "Coração Ñandú",
        "Ŵyn Ŷnys Siôn",
        "Sámi Čáhppe Ŧ Ŋ",
    ),
    *("Αθήνα Ώρα Ϊόνιο ΰ", "София Щастие Ъгъл", "Љубљана Ђорђе Џак", "Київ Ґанок Їжак Є"),
)


def test_europes_letters_keep_their_accents() -> None:
    text = drawn(pdf_of(statement(*(line(1, 1, name) for name in ALPHABETS)), ISSUING, "fr"))
    assert [name for name in ALPHABETS if name not in text] == []


def test_letters_the_paper_lacks_lose_their_accent_and_break_nothing() -> None:
    text = drawn(pdf_of(statement(line(1, 1, "Nguyễn 你\x00\u202e")), ISSUING, "fr"))
    assert "Nguyên ???" in text or "Nguyen ???" in text


def test_every_letter_of_our_own_words_is_on_the_paper() -> None:
    paper = Sheets(ISSUING, "", words.FRENCH)
    for messages in (words.FRENCH, words.ENGLISH):
        said = "".join(str(value) for value in asdict(messages).values())
        assert "?" not in paper.normalize_text(said.replace("?", ""))
    assert paper.normalize_text("−1\u202f234,50 €") == "−1\u00a0234,50 €"


def test_a_message_stands_below_its_payment_in_both_files() -> None:
    made = statement(line(-1_250, 4_750, "Łukasz Đ.", message="=Merci ; à bientôt"))
    assert "« =Merci ; à bientôt »" in drawn(pdf_of(made, ISSUING, "fr"))
    assert cells(csv_of(made, ISSUING, "fr"), ";")[1][10] == "'=Merci ; à bientôt"


def test_a_sales_label_and_tip_stand_with_it_in_both_files_and_the_months_tips_are_summed() -> None:
    sold = line(1_350, 1_350, "Noé M.", label="=Table 4", tip_cents=100)
    paid = line(-1_100, 250, "Café d’Œuf", tip_cents=50)
    text = drawn(pdf_of(statement(sold, paid), ISSUING, "fr"))
    assert "=Table 4 · dont pourboire 1,00" in text
    assert "Dont pourboires reçus : 1,00" in text, "what one gave oneself is not among them"
    assert cells(csv_of(statement(sold, paid), ISSUING, "fr"), ";")[1][11:] == ["'=Table 4", "1,00"]
    assert "pourboire" not in drawn(pdf_of(statement(line(100, 100)), ISSUING, "fr"))


def test_a_year_says_each_month_its_total_and_what_it_was_made_of() -> None:
    text = drawn(year_pdf_of(year(), ISSUING, "fr"))
    for wanted in (
        "Résumé de l’année 2026",
        "janvier 2026",
        "février 2026",
        "Toute l’année",
        "−9,00",
        "12,50",
    ):
        assert wanted in text, wanted
    assert year().closing_cents == year().opening_cents + year().in_cents - year().out_cents
    assert "Summary of 2026" in drawn(year_pdf_of(year(), ISSUING, "en"))


@pytest.mark.parametrize("name", ["", "26", "2027", "20266", "2026-11", "２０２６", "2026\n"])
def test_what_is_no_year_or_has_not_begun_is_refused(name: str) -> None:
    with pytest.raises(YearInvalid):
        months_of_year(name, NOW_UNIX_S)


def test_a_year_has_the_months_that_have_begun() -> None:
    assert [month.name for month in months_of_year("2026", NOW_UNIX_S)][-1] == "2026-11"
    assert len(months_of_year("2025", NOW_UNIX_S)) == 12


def test_a_receipt_has_an_absolute_date_both_names_and_leads_to_the_refund() -> None:
    content = receipt_pdf_of(receipt(), ISSUING, "fr")
    text = drawn(content)
    for wanted in (
        "Reçu de paiement",
        "12,50 alba",
        "Camille R.",
        "Boulangerie d’Œuf",
        "24 novembre 2026 à 14 h 32",
        "à bientôt",
        "Remboursé depuis",
        "5,00 alba, le 24 novembre 2026 à 14 h 32",
    ):
        assert wanted in text, wanted
    assert f"{ISSUING.origin}/movement/{GIVEN_BACK.ref}".encode() in content
    assert "Aujourd" not in text
    assert "dont pourboire" not in text
    tipped = drawn(receipt_pdf_of(replace(receipt(), label="Table 4", tip_cents=100), ISSUING, "fr"))
    for wanted in ("dont pourboire", "1,00", "Table 4"):
        assert wanted in tipped, wanted
    refund = drawn(receipt_pdf_of(receipt(refund_of=GIVEN_BACK, kind=LineKind.REFUND), ISSUING, "en"))
    assert "Refund receipt" in refund
    assert "Refunds\n5.00 alba" in refund or "Refunds 5.00 alba" in refund


def test_a_file_is_named_without_anything_personal() -> None:
    assert file_name(statement(), ISSUING, "pdf") == "alba-2026-11.pdf"
    assert file_name(year(), ISSUING, "pdf") == "alba-2026.pdf"
    assert file_name(receipt(), ISSUING, "pdf") == f"alba-{proof_code(PROOF.ref)}.pdf"
    assert file_name(statement(), Issuing("x", "“”/..", "y", False), "csv") == "statement-2026-11.csv"
