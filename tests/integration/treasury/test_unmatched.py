"""An unmatched credit is one officer's to give below an amount, two officers' from it on (ASVS 2.3.5)."""

from __future__ import annotations

import pytest

from tests.support.bank_side import BankSide
from wallet_service.oversight.decisions import APPROVAL_LIFETIME_MS
from wallet_service.oversight.errors import SecondOfficerNeeded, SigningRightMissing
from wallet_service.oversight.models import Approval
from wallet_service.topups.errors import TopupMemberUnknown
from wallet_service.treasury.errors import EntryAskedFor, EntryNotUnmatched, EntryUnknown
from wallet_service.treasury.models import BankEntry, EntryQuery
from wallet_service.treasury.unmatched import TWO_OFFICERS_FROM_CENTS, takes_two

GROUND = "nom et montant concordent"
TREASURY = {"observe", "treasury"}


def arrived(side: BankSide, amount_cents: int) -> BankEntry:
    side.receive(side.statement(side.entry(side.credit(amount_cents, text="pour moi"))))
    (waiting,) = side.unmatched.list_waiting()
    return waiting


def asked(side: BankSide) -> Approval:
    (approval,) = side.approvals.pending()
    return approval


def member_of(side: BankSide) -> str:
    return side.member("merchant", "professional")


@pytest.mark.parametrize("above_cents", [-1, 0])
def test_two_officers_give_from_the_named_amount_on(side: BankSide, above_cents: int) -> None:
    member, amount_cents = member_of(side), TWO_OFFICERS_FROM_CENTS + above_cents
    entry = arrived(side, amount_cents)
    assert takes_two(entry.amount_cents) is (above_cents == 0)
    assert side.unmatched.give(entry.id, member, "O1", GROUND) is (above_cents < 0)
    side.ledger.run()
    assert side.balance(member) == ((amount_cents, 0) if above_cents < 0 else (0, 0))


def test_the_second_officers_signature_gives_it_once(side: BankSide) -> None:
    member = member_of(side)
    entry = arrived(side, TWO_OFFICERS_FROM_CENTS)
    side.unmatched.give(entry.id, member, "O1", GROUND)
    assert set(side.unmatched.asked_for()) == {entry.id}
    approval = asked(side)
    with pytest.raises(SecondOfficerNeeded):
        side.approvals.approve(approval.id, "O1", TREASURY)
    with pytest.raises(SigningRightMissing):
        side.approvals.approve(approval.id, "O2", {"observe", "govern", "pause"})
    side.ledger.run()
    assert side.balance(member) == (0, 0)
    side.approvals.approve(approval.id, "O2", TREASURY)
    side.ledger.run()
    assert side.balance(member) == (TWO_OFFICERS_FROM_CENTS, 0)
    assert not side.unmatched.list_waiting()
    with pytest.raises(EntryNotUnmatched):
        side.unmatched.give(entry.id, member, "O1", GROUND)


def test_what_is_to_be_sent_back_is_listed_with_the_whole_account_until_it_is_known_where(
    side: BankSide,
) -> None:
    member = member_of(side)
    first = arrived(side, 2_500)
    side.unmatched.set_aside(first.id, "O1", "expéditeur inconnu")
    part = arrived(side, 4_000)
    side.unmatched.give(part.id, member, "O1", GROUND, 1_000)
    side.unmatched.set_aside(part.id, "O1", "le reste n’est à personne")
    told = side.unmatched.to_return()
    assert (told.count, told.rest_cents) == (2, 5_500)
    listed = side.unmatched.find(EntryQuery(among="to_return")).entries
    assert {entry.id for entry in listed} == {first.id, part.id}
    assert all(entry.is_to_return and not entry.is_waiting for entry in listed)
    assert not side.unmatched.one(arrived(side, 100).id).is_to_return


def test_while_one_asks_nobody_else_decides_about_the_credit(side: BankSide) -> None:
    member, other = member_of(side), member_of(side)
    entry = arrived(side, TWO_OFFICERS_FROM_CENTS)
    side.unmatched.give(entry.id, member, "O1", GROUND)
    with pytest.raises(EntryAskedFor):
        side.unmatched.give(entry.id, other, "O2", GROUND)
    with pytest.raises(EntryAskedFor):
        side.unmatched.set_aside(entry.id, "O2", "expéditeur inconnu")


@pytest.mark.parametrize("end", ["refused", "too old"])
def test_what_was_refused_or_forgotten_is_to_decide_again(side: BankSide, end: str) -> None:
    member = member_of(side)
    entry = arrived(side, TWO_OFFICERS_FROM_CENTS)
    side.unmatched.give(entry.id, member, "O1", GROUND)
    if end == "refused":
        side.approvals.refuse(asked(side).id, "pas le bon membre", "O2", TREASURY)
    else:
        side.clock.advance_ms(APPROVAL_LIFETIME_MS)
    side.unmatched.set_aside(entry.id, "O2", "expéditeur inconnu")
    side.ledger.run()
    assert side.ledger.supply_cents() == 0


def test_what_cannot_be_given_is_not_asked_for(side: BankSide) -> None:
    entry = arrived(side, TWO_OFFICERS_FROM_CENTS)
    with pytest.raises(TopupMemberUnknown):
        side.unmatched.give(entry.id, "NOBODY", "O1", GROUND)
    with pytest.raises(EntryUnknown):
        side.unmatched.give("NOTHING", member_of(side), "O1", GROUND)
    assert side.approvals.pending() == []
