"""Statements, reports and notifications: whose they are, between which balances, of how many pages."""

from __future__ import annotations

import datetime

import pytest

from tests.support.camt_files import CREATED, DAY, IBAN, OTHER_IBAN, CamtBuilder, balance, tag, within
from wallet_service.bank import errors, files
from wallet_service.bank.camt import pages
from wallet_service.bank.reported import AccountReport, BankFile
from wallet_service.territory.currency import LOCAL_ZONE

MADE = CamtBuilder()
REPORT, NOTIFICATION = CamtBuilder("camt.052.001.08"), CamtBuilder("camt.054.001.02")
RIB = IBAN[4:]
CREDIT = MADE.entry("20.00")
WRITTEN = datetime.datetime.fromisoformat(CREATED)


def read(*reports: str, made: CamtBuilder = MADE) -> BankFile:
    return files.read(made.file(*reports), IBAN)


def only(*reports: str, made: CamtBuilder = MADE) -> AccountReport:
    (report,) = read(*reports, made=made).reports
    return report


def cents(report: AccountReport) -> tuple[int | None, int | None]:
    ends = [None if each is None else each.amount_cents for each in (report.opening, report.closing)]
    return ends[0], ends[1]


def page(number: int, *entries: str, balances: str, is_last: bool = False, report_id: str = "S1") -> str:
    pagination = tag("StmtPgntn", tag("PgNb", str(number)), tag("LastPgInd", str(is_last).lower()))
    return MADE.report(*entries, report_id=report_id, balances=balances, before=pagination)


@pytest.mark.parametrize(
    "account",
    [
        tag("IBAN", IBAN),
        tag("IBAN", f"{IBAN[:4]} {IBAN[4:8]} {IBAN[8:]}".lower()),
        within("Othr/Id", IBAN),
        within("Othr/Id", RIB),
        within("Othr/Id", f"{RIB[:5]} {RIB[5:10]} {RIB[10:21]} {RIB[21:]}"),
        within("Othr/Id", RIB[:21]),
        tag("BBAN", RIB),
        within("PrtryAcct/Id", RIB),
        tag("IBAN", IBAN) + within("Othr/Id", RIB),
    ],
)
def test_our_account_is_known_however_it_is_written(account: str) -> None:
    assert len(only(MADE.report(CREDIT, account=account, moved="20.00")).entries) == 1


@pytest.mark.parametrize(
    "account",
    [
        tag("IBAN", OTHER_IBAN),
        within("Othr/Id", RIB[10:21]),  # eleven digits are an account at many banks
        tag("IBAN", IBAN) + within("Othr/Id", OTHER_IBAN),
        tag("IBAN", ""),
    ],
)
def test_another_account_is_not_taken_for_ours(account: str) -> None:
    with pytest.raises(errors.WrongAccount):
        read(MADE.report(CREDIT, account=account, moved="20.00"))


def test_of_several_accounts_ours_is_read_and_the_others_are_counted() -> None:
    other = MADE.report(
        CREDIT, account=tag("IBAN", OTHER_IBAN), moved="999.00"
    )  # its sums are not ours to check
    found = read(other, MADE.report(CREDIT, moved="20.00"), other)
    assert (len(found.reports), found.other_accounts) == (1, 2)


def test_our_account_in_another_currency_is_another_account() -> None:
    dollars = MADE.report(
        MADE.entry(currency="USD"), currency="USD", balances=balance("CLBD", "5.00", currency="USD")
    )
    assert read(dollars, MADE.report(CREDIT, moved="20.00")).other_accounts == 1
    with pytest.raises(errors.WrongCurrency) as refusal:
        read(dollars)
    assert "USD" in refusal.value.sentence("fr")


def test_an_account_that_does_not_say_its_currency_has_that_of_its_balances() -> None:
    dollars = MADE.report(
        MADE.entry(currency="USD"), currency="", balances=balance("CLBD", "5.00", currency="USD")
    )
    found = read(dollars, MADE.report(CREDIT, currency="", moved="20.00"))
    assert (len(found.reports), found.other_accounts) == (1, 1)


def test_a_message_without_a_statement_is_refused_as_that() -> None:
    with pytest.raises(errors.NothingReported):
        read()


