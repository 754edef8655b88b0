"""What a CFONB 120 statement says, however a bank wrote it. Records are made by the standard's columns."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wallet_service.bank import cfonb120, errors
from wallet_service.bank.reported import AccountReport, Entry

IBAN = "FR7699999000010000000015441"
OURS = ("99999", "00001", "00000000154")
OTHER = ("99999", "00001", "00000000999")
REFERENCE = "RF18539007547034"


def amount(cents: int) -> str:
    """14 characters, the sign punched over the last digit."""
    letters = "{ABCDEFGHI" if cents >= 0 else "}JKLMNOPQR"
    digits = f"{abs(cents):014d}"
    return digits[:-1] + letters[int(digits[-1])]


def record(
    kind: str,
    rib: tuple[str, str, str] = OURS,
    *,
    currency: str = "EUR2",
    internal: str = "",
    operation: str = "",
    on: str = "280526",
    reject: str = "",
    value: str = "",
    body: str = "",
    punched: str = "",
    end: str = "",
) -> str:
    bank, branch, account = rib
    head = f"{kind}{bank}{internal:4}{branch}{currency:4} {account:>11}{operation:2}{on}{reject:2}{value:6}"
    line = f"{head:48}{body:42}{punched:14}{end:16}"
    assert len(line) == 120
    return line


def old(cents: int, on: str = "270526", **more: str) -> str:
    return record("01", on=on, punched=amount(cents), **more)  # type: ignore[arg-type]


def new(cents: int, **more: str) -> str:
    return record("07", punched=amount(cents), **more)  # type: ignore[arg-type]


def moved(cents: int, label: str = "VIR SEPA", number: str = "0000000", **more: str) -> str:
    facts = {"operation": "18", "punched": amount(cents), **more}
    return record("04", body=f"{label:33}{number}", **facts)  # type: ignore[arg-type]


def told(qualifier: str, text: str) -> str:
    line = f"{record('05')[:45]}{qualifier}{text:70}  "
    assert len(line) == 120
    return line


def file(*records: str) -> bytes:
    return "".join(f"{each}\r\n" for each in records).encode("iso-8859-1")


def only(content: bytes) -> AccountReport:
    (report,), others = cfonb120.read(content, IBAN)
    assert others == 0
    return report


def balances(report: AccountReport) -> tuple[int, int]:
    assert report.opening
    assert report.closing
    return report.opening.amount_cents, report.closing.amount_cents


def entry(*complements: str, cents: int = 20_00, **more: str) -> Entry:
    (found,) = only(file(old(0), moved(cents, **more), *complements, new(cents))).entries
    return found


CREDIT = file(old(1000_00), moved(20_00, end="BQ26148000000001"), told("LCC", REFERENCE), new(1020_00))


def test_a_day_with_one_credit() -> None:
    report = only(CREDIT)
    assert (report.kind, report.format, report.iban) == ("statement", "cfonb120", IBAN)
    assert (report.from_on, report.to_on) == ("2026-05-28", "2026-05-28")
    assert balances(report) == (1000_00, 1020_00)
    end_of_day = datetime.datetime(2026, 5, 28, 23, 59, 59, tzinfo=ZoneInfo("Europe/Paris"))
    assert report.closing
    assert report.closing.as_of_unix_s == int(end_of_day.timestamp())
    (credit,) = report.entries
    assert (credit.direction, credit.amount_cents, credit.booked_on) == ("CRDT", 20_00, "2026-05-28")
    assert credit.references.servicer == "BQ26148000000001"
    (transfer,) = credit.transfers
    assert (transfer.amount_cents, transfer.texts) == (20_00, (REFERENCE,))
    assert credit.oddity is None


@pytest.mark.parametrize(
    "content",
    [
        CREDIT.replace(b"\r\n", b"\n"),
        CREDIT.replace(b"\r\n", b"\r"),
        CREDIT.replace(b"\r\n", b""),
        CREDIT.replace(b"\r\n", b"\r\n\r\n") + b"\x1a",
        b"\r\n".join(line.rstrip() for line in CREDIT.split(b"\r\n")),
        CREDIT.replace(b"\r\n", b"**\r\n"),
        CREDIT.replace(b"EUR2", b"    "),
        CREDIT.replace(b"{", "é".encode("iso-8859-1")),
        CREDIT.replace(b"{", "é".encode()),
        b"\xef\xbb\xbf" + CREDIT,
    ],
    ids=["LF", "CR", "no line ends", "blank lines, ^Z", "right blanks cut", "more than 120",
         "no currency field", "French EBCDIC", "the same in UTF-8", "BOM"],
)  # fmt: skip
def test_the_same_day_however_it_is_written(content: bytes) -> None:
    assert only(content) == only(CREDIT)


@pytest.mark.parametrize(
    ("punched", "decimals", "cents"),
    [
        ("0000000000166587J"[-14:], "0", -166_5871_00),
        ("0000000002000}", "2", -200_00),
        ("0000000000019I", "2", 1_99),
        ("0000000000012E", "1", 12_50),
        ("0000000001234{", "3", 12_34),
        ("0000000001234R", "2", -123_49),
    ],
)
def test_amounts_are_exact_whatever_the_decimals(punched: str, decimals: str, cents: int) -> None:
    """OCA/l10n-france#120: a file with decimals 0 was read a hundred times too small."""
    content = file(old(0), moved(0, currency=f"EUR{decimals}", punched=punched), new(cents))
    assert only(content).entries[0].signed_cents == cents


