"""What the sums of a report prove, and what they settle: amounts that cannot be read, ways of reversals."""

from __future__ import annotations

import pytest

from tests.support.camt_files import IBAN, CamtBuilder, balance
from wallet_service.bank import errors, files
from wallet_service.bank.reported import AccountReport, BankFile

MADE = CamtBuilder()
NOTIFICATION = CamtBuilder("camt.054.001.02")
CREDIT = MADE.entry("20.00")


def read(*reports: str, made: CamtBuilder = MADE) -> BankFile:
    return files.read(made.file(*reports), IBAN)


def only(*reports: str, made: CamtBuilder = MADE) -> AccountReport:
    (report,) = read(*reports, made=made).reports
    return report


def test_sums_that_do_not_hold_refuse_the_statement() -> None:
    with pytest.raises(errors.SumMismatch) as refusal:
        read(MADE.report(CREDIT, moved="20.01"))
    assert refusal.value.values == {"expected_cents": 1020_00, "closing_cents": 1020_01}


def test_a_notification_leaves_out_what_it_says_unreadably() -> None:
    """The statement will say it again, between balances."""
    entries = (NOTIFICATION.entry("20.00", currency="USD"), NOTIFICATION.entry("25.00"))
    report = only(NOTIFICATION.report(*entries), made=NOTIFICATION)
    assert [each.amount_cents for each in report.entries] == [2500]
    assert report.warnings == ("bank.entry_left_out",)


def test_a_statement_without_both_balances_must_be_readable_throughout() -> None:
    with pytest.raises(errors.AmountUnreadable):
        read(MADE.report(MADE.entry("20.00", currency="USD"), balances=balance("CLBD", "1020.00")))


def test_two_unreadable_amounts_cannot_be_told_apart() -> None:
    dollars = MADE.entry("20.00", currency="USD")
    with pytest.raises(errors.AmountUnreadable):
        read(MADE.report(dollars, dollars, moved="40.00"))


def test_a_debit_in_dollars_is_what_the_sum_lacks() -> None:
    (found,) = only(
        MADE.report(MADE.entry("25.00", direction="DBIT", currency="USD"), moved="-23.10")
    ).entries
    assert (found.signed_cents, found.oddity) == (-23_10, "bank.entry_currency")
    with pytest.raises(errors.AmountUnreadable):  # it says that it was a debit
        read(MADE.report(MADE.entry("25.00", direction="DBIT", currency="USD"), moved="23.10"))


def test_an_entry_in_dollars_that_moved_nothing_is_said_to_be_left_out() -> None:
    report = only(MADE.report(MADE.entry("25.00", currency="USD"), CREDIT, moved="20.00"))
    assert (len(report.entries), report.warnings) == (1, ("bank.entry_left_out",))


@pytest.mark.parametrize(("direction", "moved"), [("DBIT", "-50.00"), ("CRDT", "-50.00"), ("CRDT", "50.00")])
def test_the_sums_tell_which_way_a_reversal_went(direction: str, moved: str) -> None:
    """Banks write either how the balance feels it, or the direction of the entry that is undone."""
    detail = MADE.detail("50.00", direction=direction)
    entry = MADE.entry("50.00", detail, direction=direction, reversal="true")
    (found,) = only(MADE.report(entry, moved=moved)).entries
    assert (found.is_reversal, found.signed_cents, found.oddity) == (True, int(moved.replace(".", "")), None)
    assert found.transfers[0].direction == found.direction


def test_all_reversals_of_a_statement_are_of_one_habit() -> None:
    entries = [MADE.entry(amount, direction="CRDT", reversal="1") for amount in ("50.00", "30.00")]
    report = only(MADE.report(*entries, CREDIT, moved="-60.00"))
    assert [each.signed_cents for each in report.entries] == [-50_00, -30_00, 20_00]
    with pytest.raises(errors.SumMismatch):
        read(MADE.report(*entries, CREDIT, moved="40.00"))


def test_a_reversal_whose_way_no_sum_tells_is_odd() -> None:
    alone = NOTIFICATION.entry("50.00", reversal="true")
    assert only(NOTIFICATION.report(alone), made=NOTIFICATION).entries[0].oddity == "bank.reversal_direction"
    both_ways = [MADE.entry("50.00", direction=each, reversal="true") for each in ("CRDT", "DBIT")]
    assert {each.oddity for each in only(MADE.report(*both_ways)).entries} == {"bank.reversal_direction"}


def test_what_is_no_reversal_may_say_so() -> None:
    (found,) = only(MADE.report(MADE.entry("20.00", reversal="false"), moved="20.00")).entries
    assert (found.is_reversal, found.oddity) == (False, None)