def test_a_report_of_more_movements_than_an_account_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_ENTRIES", 2)
    assert len(only(MADE.report(CREDIT, CREDIT, moved="40.00")).entries) == 2
    detailed = MADE.entry("20.00", MADE.detail("20.00"), MADE.detail("0.00"))
    for entries in ((CREDIT, CREDIT, CREDIT), (detailed,)):
        with pytest.raises(errors.EntriesOverBounds):
            read(MADE.report(*entries, moved="60.00"))


def test_several_statements_of_one_file_come_in_the_order_of_their_balances() -> None:
    later = MADE.report(CREDIT, report_id="S2", created="2026-05-29T23:30:00+02:00", balances=(
        balance("OPBD", "1020.00", "2026-05-29") + balance("CLBD", "1040.00", "2026-05-29")
    ))  # fmt: skip
    found = read(later, MADE.report(CREDIT, moved="20.00"))
    assert [each.report_id for each in found.reports] == ["S1", "S2"]


def test_a_day_without_movements_is_a_report() -> None:
    report = only(MADE.report())
    assert (report.entries, cents(report)) == ((), (1000_00, 1000_00))
    assert (report.from_on, report.to_on) == (DAY, DAY)


@pytest.mark.parametrize(
    ("balances", "ends"),
    [
        (balance("PRCD", "1000.00", "2026-05-27") + balance("CLBD", "1020.00"), (1000_00, 1020_00)),
        (balance("OPBD", "-5.00") + balance("CLBD", "15.00"), (-5_00, 15_00)),
        (balance("CLBD", "1020.00"), (None, 1020_00)),
        (balance("OPBD", "1000.00"), (1000_00, None)),
        (balance("OPAV", "1000.00") + balance("CLAV", "7.00"), (None, None)),
        ("", (None, None)),
        (
            balance("CLBD", "1020.00") + balance("CLAV", "7.00") + balance("OPBD", "1000.00"),
            (1000_00, 1020_00),
        ),
        (balance("XPCD", "1.00") + balance("FWAV", "2.00", currency="CHF"), (None, None)),
    ],
)
def test_only_booked_balances_count_and_what_is_missing_is_missing(
    balances: str, ends: tuple[int | None, int | None]
) -> None:
    assert cents(only(MADE.report(CREDIT, balances=balances))) == ends


def test_a_pair_of_balances_a_day_leads_from_the_first_to_the_last() -> None:
    balances = "".join(
        (balance("OPBD", first, day) + balance("CLBD", last, day))
        for first, last, day in (("1020.00", "1045.00", "2026-05-28"), ("1000.00", "1020.00", "2026-05-27"))
    )
    report = only(MADE.report(CREDIT, MADE.entry("25.00"), balances=balances))
    assert cents(report) == (1000_00, 1045_00)


def test_a_balance_is_true_at_its_own_time_else_at_its_days_end_and_never_after_the_bank_wrote() -> None:
    day_end = datetime.datetime(2026, 5, 27, 23, 59, 59, tzinfo=LOCAL_ZONE)
    noon = "2026-05-28T12:00:00+02:00"
    for closing, moment in (
        (balance("CLBD", "1020.00", "2026-05-27"), day_end),
        (balance("CLBD", "1020.00", DAY), WRITTEN),
        (balance("CLBD", "1020.00", moment=noon), datetime.datetime.fromisoformat(noon)),
        (balance("CLBD", "1020.00", moment="2026-05-27T24:00:00"), day_end),
        (balance("CLBD", "1020.00", moment="2026-05-29T12:00:00"), WRITTEN),
    ):
        found = only(MADE.report(CREDIT, balances=closing)).closing
        assert found is not None
        assert found.as_of_unix_s == int(moment.timestamp())


def test_pages_of_one_report_are_joined_in_their_order() -> None:
    first = page(1, CREDIT, balances=balance("OPBD", "1000.00") + balance("ITBD", "1020.00"))
    second = page(
        2, MADE.entry("25.00"), balances=balance("ITBD", "1020.00") + balance("CLBD", "1045.00"), is_last=True
    )
    report = only(second, first)
    assert ([each.amount_cents for each in report.entries], cents(report)) == (
        [2000, 2500],
        (1000_00, 1045_00),
    )
    assert report.warnings == ()


