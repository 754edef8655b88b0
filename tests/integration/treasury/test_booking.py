"""What reports do to the books one after another: told then shown, held, taken apart, gone on with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from tests.support.bank_books import A, B, Books, books_on
from tests.support.bank_reports import DAY, NEXT_DAY, credit, entry, file_of, notification, report, transfer
from wallet_service.bank.statement import EntryLine
from wallet_service.database.tables.bank import bank_entries
from wallet_service.database.tables.chain import chain_commands
from wallet_service.database.tables.supervision import journal
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.oversight.errors import SecondOfficerNeeded
from wallet_service.treasury import errors
from wallet_service.treasury.booking import reports as booking
from wallet_service.treasury.booking.deciding import BookedCounts
from wallet_service.treasury.unmatched import TWO_OFFICERS_FROM_CENTS

CORRECTED = (
    report(credit(20_00, A, bank="BQ1")),
    report(credit(20_00, A, bank="BQ1"), credit(25_00, B, bank="BQ2")),
)
SENT_AGAIN = (
    report(credit(20_00, A, bank="X1", end_to_end="E77"), credit(500_00, bank="X2")),
    report(credit(20_00, A, bank="Y1", end_to_end="E77"), credit(500_00, bank="Y2"), name="S1-BIS"),
)
REVERSED = (
    report(credit(50_00, A, bank="C1")),
    report(
        entry(50_00, transfer(50_00, A), bank="C1R", direction="DBIT", is_reversal=True, on=NEXT_DAY),
        opening_cents=1050_00,
        name="S2",
        on=NEXT_DAY,
    ),
)
TOLD = notification(credit(20_00, A, bank="N1", transaction="T1", texts=("Chargement",)))
#: What the statement then shows of it: named another way, in other words.
SHOWN = {
    "by the transfer's own id": credit(20_00, A, bank="S1", transaction="T1"),
    "by the bank's reference": credit(20_00, A, bank="N1"),
    "by nothing but its day and amount": credit(20_00, bank="S1"),
    "on the next day": credit(20_00, A, bank="S1", transaction="T1", on=NEXT_DAY),
}


@pytest.mark.parametrize("how", SHOWN)
def test_an_instant_credit_is_minted_within_what_is_attested_and_not_again_by_the_statement(
    books: Books, how: str
) -> None:
    books.receive(report(credit(30_00, bank="BQ0", on="2026-05-27"), opening_cents=0, on="2026-05-27"))
    books.receive(TOLD)
    assert books.balances == (20_00, 0)
    assert books.side.ledger.attested.amount_cents == 30_00
    shown = SHOWN[how]
    books.receive(report(shown, opening_cents=30_00, name="S2", on=shown.booked_on))
    assert books.balances == (20_00, 0)
    assert books.side.ledger.attested.amount_cents == 50_00
    assert books.waiting == [(30_00, None)]
    assert books.statements[-1] == ("follows", "booked")


def test_told_euros_beyond_what_is_attested_wait_for_the_statement_and_say_so(books: Books) -> None:
    books.receive(TOLD)
    (held,) = books.side.topups.list_held()
    assert held.held_reason == "awaiting_statement"
    assert books.balances == (0, 0)
    books.receive(report(SHOWN["by the transfer's own id"], opening_cents=0))
    assert books.balances == (20_00, 0)
    assert books.side.topups.list_held() == []


def test_told_euros_never_take_the_slack_twice(books: Books) -> None:
    books.receive(report(credit(30_00, bank="BQ0", on="2026-05-27"), opening_cents=0, on="2026-05-27"))
    twice = notification(
        credit(20_00, A, bank="N1", transaction="T1"), credit(20_00, B, bank="N2", transaction="T2")
    )
    books.side.bank.receive(file_of(twice), "00" * 32, "instant.xml")
    with books.side.engine.connect() as connection:
        kinds = list(connection.execute(select(chain_commands.c.kind)).scalars())
    assert kinds.count("mint") == 1  # the ledger is not even asked for the other
    books.settle()
    assert sum(books.balances) == 20_00
    assert [each.held_reason for each in books.side.topups.list_held()] == ["awaiting_statement"]


def test_a_notification_sent_again_under_new_names_waits_until_a_statement_tells(books: Books) -> None:
    told_again = notification(credit(20_00, A, bank="N9", texts=("Chargement",)), name="N2")
    first = notification(credit(20_00, A, bank="N1", texts=("Chargement",)))
    books.receive(first, told_again)
    assert books.waiting == [(20_00, "lookalike")]
    shown = report(
        credit(20_00, A, bank="N1", texts=("Chargement",)),
        credit(20_00, A, bank="N9", texts=("Chargement",)),
        opening_cents=0,
    )
    books.receive(shown)
    assert books.balances == (40_00, 0)
    assert books.waiting == []


@pytest.mark.parametrize("turn", range(4))
def test_a_transfer_told_twice_and_shown_once_is_credited_once(books: Books, turn: int) -> None:
    """Movements' ids are drawn: whichever comes first, the line is the telling that was credited."""
    for name in ("N1", "N9"):
        books.receive(notification(credit(20_00, A, bank=name, texts=("Chargement",)), name=name))
    books.receive(report(credit(20_00, A, texts=("Chargement",))))
    assert books.balances == (20_00, 0)
    assert books.waiting == [(20_00, "lookalike")]


