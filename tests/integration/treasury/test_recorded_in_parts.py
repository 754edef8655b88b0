"""A report with more movements than one commit writes: recorded in parts, true at once or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.support.bank_books import A, Books
from tests.support.bank_reports import credit, file_of, report
from wallet_service.bank import files
from wallet_service.bank.reported import AccountReport
from wallet_service.database.tables.bank import bank_entries
from wallet_service.treasury.booking import reports as booking
from wallet_service.treasury.booking.plans import Plan
from wallet_service.treasury.errors import RecordedElsewhere
from wallet_service.treasury.inbox import Inbox

FIVE = report(*(credit(1_00 + number, A, bank=f"BQ{number}") for number in range(5)))
#: The same day and balances under other names: perhaps the same movements, sent again.
OTHER_NAMES = report(*(credit(1_00 + number, A, bank=f"AUTRE{number}") for number in range(5)), name="S1-BIS")


class Ended(BaseException):
    """The process, in the middle."""


@pytest.fixture(autouse=True)
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(booking, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(booking, "CREDITS_AT_ONCE", 2)


def take(books: Books, one: AccountReport) -> None:
    books.side.bank.receive(file_of(one), "00" * 32, "un.xml")


def movements(books: Books) -> int:
    with books.side.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(bank_entries)).scalar_one())


def end_before_it_is_true(books: Books, monkeypatch: pytest.MonkeyPatch, one: AccountReport) -> None:
    def end(*_: object) -> None:
        raise Ended

    with monkeypatch.context() as patched:
        patched.setattr(booking.ReportBooking, "book", end)
        with pytest.raises(Ended):
            take(books, one)


def test_every_movement_counts_once(books: Books) -> None:
    books.receive(FIVE, FIVE)
    assert books.balances == (5_10, 0)
    assert books.statements == [("first", "booked")]
    assert movements(books) == 5


def test_what_was_begun_when_the_process_ended_counts_for_nothing_and_is_read_again(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    end_before_it_is_true(books, monkeypatch, FIVE)
    assert books.statements == [("first", "recording")]
    assert movements(books) == 4
    books.settle()
    assert books.balances == (0, 0)
    books.receive(FIVE)
    assert books.balances == (5_10, 0)
    assert books.statements == [("first", "booked")]


def test_what_was_begun_is_forgotten_at_the_next_round_when_its_file_does_not_come_again(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    end_before_it_is_true(books, monkeypatch, FIVE)
    books.side.bank.go_on()
    assert (books.statements, movements(books)) == ([], 0)


def test_another_report_recorded_meanwhile_is_taken_into_account(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, came = booking.ReportBooking.parts, [OTHER_NAMES]

    def after_another(self: booking.ReportBooking, plan: Plan) -> Iterator[booking.ReportPart]:
        if came:  # once the first is planned
            books.side.new_bank().receive(file_of(came.pop()), "11" * 32, "autre.xml")
        return parts(self, plan)

    monkeypatch.setattr(booking.ReportBooking, "parts", after_another)
    take(books, FIVE)
    books.settle()
    assert books.balances == (5_10, 0)
    assert [state for _, state in books.statements] == ["booked", "held"]


def test_a_report_that_another_reader_records_is_left_to_it(
    books: Books, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    end_before_it_is_true(books, monkeypatch, FIVE)
    monkeypatch.setattr(type(books.side.bank), "_forget", lambda *_: None)  # the other is at work
    with pytest.raises(RecordedElsewhere):
        take(books, FIVE)
    monkeypatch.setattr(files, "read", lambda *_: file_of(FIVE))
    inbox = Inbox(tmp_path / "inbox", "", books.side.bank)
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "un.xml").write_bytes(b"x")
    inbox.take_all()
    assert [path.name for path in (tmp_path / "inbox").iterdir()] == ["un.xml"]


def test_a_report_that_waits_for_an_officer_waits_whole(books: Books) -> None:
    books.receive(FIVE)
    books.receive(OTHER_NAMES)
    assert [state for _, state in books.statements] == ["booked", "held"]
    assert books.waiting == [(1_00 + number, "repeated") for number in range(5)]
    assert books.balances == (5_10, 0)