def test_pages_that_each_carry_both_balances_are_one_report() -> None:
    both = balance("OPBD", "1000.00") + balance("CLBD", "1045.00")
    report = only(page(1, CREDIT, balances=both), page(2, MADE.entry("25.00"), balances=both, is_last=True))
    assert (len(report.entries), cents(report)) == (2, (1000_00, 1045_00))


def test_pages_with_running_balances_are_one_report() -> None:
    first = page(1, CREDIT, balances=balance("OPBD", "1000.00") + balance("CLBD/INTM", "1020.00"))
    second = page(
        2,
        MADE.entry("25.00"),
        balances=balance("OPBD/INTM", "1020.00") + balance("CLBD", "1045.00"),
        is_last=True,
    )
    assert cents(only(first, second)) == (1000_00, 1045_00)
    assert cents(only(first)) == (1000_00, None)


def test_the_same_page_twice_counts_once() -> None:
    first = page(1, CREDIT, balances=balance("OPBD", "1000.00") + balance("ITBD", "1020.00"))
    last = page(2, balances=balance("ITBD", "1020.00") + balance("CLBD", "1020.00"), is_last=True)
    assert len(only(first, last, first).entries) == 1


def test_pages_of_two_days_of_one_id_are_two_reports() -> None:
    made = [
        page(
            number,
            *entries,
            balances=balance("OPBD", opening, day) + balance("CLBD", closing, day),
            is_last=number == 2,
        )
        for day, opening, closing in (
            ("2026-05-27", "1000.00", "1020.00"),
            ("2026-05-28", "1020.00", "1040.00"),
        )
        for number, entries in ((1, (CREDIT,)), (2, ()))
    ]
    assert [cents(each) for each in read(*made).reports] == [(1000_00, 1020_00), (1020_00, 1040_00)]


def test_pages_without_numbers_are_joined_by_their_interim_balance() -> None:
    first = MADE.report(CREDIT, balances=balance("OPBD", "1000.00") + balance("ITBD", "1020.00"))
    second = MADE.report(
        MADE.entry("25.00"), balances=balance("ITBD", "1020.00") + balance("CLBD", "1045.00")
    )
    assert cents(only(first, second)) == (1000_00, 1045_00)


def test_a_page_that_came_alone_is_read_and_proves_no_balance_of_the_whole() -> None:
    first = page(1, CREDIT, balances=balance("OPBD", "1000.00") + balance("ITBD", "1020.00"))
    assert (cents(only(first)), only(first).warnings) == ((1000_00, None), ())
    both = page(1, CREDIT, balances=balance("OPBD", "1000.00") + balance("CLBD", "1045.00"))
    report = only(both)
    assert (len(report.entries), cents(report), report.warnings) == (1, (None, None), ("bank.pages_missing",))


def test_pages_that_are_all_there_must_add_up() -> None:
    both = balance("OPBD", "1000.00") + balance("CLBD", "1099.00")
    with pytest.raises(errors.SumMismatch):
        read(page(1, CREDIT, balances=both), page(2, balances=both, is_last=True))


def test_a_page_number_in_the_header_of_the_message_counts_too() -> None:
    def message(number: int, report: str) -> bytes:
        pagination = tag("MsgPgntn", tag("PgNb", str(number)), tag("LastPgInd", str(number == 2).lower()))
        return MADE.file(report).replace(b"</GrpHdr>", f"{pagination}</GrpHdr>".encode())

    both = balance("OPBD", "1000.00") + balance("CLBD", "1045.00")
    content = message(1, MADE.report(CREDIT, balances=both)) + message(
        2, MADE.report(MADE.entry("25.00"), balances=both)
    )
    (report,) = files.read(content, IBAN).reports
    assert len(report.entries) == 2


def test_a_report_of_the_day_so_far_has_no_closing_balance_unless_it_says_so() -> None:
    interim = balance("OPBD", "1000.00") + balance("ITBD", "1020.00")
    report = only(REPORT.report(CREDIT, balances=interim), made=REPORT)
    assert (report.kind, cents(report), report.warnings) == ("report", (1000_00, None), ())