def test_a_statement_sent_again_under_other_names_makes_no_told_lookalike_real(books: Books) -> None:
    """One transfer, told twice under two names and shown twice under two more: it is one."""
    told = [
        notification(credit(20_00, A, bank=name, texts=("Chargement",)), name=name) for name in ("N1", "N9")
    ]
    shown = credit(20_00, A, texts=("Chargement",))
    again = credit(20_00, A, bank="X9", texts=("Chargement",))
    books.receive(*told, report(shown), report(again, name="S1-BIS"))
    assert books.balances == (20_00, 0)
    assert books.waiting == [(20_00, "lookalike")]


def test_a_statement_sent_again_without_news_shows_nothing_for_the_first_time(books: Books) -> None:
    """One of a sum's transfers was told. Its line of the sum is not the payment beside the sum."""
    books.receive(
        notification(credit(10_00, A, bank="N1"), name="N1"),
        notification(credit(10_00, A, bank="N2", end_to_end="E2"), name="N2"),
        report(entry(20_00, declared_transfers=2), credit(10_00, A, end_to_end="E2")),
        report(
            entry(20_00, bank="X1", declared_transfers=2),
            credit(10_00, A, bank="X2", end_to_end="E2"),
            name="S1-BIS",
        ),
    )
    shown = select(bank_entries.c.amount_cents).where(bank_entries.c.confirmed_statement_id.is_not(None))
    with books.side.engine.connect() as connection:
        assert sorted(connection.execute(shown).scalars()) == [10_00, 20_00]


def test_a_held_report_still_tells_of_whom_a_known_sum_was(books: Books) -> None:
    """What is new in it waits for an officer; whoever was in the sum has been waiting already."""
    alone = credit(10_00, A, end_to_end="E2")
    books.receive(
        notification(credit(10_00, A, bank="N1")),
        report(entry(20_00, declared_transfers=2), alone),
        report(entry(20_00, transfer(10_00, A), transfer(10_00, A)), alone, name="S1-BIS"),
    )
    assert books.balances == (20_00, 0)
    assert books.waiting == [(10_00, "repeated")]


def test_a_sum_shown_twice_whose_transfers_were_told_waits_as_one_known(books: Books) -> None:
    """Told one by one, then shown as a sum by one statement, and by another of a longer stretch."""
    books.receive(
        notification(credit(10_00, A, bank="N1"), credit(10_00, A, bank="N2")),
        report(entry(20_00, declared_transfers=2)),
        replace(report(entry(20_00, declared_transfers=2), name="WEEK"), from_on="2026-05-20"),
    )
    assert books.balances == (20_00, 0)
    assert books.waiting == [(20_00, "lookalike")]


def test_a_sum_an_officer_has_given_is_not_taken_apart(books: Books) -> None:
    books.receive(report(entry(100_00, bank="K1", declared_transfers=2)))
    (waiting,) = books.side.unmatched.list_waiting()
    books.side.unmatched.give(waiting.id, books.members[1], "officer-1", "vu avec la banque")
    books.receive(notification(entry(100_00, transfer(60_00, A), transfer(40_00, B), bank="K1")))
    assert books.balances == (0, 100_00)
    assert books.waiting == []


def test_a_sum_of_which_a_part_was_given_is_not_taken_apart(books: Books) -> None:
    books.receive(report(entry(100_00, bank="K1", declared_transfers=2)))
    (waiting,) = books.side.unmatched.list_waiting()
    books.side.unmatched.give(waiting.id, books.members[1], "officer-1", "vu avec la banque", 40_00)
    books.receive(notification(entry(100_00, transfer(60_00, A), transfer(40_00, B), bank="K1")))
    assert books.balances == (0, 40_00)
    (rest,) = books.side.unmatched.list_waiting()
    assert (rest.id, rest.rest_cents) == (waiting.id, 60_00)


