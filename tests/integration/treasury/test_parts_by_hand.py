"""An officer gives parts of a credit to several members: never more than came, and no part twice."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from tests.support.bank_reports import entry, file_of, notification, report, transfer
from tests.support.bank_rows import BankRows
from tests.support.bank_side import BankSide
from wallet_service.database.tables.bank import bank_entries, topups
from wallet_service.database.tables.supervision import journal
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.treasury import repository
from wallet_service.treasury.errors import EntryAskedFor, EntryNotUnmatched, PartTooLarge
from wallet_service.treasury.unmatched import TWO_OFFICERS_FROM_CENTS

GROUND = "nom et montant concordent"
TREASURY = {"observe", "treasury"}


@pytest.fixture
def batch(side: BankSide) -> str:
    """100.00 in one sum of several transfers; the reserve covers it."""
    side.receive(side.statement(side.entry(side.credit(2_000_00, text="réserve"))))
    (reserve,) = side.unmatched.list_waiting()
    side.unmatched.set_aside(reserve.id, "O1", "apport à la réserve")
    side.ledger.run()
    return BankRows(side).add(amount_cents=100_00, reason="batch_incomplete")


def minted_cents(side: BankSide, entry_id: str) -> int:
    with side.engine.connect() as connection:
        query = select(func.coalesce(func.sum(topups.c.amount_cents), 0))
        return int(connection.execute(query.where(topups.c.bank_entry_id == entry_id)).scalar_one())


def test_parts_go_to_their_members_and_the_rest_stays(side: BankSide, batch: str) -> None:
    ann, bob = side.merchant(), side.merchant()
    assert side.unmatched.give(batch, ann, "O1", GROUND, 40_00)
    (waiting,) = side.unmatched.list_waiting()
    assert (waiting.given_cents, waiting.rest_cents) == (40_00, 60_00)
    assert side.unmatched.give(batch, bob, "O2", GROUND, 25_00)
    assert side.unmatched.give(batch, ann, "O1", GROUND)
    assert side.unmatched.list_waiting() == []
    side.ledger.run()
    assert (side.balance(ann), side.balance(bob)) == ((75_00, 0), (25_00, 0))
    with side.engine.connect() as connection:
        given = connection.execute(
            select(topups.c.part, topups.c.given_by, topups.c.amount_cents).order_by(topups.c.part)
        )
        assert [tuple(row) for row in given] == [(1, "O1", 40_00), (2, "O2", 25_00), (3, "O1", 35_00)]


def test_each_part_is_in_the_journal(side: BankSide, batch: str) -> None:
    ann, bob = side.merchant(), side.merchant()
    for member, cents in ((ann, 40_00), (bob, 60_00)):
        side.unmatched.give(batch, member, "O1", GROUND, cents)
    with side.engine.connect() as connection:
        rows = connection.execute(select(journal).where(journal.c.act == "bank.credit_matched")).all()
    assert [row.details for row in rows] == [
        {"amount_cents": 40_00, "member_id": ann},
        {"amount_cents": 60_00, "member_id": bob},
    ]


@pytest.mark.parametrize("cents", [0, -1, 60_01])
def test_no_more_than_is_left_is_given(side: BankSide, batch: str, cents: int) -> None:
    member = side.merchant()
    side.unmatched.give(batch, member, "O1", GROUND, 40_00)
    with pytest.raises(PartTooLarge):
        side.unmatched.give(batch, member, "O1", GROUND, cents)
    assert minted_cents(side, batch) == 40_00


def test_the_table_holds_no_more_given_than_came(side: BankSide, batch: str) -> None:
    too_much = update(bank_entries).where(bank_entries.c.id == batch).values(given_cents=100_01)
    with pytest.raises(IntegrityError), side.engine.begin() as connection:
        connection.execute(too_much)


def test_two_equal_parts_of_one_member_are_two(side: BankSide, batch: str) -> None:
    member = side.merchant()
    for _ in range(2):
        side.unmatched.give(batch, member, "O1", GROUND, 50_00)
    side.ledger.run()
    assert side.balance(member) == (100_00, 0)
    with pytest.raises(EntryNotUnmatched):
        side.unmatched.give(batch, member, "O1", GROUND, 50_00)


def test_the_rest_is_sent_back_and_what_was_given_stays(side: BankSide, batch: str) -> None:
    member = side.merchant()
    side.unmatched.give(batch, member, "O1", GROUND, 40_00)
    side.unmatched.set_aside(batch, "O1", "expéditeurs inconnus")
    side.ledger.run()
    assert side.balance(member) == (40_00, 0)
    with side.engine.connect() as connection:
        (noted,) = connection.execute(
            select(journal.c.details).where(
                journal.c.act == "bank.credit_to_return", journal.c.subject_id == batch
            )
        )
    assert noted.details == {"amount_cents": 60_00}


def test_what_is_given_in_part_cannot_be_taken_whole_for_something_else(side: BankSide, batch: str) -> None:
    side.unmatched.give(batch, side.merchant(), "O1", GROUND, 40_00)
    with UnitOfWork(side.engine) as work:
        assert not repository.resolve_entry(work.connection, batch, "payout_return", "O1", GROUND)
        assert repository.resolve_entry(work.connection, batch, "resolved", "O1", GROUND)


def test_a_sum_given_in_part_is_not_taken_apart_by_a_later_file(side: BankSide) -> None:
    """What its transfers were is told too late: an officer goes on with the rest."""
    member, other = side.merchant(), side.merchant()
    whole = entry(100_00, transfer(None), transfer(None), bank="BQ1", declared_transfers=2)
    side.bank.receive(file_of(report(whole)), "00" * 32, "jour.xml")
    (waiting,) = side.unmatched.list_waiting()
    side.unmatched.give(waiting.id, other, "O1", GROUND, 40_00)
    reference = side.topups.reference_for(member)
    parts = (transfer(60_00, reference), transfer(40_00))
    side.bank.receive(file_of(notification(entry(100_00, *parts, bank="BQ1"))), "11" * 32, "avis.xml")
    side.ledger.run()
    assert [(each.id, each.rest_cents) for each in side.unmatched.list_waiting()] == [(waiting.id, 60_00)]
    assert (side.balance(member), side.balance(other)) == ((0, 0), (40_00, 0))


def test_parts_count_together_for_the_second_officer(side: BankSide, batch: str) -> None:
    member = side.merchant()
    large = BankRows(side).add(amount_cents=TWO_OFFICERS_FROM_CENTS + 500_00)
    assert side.unmatched.give(large, member, "O1", GROUND, TWO_OFFICERS_FROM_CENTS - 1)
    assert not side.unmatched.give(large, member, "O1", GROUND, 1)
    with pytest.raises(EntryAskedFor):
        side.unmatched.give(large, member, "O2", GROUND, 1)
    (approval,) = side.approvals.pending()
    assert approval.details["amount_cents"] == 1
    side.approvals.approve(approval.id, "O2", TREASURY)
    assert minted_cents(side, large) == TWO_OFFICERS_FROM_CENTS
    assert side.unmatched.one(large).rest_cents == 500_00
