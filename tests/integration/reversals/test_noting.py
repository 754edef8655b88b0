"""A debit that takes back a credit: tied to its top-up, frozen, named; or left for an officer."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.support.reversal_side import ReversalSide
from wallet_service.accounts import repository as accounts
from wallet_service.accounts.service import Accounts
from wallet_service.bank.reported import References
from wallet_service.bank.statement import EntryLine
from wallet_service.chain.ports import FailedCommand
from wallet_service.database.tables.push import push_events
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.oversight.models import FreezeOrder, FreezeState
from wallet_service.redemptions.errors import RedemptionBalanceTooLow
from wallet_service.reversals.models import ReversalState


def test_a_credit_taken_back_is_tied_to_its_topup_frozen_and_its_gap_named(side: ReversalSide) -> None:
    member = side.loaded(50_00, "E2E-1")
    side.spend_all(member)
    found = side.take_back(50_00, references=References(end_to_end="E2E-1"), return_reason="FRAD")
    assert found is not None
    assert (found.member_id, found.amount_cents, found.gap_cents) == (member, 50_00, 50_00)
    assert (found.state, found.reason) == (ReversalState.OPEN, "FRAD")
    assert side.entry_state(found.bank_entry_id) == "reversal"
    freeze = side.freezes.of_member(member)[0]
    assert (freeze.id, freeze.state, freeze.outgoing, freeze.incoming) == (
        found.freeze_id,
        FreezeState.ACTIVE,
        True,
        False,
    )
    assert found.id in freeze.ground
    assert side.acts_on(found) == ["reversal.noted"]


def test_what_the_member_still_holds_is_no_gap(side: ReversalSide) -> None:
    assert side.reversed_load(50_00).gap_cents == 0


def test_the_gap_of_a_second_reversal_does_not_count_the_same_units_twice(side: ReversalSide) -> None:
    member = side.loaded(50_00, "E2E-1")
    reference = side.topups.reference_for(member)
    side.receive(side.statement(side.entry(side.credit(30_00, reference, end_to_end_id="E2E-2"))))
    side.ledger.run()
    side.ledger.held[side.address(member)] = 60_00
    side.ledger.tell("Noop", {})
    first = side.take_back(50_00, references=References(end_to_end="E2E-1"))
    second = side.take_back(30_00, references=References(end_to_end="E2E-2"))
    assert first is not None
    assert second is not None
    assert (first.gap_cents, second.gap_cents) == (0, 20_00)


def test_the_member_and_the_console_are_told(side: ReversalSide) -> None:
    found = side.reversed_load()
    with reading(side.engine) as connection:
        query = select(push_events.c.topic).where(push_events.c.kind == "reversal.changed")
        assert set(connection.execute(query).scalars()) == {"console", f"member:{found.member_id}"}


def test_a_debit_whose_references_name_nothing_waits_for_an_officer(side: ReversalSide) -> None:
    member = side.loaded(50_00, "E2E-1")
    assert side.take_back(50_00, references=References(end_to_end="E2E-OTHER")) is None
    assert side.freezes.of_member(member) == []


def test_a_reference_two_members_share_ties_to_neither(side: ReversalSide) -> None:
    members = [side.loaded(50_00, "SALARY") for _ in range(2)]
    assert side.take_back(50_00, references=References(end_to_end="SALARY")) is None
    assert [side.freezes.of_member(member) for member in members] == [[], []]


def test_a_debit_larger_than_the_credit_is_not_tied_to_it(side: ReversalSide) -> None:
    side.loaded(50_00, "E2E-1")
    assert side.take_back(60_00, references=References(end_to_end="E2E-1")) is None


def test_without_references_the_members_own_and_the_amount_find_the_topup(side: ReversalSide) -> None:
    member = side.loaded(50_00)
    reference = side.topups.reference_for(member)
    found = side.take_back(50_00, structured=(reference,))
    assert found is not None
    assert found.member_id == member
    assert side.take_back(50_00, structured=(reference,)) is None, "that top-up is taken back already"


def test_the_same_debit_noted_twice_is_one_reversal(side: ReversalSide) -> None:
    found = side.reversed_load()
    with UnitOfWork(side.engine) as work:
        line = EntryLine("DBIT", 50_00, "2026-06-01", is_reversal=True)
        side.desk.cases.note(work, found.bank_entry_id, line)
    assert len(side.desk.cases.listed(is_open=True)) == 1


def test_a_held_topup_whose_euros_are_gone_is_never_minted(side: ReversalSide) -> None:
    side.ledger.daily_quota = 10_00
    member = side.loaded(50_00, "E2E-1")
    assert side.topup_states(member) == ["held"]
    found = side.take_back(50_00, references=References(end_to_end="E2E-1"))
    assert found is not None
    assert (found.state, found.freeze_id) == (ReversalState.NOT_MINTED, None)
    assert side.acts_on(found) == ["reversal.not_minted"]
    side.ledger.daily_quota = 10**9
    side.clock.advance_ms(86_400_000)
    side.topups.retry_due()
    side.ledger.run()
    assert side.topup_states(member) == ["returned"]
    assert side.balance(member)[0] == 0


def test_a_mint_under_way_that_fails_later_is_not_tried_again(side: ReversalSide) -> None:
    side.ledger.daily_quota = 10_00
    member, run = side.member(), side.ledger.run
    side.ledger.run = lambda: 0  # type: ignore[method-assign]
    reference = side.topups.reference_for(member)
    side.receive(side.statement(side.entry(side.credit(50_00, reference, end_to_end_id="E2E-1"))))
    assert side.topup_states(member) == ["minting"]
    found = side.take_back(50_00, references=References(end_to_end="E2E-1"))
    assert found is not None
    assert (found.state, found.gap_cents) == (ReversalState.OPEN, 0)
    side.ledger.run = run  # type: ignore[method-assign]
    side.ledger.run()
    assert side.topup_states(member) == ["returned"]
    assert side.now(found).state is ReversalState.NOT_MINTED
    side.ledger.run()
    assert side.address(member) not in side.ledger.frozen


def test_a_failed_mint_of_another_topup_closes_nothing(side: ReversalSide) -> None:
    found = side.reversed_load()
    arguments = ["0x", 1, "0x" + "ab" * 32]
    failed = FailedCommand(1, "mint:x:1", "mint", "ISSUER", arguments, "ReserveExceeded", {})
    with UnitOfWork(side.engine) as work:
        side.desk.follower.mint_failed(work, failed)
    assert side.now(found).state is ReversalState.OPEN


def test_a_member_frozen_otherwise_is_not_frozen_again(side: ReversalSide) -> None:
    member = side.loaded(50_00, "E2E-1")
    until_unix_s = side.clock.now_unix_s() + 86_400
    order = FreezeOrder(member, False, True, "Enquête en cours", until_unix_s)
    side.freezes.freeze(order, "O1")
    side.ledger.run()
    found = side.take_back(50_00, references=References(end_to_end="E2E-1"))
    assert found is not None
    assert found.freeze_id is None
    assert len(side.freezes.of_member(member)) == 1


def test_a_freeze_of_receiving_stays_in_the_new_one(side: ReversalSide) -> None:
    member = side.loaded(50_00, "E2E-1")
    until_unix_s = side.clock.now_unix_s() + 200 * 86_400
    side.freezes.freeze(FreezeOrder(member, True, False, "Enquête en cours", until_unix_s), "O1")
    side.ledger.run()
    side.clock.advance_ms(1_000)
    side.take_back(50_00, references=References(end_to_end="E2E-1"))
    newest = side.freezes.of_member(member)[0]
    assert (newest.incoming, newest.outgoing, newest.until_unix_s) == (True, True, until_unix_s)


def test_while_it_is_open_the_member_owes(side: ReversalSide) -> None:
    found = side.reversed_load()
    with reading(side.engine) as connection:
        party = accounts.party_by_id(connection, found.member_id)
        other = accounts.party_by_id(connection, side.returns_id)
    assert party is not None
    assert other is not None
    assert (party.owed_cents, other.owed_cents) == (50_00, 0)


# a transfer made to be recalled (decision 0025)


def owed_cents(side: ReversalSide, member_id: str) -> int:
    with reading(side.engine) as connection:
        party = accounts.party_by_id(connection, member_id)
    assert party is not None
    return party.owed_cents


def test_a_euro_sent_to_a_member_and_recalled_freezes_nobody(side: ReversalSide) -> None:
    member = side.loaded(200_00)
    reference = side.topups.reference_for(member)
    side.receive(side.statement(side.entry(side.credit(1_00, reference, end_to_end_id="RAPPEL"))))
    side.ledger.run()
    found = side.take_back(1_00, references=References(end_to_end="RAPPEL"), return_reason="FOCR")
    assert found is not None
    assert (found.state, found.freeze_id, found.gap_cents) == (ReversalState.OPEN, None, 0)
    assert side.freezes.of_member(member) == []
    assert side.address(member) not in side.ledger.frozen
    assert owed_cents(side, member) == 1_00  # that much stays where it is
    seen = Accounts(side.engine, side.clock, side.ledger).view(member).balance
    assert (seen.posted_cents, seen.held_back_cents, seen.available_cents) == (201_00, 1_00, 200_00)
    assert not side.desk.cases.case(found.id).is_sending_stopped


def test_many_small_ones_freeze_from_the_amount_one_does(side: ReversalSide) -> None:
    member = side.loaded(200_00)
    reference = side.topups.reference_for(member)
    credits = [side.credit(20_00, reference, end_to_end_id=f"RAPPEL{number}") for number in range(3)]
    side.receive(side.statement(*(side.entry(each) for each in credits)))
    side.ledger.run()
    found = [
        side.take_back(20_00, references=References(end_to_end=f"RAPPEL{number}")) for number in range(3)
    ]
    assert [each is not None and each.freeze_id is not None for each in found] == [False, False, True]
    assert side.address(member) in side.ledger.frozen
    # Whichever is settled, what is left is too little for a freeze.
    assert found[0] is not None
    side.desk.settling.ask_loss(found[0].id, "Fonds de garantie", "O1", "petite somme")
    side.sign_asked()
    assert side.address(member) not in side.ledger.frozen
    assert owed_cents(side, member) == 40_00


def test_what_was_given_back_is_no_longer_held_back(side: ReversalSide) -> None:
    member = side.loaded(60_00, "E2E-1")
    side.take_back(60_00, references=References(end_to_end="E2E-1"))
    (found,) = side.desk.cases.listed(is_open=True)
    side.desk.settling.let_pay_back(found.id, "O1", "joint au téléphone")
    side.ledger.run()
    side.pay(member, side.returns_id, 15_00)
    assert owed_cents(side, member) == 45_00


def test_a_professional_converts_what_is_not_held_back(side: ReversalSide) -> None:
    shop = side.merchant()
    reference = side.topups.reference_for(shop)
    side.receive(side.statement(side.entry(side.credit(30_00, reference, end_to_end_id="E2E-1"))))
    side.ledger.run()
    side.load(shop, 20_00)
    assert side.take_back(30_00, references=References(end_to_end="E2E-1")) is not None
    with pytest.raises(RedemptionBalanceTooLow):
        side.redeem(shop, 20_01)
    assert side.redemption(side.redeem(shop, 20_00).ref).state == "locked"