@pytest.mark.parametrize(
    ("punched", "decimals"),
    [
        ("00000000002000", "2"), ("0000000000200?", "2"), ("0000000000200a", "2"), ("000000-000200{", "2"),
        ("         200 {", "2"), ("0000000002000A", "3"), ("0000000000200{", "X"),
    ],
)  # fmt: skip
def test_one_amount_that_cannot_be_read_is_what_the_others_lack_and_stays_odd(
    punched: str, decimals: str
) -> None:
    unread = moved(0, currency=f"EUR{decimals}", punched=punched)
    report = only(file(old(0), moved(25_00), unread, told("LCC", REFERENCE), new(5_00)))
    sound, odd = report.entries
    assert (sound.oddity, sound.signed_cents) == (None, 25_00)
    assert (odd.oddity, odd.signed_cents) == ("bank.entry_amount", -20_00)
    assert [(each.amount_cents, each.texts) for each in odd.transfers] == [(None, (REFERENCE,))]


def test_two_amounts_that_cannot_be_read_refuse_the_file() -> None:
    unread = moved(0, punched="0000000000200?")
    with pytest.raises(errors.AmountUnreadable):
        cfonb120.read(file(old(0), unread, unread, new(40_00)), IBAN)


def test_overdrawn_balances() -> None:
    report = only(file(old(-5_00), moved(20_00), new(15_00)))
    assert balances(report) == (-5_00, 15_00)


def test_a_day_without_movement() -> None:
    content = file(old(7_00), record("04", body="** PAS DE MOUVEMENT CE JOUR **"), new(7_00))
    report = only(content)
    assert (report.entries, report.closing) == ((), only(file(old(7_00), new(7_00))).closing)


def test_several_days_and_accounts_in_one_file() -> None:
    content = file(
        old(0), moved(20_00), new(20_00),
        old(5_00, rib=OTHER), moved(1_00, rib=OTHER), new(6_00, rib=OTHER),  # type: ignore[arg-type]
        old(20_00, on="280526"), moved(-3_00, on="290526"), new(17_00, on="290526"),
    )  # fmt: skip
    reports, others = cfonb120.read(content, IBAN)
    assert [(each.from_on, each.to_on) for each in reports] == [
        ("2026-05-28", "2026-05-28"),
        ("2026-05-29", "2026-05-29"),
    ]
    assert [entry.signed_cents for each in reports for entry in each.entries] == [20_00, -3_00]
    assert others == 1