def test_a_sum_shown_again_after_it_was_taken_apart_is_booked_and_waits(books: Books) -> None:
    """The sum that was taken apart keeps its key: another of its name takes the next."""
    bare = entry(20_00, declared_transfers=2)
    books.receive(report(bare), report(entry(20_00, transfer(10_00, A), transfer(10_00, B)), name="S1-BIS"))
    assert books.balances == (10_00, 10_00)
    books.receive(report(bare, name="S1-TER"))
    assert books.balances == (10_00, 10_00)
    assert [cents for cents, _ in books.waiting] == [20_00]


def test_an_undoing_is_not_taken_for_the_transfer_that_was_told(books: Books) -> None:
    """One transfer was told and credited; the statement shows it beside an undoing that says the same."""
    told = credit(20_00, A, texts=("Chargement",))
    undoing = replace(told, is_reversal=True)
    books.receive(notification(told), report(undoing, told))
    assert books.balances == (20_00, 0)
    assert books.waiting == [(20_00, "reversal")]


def test_what_is_told_late_of_a_shown_movement_is_not_credited_again(books: Books) -> None:
    books.receive(report(credit(20_00, A, bank="S1", transaction="T1")), TOLD)
    assert books.balances == (20_00, 0)
    assert books.waiting == []


def test_an_officer_accepts_a_held_report_and_its_movements_count(books: Books) -> None:
    books.receive(*CORRECTED)
    held = next(view for view in books.side.statements() if view.state == "held")
    books.side.bank.accept_statement(held.id, "officer-1", "la banque confirme")
    books.settle()
    assert books.balances == (20_00, 25_00)
    assert books.waiting == []
    with pytest.raises(errors.StatementNotHeld):
        books.side.bank.dismiss_statement(held.id, "officer-1", "encore")


@pytest.mark.parametrize("below_cents", [1, 0])
def test_a_large_held_report_is_accepted_by_two_officers(books: Books, below_cents: int) -> None:
    side, cents = books.side, TWO_OFFICERS_FROM_CENTS - below_cents
    books.receive(CORRECTED[0], report(credit(20_00, A, bank="BQ1"), credit(cents, B, bank="BQ2")))
    held = next(view for view in side.statements() if view.state == "held")
    is_done = side.bank.accept_statement(held.id, "officer-1", "la banque confirme")
    assert is_done is bool(below_cents)
    if not is_done:
        assert books.waiting == [(cents, "corrected")]
        assert side.bank.asked_statements() == {held.id}
        for decide in (side.bank.accept_statement, side.bank.dismiss_statement):
            with pytest.raises(errors.StatementAskedFor):
                decide(held.id, "officer-2", "encore")
        (asked,) = side.approvals.pending()
        with pytest.raises(SecondOfficerNeeded):
            side.approvals.approve(asked.id, "officer-1", {"treasury"})
        side.approvals.approve(asked.id, "officer-2", {"treasury"})
    assert books.waiting == []
    with side.engine.connect() as connection:
        told = connection.execute(
            select(journal.c.actor_id, journal.c.ground).where(journal.c.act == "bank.statement_accepted")
        )
        assert told.all() == [("officer-1", "la banque confirme")]


def test_an_officer_dismisses_a_held_report_and_none_of_its_movements_counts(books: Books) -> None:
    books.receive(*SENT_AGAIN)
    held = next(view for view in books.side.statements() if view.state == "held")
    assert books.side.bank.dismiss_statement(held.id, "officer-1", "même relevé") == 2
    assert books.waiting == [(500_00, None)]
    assert books.balances == (20_00, 0)
    with pytest.raises(errors.StatementNotHeld):
        books.side.bank.accept_statement(held.id, "officer-1", "encore")
    with pytest.raises(errors.StatementUnknown):
        books.side.bank.accept_statement("NOTHING", "officer-1", "?")


def test_two_statements_of_a_day_between_the_same_balances_are_two_when_the_payers_say_so(
    books: Books,
) -> None:
    books.receive(
        report(credit(20_00, A, bank="X1", end_to_end="E1"), opening_cents=1000_00, name="S1"),
        report(entry(20_00, direction="DBIT", bank="X2"), opening_cents=1020_00, name="S2"),
        report(credit(20_00, A, bank="X3", end_to_end="E3"), opening_cents=1000_00, name="S3"),
    )
    assert books.balances == (40_00, 0)
    assert [view.state for view in books.side.statements()] == ["booked"] * 3