def test_a_report_of_the_last_hour_does_not_lead_to_the_interim_balance_of_the_day() -> None:
    interim = balance("OPBD", "1000.00") + balance("ITBD", "1900.00")
    report = only(REPORT.report(CREDIT, balances=interim), made=REPORT)
    assert (len(report.entries), cents(report)) == (1, (1000_00, None))
    assert report.warnings == ("bank.interim_balance",)


def test_a_notification_has_entries_and_no_balance() -> None:
    report = only(NOTIFICATION.report(NOTIFICATION.entry("20.00")), made=NOTIFICATION)
    assert (report.kind, len(report.entries), cents(report)) == ("notification", 1, (None, None))


@pytest.mark.parametrize(
    "moment", ["2026-05-28T24:00:00", "2026-05-28T24:00:00.000+02:00", "2026-05-28T23:59:60"]
)
def test_the_last_moment_of_a_day_is_a_moment(moment: str) -> None:
    last = datetime.datetime(2026, 5, 28, 23, 59, 59, tzinfo=LOCAL_ZONE)
    assert only(MADE.report(created=moment)).created_unix_s == int(last.timestamp())


NEVER = ["12026-05-28T23:00:00", "-0001-05-28T23:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59",
         "2026-02-30T10:00:00", "2026-05-28T25:00:00", "2026-05-28T24:00:01", "2026-05-28T10:00:00+99:00",
         "demain", "２０２６-05-28T10:00:00"]  # fmt: skip


@pytest.mark.parametrize("moment", NEVER)
def test_a_time_that_is_none_refuses_the_file_by_its_element(moment: str) -> None:
    with pytest.raises(errors.MomentUnreadable) as refusal:
        read(MADE.report(created=moment))
    assert "CreDtTm" in refusal.value.sentence("fr")
    with pytest.raises(errors.MomentUnreadable):
        read(MADE.report(balances=balance("CLBD", "1000.00", moment=moment)))


def test_a_statement_without_its_own_time_has_its_messages() -> None:
    report = MADE.report(created="gone").replace(tag("CreDtTm", "gone"), "")
    assert only(report).created_unix_s == int(WRITTEN.timestamp())


@pytest.mark.parametrize(
    ("period", "days"),
    [
        (tag("FrDt", "2026-05-01") + tag("ToDt", "2026-05-31"), ("2026-05-01", "2026-05-31")),
        (tag("FrDtTm", "2026-05-27T22:00:00Z") + tag("ToDtTm", "2026-05-28T24:00:00"), (DAY, DAY)),
        ("", (DAY, DAY)),
    ],
)
def test_the_days_covered_are_those_the_bank_says_else_those_of_the_entries(
    period: str, days: tuple[str, str]
) -> None:
    report = only(MADE.report(CREDIT, moved="20.00").replace("<Acct>", f"{tag('FrToDt', period)}<Acct>"))
    assert (report.from_on, report.to_on) == days


def test_a_period_that_cannot_be_read_is_a_warning() -> None:
    period = tag("FrToDt", tag("FrDtTm", "hier"), tag("ToDtTm", "2026-05-28T10:00:00"))
    report = only(MADE.report(CREDIT, moved="20.00").replace("<Acct>", f"{period}<Acct>"))
    assert (report.from_on, report.to_on) == (DAY, DAY)
    assert "bank.period_unreadable" in report.warnings


@pytest.mark.parametrize(
    ("closing", "expected"),
    [
        (balance("CLBD", "1020.005"), errors.AmountUnreadable),
        (balance("CLBD", "1020.00").replace("CRDT", "MAYBE"), errors.AmountUnreadable),
        (balance("CLBD", "9" * 18), errors.AmountUnreadable),
        (balance("CLBD", "1020.00", currency="USD"), errors.WrongCurrency),
    ],
)
def test_a_booked_balance_that_cannot_be_read_refuses_the_file(
    closing: str, expected: type[Exception]
) -> None:
    with pytest.raises(expected):
        read(MADE.report(CREDIT, balances=balance("OPBD", "1000.00") + closing))