def test_another_accounts_trouble_is_not_ours() -> None:
    """The other account's statement is cut, its sums are wrong: it is left aside."""
    other = old(5_00, rib=OTHER) + moved(9_99, rib=OTHER)  # type: ignore[arg-type]
    reports, others = cfonb120.read(CREDIT + file(other), IBAN)
    assert (len(reports), others) == (1, 1)


def test_pages_of_one_day_are_one_report() -> None:
    report = only(file(old(0), moved(20_00), new(20_00), old(20_00, on="280526"), moved(5_00), new(25_00)))
    assert [each.signed_cents for each in report.entries] == [20_00, 5_00]
    assert balances(report) == (0, 25_00)


def test_a_statement_repeated_in_its_file_counts_once() -> None:
    """Its movements net to nothing, so that its opening follows its own closing like a page's."""
    day = file(old(1_00), moved(20_00), moved(-20_00), new(1_00))
    report = only(day + day)
    assert [each.signed_cents for each in report.entries] == [20_00, -20_00]
    assert report.warnings == ("bank.statement_repeated",)


@pytest.mark.parametrize(
    ("number", "end", "servicer"),
    [
        ("0000000", "", None),
        ("       ", "REFERENCE", None),
        ("0000000", "0000000000000000", None),
        ("0000001", "", "0000001"),
        ("0000001", "BQ1", "0000001/BQ1"),
        ("0000000", "NONREF", None),
    ],
)
def test_zeros_blanks_and_placeholders_name_nothing(number: str, end: str, servicer: str | None) -> None:
    """OCA/l10n-france#255, #44: the entry number is not unique, and often 0000000."""
    assert entry(number=number, end=end).references.servicer == servicer


def test_complements_say_who_and_why() -> None:
    credit = entry(
        told("NPY", "CAMILLE RIVIERE"),
        told("CPY", "FR7630001007941234567890185"),
        told("RCN", f"{'E2E-4711':35}LOYER"),
        told("REF", "REMISE 12"),
        told("RUM", "MANDAT-9"),
        told("LCS", REFERENCE),
        told("LIB", "MERCI  POUR TOUT"),
    )
    (transfer,) = credit.transfers
    assert (transfer.counterparty_name, transfer.counterparty_account) == (
        "CAMILLE RIVIERE",
        "FR7630001007941234567890185",
    )
    references = transfer.references
    assert (references.end_to_end, references.payment_information, references.mandate) == (
        "E2E-4711",
        "REMISE 12",
        "MANDAT-9",
    )
    assert transfer.structured == (REFERENCE,)
    assert "MERCI POUR TOUT" in transfer.texts
    assert "FR7630001007941234567890185" not in transfer.texts


def test_the_reference_may_stand_in_the_payers_name_only() -> None:
    """OCA/l10n-france#397, #431."""
    (transfer,) = entry(told("NPY", f"C RIVIERE {REFERENCE}")).transfers
    assert any(REFERENCE in text for text in transfer.texts)


def test_a_long_text_goes_on_in_the_middle_of_a_word() -> None:
    (transfer,) = entry(told("LCC", "x" * 60 + REFERENCE[:10]), told("LC2", REFERENCE[10:])).transfers
    assert transfer.texts == ("x" * 60 + REFERENCE,)


def test_a_payees_name_on_a_debit() -> None:
    (transfer,) = entry(told("NBE", "EPICERIE DU PORT"), cents=-12_00).transfers
    assert transfer.counterparty_name == "EPICERIE DU PORT"


def test_a_batch_whose_parts_have_no_amounts_says_so() -> None:
    batch = entry(
        told("NPY", "CAMILLE"), told("LCC", REFERENCE), told("NPY", "DOMINIQUE"), told("LCC", "AUTRE")
    )  # fmt: skip
    assert [(each.amount_cents, each.counterparty_name) for each in batch.transfers] == [
        (None, "CAMILLE"),
        (None, "DOMINIQUE"),
    ]