def test_new_payers_names_on_the_same_stretch_wait_where_the_chain_of_balances_breaks(books: Books) -> None:
    books.receive(
        report(credit(20_00, A, bank="X1", end_to_end="E1"), opening_cents=1000_00, name="S1"),
        report(credit(20_00, A, bank="X3", end_to_end="E3"), opening_cents=1000_00, name="S3"),
    )
    assert books.balances == (20_00, 0), "its sums could be a sending's: an officer decides"
    assert sorted(view.state for view in books.side.statements()) == ["booked", "held"]


def test_a_reversal_is_handed_to_who_follows_it_up_with_its_entry(books: Books) -> None:
    noted: list[tuple[str, EntryLine]] = []
    looked: list[int] = []

    class Notes:
        def note(self, work: UnitOfWork, entry_id: str, line: EntryLine) -> None:
            states = select(bank_entries.c.state).where(bank_entries.c.id == entry_id)
            assert work.connection.execute(states).scalar_one() == "unmatched"
            noted.append((entry_id, line))

        def look_again(self, work: UnitOfWork) -> None:
            looked.append(len(noted))

    books.side.bank = books.side.new_bank(reversals=Notes())
    books.receive(*REVERSED)
    ((_, line),) = noted
    assert (line.direction, line.amount_cents, line.structured) == ("DBIT", 50_00, (A,))
    assert looked[-1] == 1  # once the report's own credits were decided


def test_a_missing_stretch_between_balances_is_an_alarm_and_its_credits_still_count(books: Books) -> None:
    books.receive(report(credit(20_00, A, bank="X1")))
    books.receive(
        report(credit(25_00, B, bank="X2", on=NEXT_DAY), opening_cents=1500_00, name="S2", on=NEXT_DAY)
    )
    assert books.balances == (20_00, 25_00)
    assert books.statements == [("first", "booked"), ("broken", "booked")]


@pytest.fixture
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(booking, "CREDITS_AT_ONCE", 2)


def test_credits_beyond_one_commit_are_decided_in_the_next_ones(
    engine: Engine, tmp_path: Path, two_at_once: None
) -> None:
    books = books_on(engine, tmp_path)
    books.receive(report(*(credit(1_00 + number, A, bank=f"BQ{number}") for number in range(5))))
    assert books.balances == (5_10, 0)
    assert books.statements == [("first", "booked")]


def test_told_credits_taken_for_others_are_decided_in_the_next_commits_too(
    books: Books, two_at_once: None
) -> None:
    """A statement shows two alike beside its own: the one that waited as a lookalike is real."""
    alike = [credit(20_00, A, bank=name, texts=("Chargement",)) for name in ("N1", "N9")]
    books.receive(notification(alike[0]), notification(alike[1], name="N2"))
    assert books.waiting == [(20_00, "lookalike")]
    others = [credit(1_00 + number, B, bank=f"BQ{number}") for number in range(3)]
    books.receive(report(*alike, *others, opening_cents=0))
    assert books.balances == (40_00, 3_03)
    assert books.waiting == []


def test_a_process_that_ends_between_two_commits_goes_on_where_it_was(
    engine: Engine, tmp_path: Path, two_at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = books_on(engine, tmp_path)
    content = report(*(credit(1_00 + number, A, bank=f"BQ{number}") for number in range(5)))

    class Ended(BaseException):
        pass

    def end(*_: object) -> None:
        raise Ended

    with monkeypatch.context() as patched:
        patched.setattr(type(books.side.bank), "_go_on", end)
        with pytest.raises(Ended):
            books.receive(content)
    assert books.statements == [("first", "booking")]
    books.side.bank.go_on()
    books.settle()
    assert books.balances == (5_10, 0)
    assert books.statements == [("first", "booked")]
    books.receive(content)
    assert books.balances == (5_10, 0)


def test_the_same_report_read_again_finishes_what_was_begun(
    books: Books, two_at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = report(*(credit(1_00 + number, A, bank=f"BQ{number}") for number in range(5)))
    with monkeypatch.context() as patched:
        patched.setattr(type(books.side.bank), "_go_on", lambda *_: BookedCounts())
        books.receive(content)
    books.receive(content)
    assert books.balances == (5_10, 0)


def test_only_the_day_and_the_amount_of_a_movement_are_readable_in_the_database(books: Books) -> None:
    books.receive(
        report(credit(20_00, bank="BQ1", texts=("pour Camille",), counterparty_name="Camille R.", on=DAY))
    )
    with books.side.engine.connect() as connection:
        said = repr(tuple(connection.execute(select(bank_entries)).one()))
    for personal in ("Camille", "FR7699999000010000000099928"):
        assert personal not in said