def test_fees_and_the_sum_before_them() -> None:
    found = entry(told("MMO", "EUR200000000002100"), told("FEE", "EUR200000000000100"), cents=20_00)
    assert (found.charges_cents, found.transfers[0].amount_cents) == (1_00, 21_00)
    dollars = entry(told("MMO", "USD200000000002500300000001077"), cents=23_10)
    assert dollars.transfers[0].amount_cents == 23_10


@pytest.mark.parametrize(
    ("reject", "complements", "reason"),
    [
        ("", (), None),
        ("00", (), None),
        ("02", (), "02"),
        ("02", (told("RET", "AC04 COMPTE CLOS"),), "AC04"),
        ("", (told("RET", "RETOUR"),), ""),
    ],
)
def test_a_returned_transfer(reject: str, complements: tuple[str, ...], reason: str | None) -> None:
    assert entry(*complements, reject=reject).return_reason == reason


@pytest.mark.parametrize(
    ("changed", "oddity"),
    [
        ({"on": "310226"}, "bank.entry_date"),
        ({"on": "      "}, "bank.entry_date"),
        ({"currency": "USD2"}, "bank.entry_currency"),
        ({"rib": OTHER}, "bank.entry_account"),
        ({"punched": amount(100_000_000_00)}, "bank.entry_amount"),
    ],
)
def test_one_odd_line_is_set_apart_and_the_others_count(changed: dict[str, str], oddity: str) -> None:
    cents = 100_000_000_00 if "punched" in changed else 5_00
    content = file(old(0), moved(20_00), moved(5_00, **changed), new(20_00 + cents))
    sound, odd = only(content).entries
    assert (sound.oddity, odd.oddity, odd.amount_cents) == (None, oddity, cents)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", errors.FileBroken),
        (b"Bonjour,\r\nvoici le releve.\r\n", errors.FileBroken),
        (file(moved(1_00), new(1_00)), errors.FileBroken),
        (file(old(5_00, rib=OTHER), moved(1_00), new(6_00, rib=OTHER)), errors.FileBroken),  # type: ignore[arg-type]
        (file(old(0, on="310226"), new(0)), errors.FileBroken),
        (file(old(0), moved(20_00)), errors.BalanceMissing),
        (file(old(0), moved(20_00), old(20_00), new(20_00)), errors.BalanceMissing),
        (file(old(0), moved(20_00), new(20_01)), errors.SumMismatch),
        (file(old(0, currency="XPF0"), new(0, currency="XPF0")), errors.WrongCurrency),
    ],
    ids=["empty", "no record", "no old balance", "our line under another account", "balance without a day",
         "cut", "old balance again", "sums", "francs"],
)  # fmt: skip
def test_a_file_that_cannot_be_trusted_is_refused(content: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        cfonb120.read(content, IBAN)


LONG = file(
    old(1000_00), moved(20_00, end="BQ1"), told("LCC", REFERENCE), told("NPY", "CAMILLE"), moved(-3_00),
    new(1017_00), old(5_00, rib=OTHER), new(5_00, rib=OTHER), old(1017_00, on="280526"),  # type: ignore[arg-type]
    moved(1_00, on="290526"), new(1018_00, on="290526"),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_gives_reports_whose_sums_hold_or_a_refusal(data: st.DataObject) -> None:
    damaged = bytearray(LONG.replace(b"\r\n", b"") if data.draw(st.booleans()) else LONG)
    for place in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=3)):
        damaged[place] = data.draw(st.integers(0, 255))
    kept = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    try:
        reports, _others = cfonb120.read(kept, IBAN)
    except errors.BankFileRefusal:
        return
    for report in reports:
        opening_cents, closing_cents = balances(report)
        assert opening_cents + sum(each.signed_cents for each in report.entries) == closing_cents
