"""How a dispute ends: dismissed, signed back, taken by order, or as far as it could be had."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

from tests.support.dispute_side import COMPLIANCE, GROUND, DisputeSide
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.disputes import decisions, errors
from wallet_service.disputes.desk import DISMISS_ACT, UPHOLD_ACT
from wallet_service.disputes.models import Dispute, DisputeState, Hold
from wallet_service.forced_transfers.models import ForcedTransferState
from wallet_service.oversight.errors import GroundMissing, SecondOfficerNeeded, SigningRightMissing
from wallet_service.protocol.calendar import MS_PER_DAY

FEW, MUCH = 50_00, decisions.TWO_OFFICERS_FROM_CENTS


def holds(side: DisputeSide, dispute: Dispute) -> list[Hold]:
    return list(side.disputes.desk.case(dispute.id).holds)


def upheld(side: DisputeSide, cents: int = FEW, spent: int = 0) -> tuple[Dispute, str, str]:
    dispute, payer, payee = side.contested(cents, spent)
    assert side.decide(UPHOLD_ACT, dispute.id)
    return dispute, payer, payee


def taken(side: DisputeSide, dispute: Dispute, hold: Hold) -> None:
    """Asked, signed, announced, waited for, executed."""
    side.disputes.takings.ask(dispute.id, hold.id, "O1", GROUND)
    side.sign_asked()
    side.clock.advance_ms(3 * MS_PER_DAY)
    side.disputes.takings.execute(dispute.id, hold.id, "O1")
    side.ledger.run()


# deciding


def test_dismissed_nothing_is_held_any_more_and_both_are_told(side: DisputeSide) -> None:
    dispute, payer, payee = side.contested()
    assert side.decide(DISMISS_ACT, dispute.id)
    now = side.now(dispute.id)
    assert (now.state, now.decided_by, now.ground) == (DisputeState.DISMISSED, "O1", GROUND)
    assert (side.on_ledger(payee), side.disputed_cents(payee)) == (0, 0)
    assert side.told(payer)[-1] == side.told(payee)[-1] == "dismissed"
    with pytest.raises(errors.DisputeClosed):
        side.decide(UPHOLD_ACT, dispute.id)
    with pytest.raises(errors.DisputeClosed):
        side.disputes.members.withdraw(payer, dispute.id)


def test_upheld_it_stays_held_until_it_is_back(side: DisputeSide) -> None:
    dispute, _, payee = upheld(side)
    assert side.now(dispute.id).state is DisputeState.UPHELD
    assert side.on_ledger(payee) == FEW


@pytest.mark.parametrize("act", [UPHOLD_ACT, DISMISS_ACT])
def test_from_an_amount_on_a_second_officer_signs(side: DisputeSide, act: str) -> None:
    dispute, _, _ = side.contested(MUCH)
    assert not side.decide(act, dispute.id)
    assert side.now(dispute.id).state is DisputeState.OPEN
    with pytest.raises(errors.DisputeAskedFor):
        side.decide(act, dispute.id)
    with pytest.raises(SecondOfficerNeeded):
        side.sign_asked("O1", COMPLIANCE)
    with pytest.raises(SigningRightMissing):
        side.sign_asked("O2", {"observe", "treasury"})
    side.sign_asked("O2", COMPLIANCE)
    assert side.now(dispute.id).state is not DisputeState.OPEN
    assert side.now(dispute.id).decided_by == "O1"


def test_below_that_amount_one_officer_decides(side: DisputeSide) -> None:
    dispute, _, _ = side.contested(MUCH - 1)
    assert side.decide(DISMISS_ACT, dispute.id)


def test_what_was_withdrawn_meanwhile_is_not_decided_by_the_second(side: DisputeSide) -> None:
    dispute, payer, _ = side.contested(MUCH)
    side.decide(UPHOLD_ACT, dispute.id)
    side.disputes.members.withdraw(payer, dispute.id)
    with pytest.raises(errors.DisputeClosed):
        side.sign_asked("O2", COMPLIANCE)


def test_every_decision_says_why(side: DisputeSide) -> None:
    dispute, _, _ = side.contested()
    with pytest.raises(GroundMissing):
        side.disputes.desk.decide(UPHOLD_ACT, dispute.id, " ", "O1")


def test_undecided_in_time_it_is_late_and_first_in_the_list(side: DisputeSide) -> None:
    late, _, payee = side.contested()
    side.clock.advance_ms(decisions.DECISION_HOURS * 3_600_000)
    fresh, _, _ = side.contested()
    cases = side.disputes.desk.listed(is_open=True)
    assert [(case.dispute.id, case.is_late) for case in cases] == [(late.id, True), (fresh.id, False)]
    assert side.on_ledger(payee) == FEW, "held all the same: an officer decides, not a clock"
    side.disputes.desk.count()
    assert _alarms() == (2, 1)
    side.disputes.desk.decide(DISMISS_ACT, late.id, GROUND, "O1")
    side.disputes.desk.count()
    assert _alarms() == (1, 0)


def _alarms() -> tuple[float | None, float | None]:
    """What operators are told: how many wait, and how many of them for too long."""
    value = REGISTRY.get_sample_value
    return value("alba_disputes_undecided"), value("alba_disputes_late")


def test_reading_what_the_sides_wrote_is_in_the_journal(side: DisputeSide) -> None:
    dispute, _, payee = side.contested()
    side.disputes.members.answer(payee, dispute.id, "Livré", agrees=False)
    said = side.disputes.desk.read(dispute.id, "O1")
    assert (said.words, said.answer) == ("Rien reçu", "Livré")
    assert side.acts_on(dispute.id)[-1] == "dispute.file_read"


# back by payments the payee signs


@pytest.mark.parametrize("is_decided", [False, True])
def test_signed_back_it_is_over_and_nothing_is_held(side: DisputeSide, is_decided: bool) -> None:
    dispute, payer, payee = side.contested()
    if is_decided:
        side.decide(UPHOLD_ACT, dispute.id)
    side.give(payee, 80_00)
    side.pay(payee, payer, 20_00)
    now = side.now(dispute.id)
    assert (now.returned_cents, now.missing_cents) == (20_00, 30_00)
    assert side.on_ledger(payee) == 50_00, "told with the next command"
    side.ledger.run()
    assert (side.on_ledger(payee), side.disputed_cents(payee)) == (30_00, 30_00)
    side.pay(payee, payer, 40_00)
    side.ledger.run()
    assert side.now(dispute.id).state is DisputeState.RETURNED
    assert side.now(dispute.id).returned_cents == 50_00, "no more than was missing"
    assert side.on_ledger(payee) == 0
    assert side.acts_on(dispute.id)[-1] == "dispute.returned"


def test_what_was_paid_back_before_the_contesting_does_not_count(side: DisputeSide) -> None:
    payer, payee = side.person(50_00), side.person(100_00)
    ref = side.pay(payer, payee, 50_00)
    back = side.pay(payee, payer, 50_00)
    side.clock.advance_ms(1_000)
    dispute = side.contest(payer, ref)
    side.ledger.tell("PaymentSettled", {"ref": back, "nonce": 0})
    assert side.now(dispute.id).returned_cents == 0


def test_the_same_payment_read_twice_counts_once(side: DisputeSide) -> None:
    dispute, payer, payee = side.contested()
    side.give(payee, 80_00)
    back = side.pay(payee, payer, 20_00)
    side.ledger.tell("PaymentSettled", {"ref": back, "nonce": 0})
    assert side.now(dispute.id).returned_cents == 20_00


def test_a_payment_to_somebody_else_gives_nothing_back(side: DisputeSide) -> None:
    dispute, _, payee = side.contested()
    side.give(payee, 80_00)
    side.pay(payee, side.person(), 50_00)
    assert side.now(dispute.id).returned_cents == 0


def test_who_is_furthest_is_let_go_first_as_it_comes_back(side: DisputeSide) -> None:
    payer, payee, friend = side.person(90_00), side.person(), side.person()
    ref = side.pay(payer, payee, 90_00)
    side.pay(payee, friend, 60_00)
    side.contest(payer, ref)
    side.give(payee, 60_00)
    side.pay(payee, payer, 60_00)
    side.ledger.run()
    assert (side.on_ledger(payee), side.on_ledger(friend)) == (30_00, 0)


def test_a_block_that_is_undone_holds_it_again(side: DisputeSide) -> None:
    dispute, payer, payee = upheld(side)
    side.give(payee, 80_00)
    back = side.pay(payee, payer, 50_00)
    side.ledger.run()
    with UnitOfWork(side.engine) as work:
        side.disputes.follower.rewind(work, 0)
    side.ledger.run()
    assert (side.now(dispute.id).state, side.now(dispute.id).returned_cents) == (DisputeState.UPHELD, 0)
    assert side.on_ledger(payee) == 50_00
    side.ledger.tell("PaymentSettled", {"ref": back, "nonce": 0})
    assert side.now(dispute.id).state is DisputeState.RETURNED


# back by order


def test_taken_by_order_it_goes_from_the_holder_to_the_payer(side: DisputeSide) -> None:
    dispute, payer, payee = upheld(side)
    (hold,) = holds(side, dispute)
    side.disputes.takings.ask(dispute.id, hold.id, "O1", GROUND)
    with pytest.raises(errors.DisputeAskedFor):
        side.disputes.takings.ask(dispute.id, hold.id, "O3", GROUND)
    with pytest.raises(SigningRightMissing):
        side.sign_asked("O2", COMPLIANCE)
    side.sign_asked()
    (taking,) = side.disputes.desk.case(dispute.id).takings
    assert taking.state is ForcedTransferState.PROPOSED
    with pytest.raises(errors.TakingNotDue):
        side.disputes.takings.execute(dispute.id, hold.id, "O1")
    with pytest.raises(errors.TakingUnderWay):
        side.disputes.desk.end(dispute.id, GROUND, "O1")
    side.clock.advance_ms(3 * MS_PER_DAY)
    side.disputes.takings.execute(dispute.id, hold.id, "O1")
    side.ledger.run()
    assert side.now(dispute.id).state is DisputeState.RETURNED
    assert (side.balance_of(payer).posted_cents, side.balance_of(payee).posted_cents) == (FEW, 0)
    assert side.on_ledger(payee) == 0
    assert side.acts_on(dispute.id) == [
        "dispute.opened",
        "dispute.upheld",
        "dispute.take_proposed",
        "dispute.take_executed",
        "dispute.part_returned",
        "dispute.returned",
    ]


def test_what_others_hold_there_stays_held(side: DisputeSide) -> None:
    dispute, _, payee = upheld(side)
    other = side.person(20_00)
    side.contest(other, side.pay(other, payee, 20_00))
    (hold,) = holds(side, dispute)
    taken(side, dispute, hold)
    assert (side.on_ledger(payee), side.disputed_cents(payee)) == (20_00, 20_00)


def test_nothing_is_taken_before_it_is_upheld_nor_where_nothing_is_held(side: DisputeSide) -> None:
    dispute, _, _ = side.contested()
    (hold,) = holds(side, dispute)
    with pytest.raises(errors.DisputeClosed):
        side.disputes.takings.ask(dispute.id, hold.id, "O1", GROUND)
    side.decide(UPHOLD_ACT, dispute.id)
    side.disputes.desk.let_go(dispute.id, hold.id, GROUND, "O1")
    for unknown in (hold.id, "nothing"):
        with pytest.raises(errors.NothingHeld):
            side.disputes.takings.ask(dispute.id, unknown, "O1", GROUND)


def test_what_changed_between_asking_and_signing_is_asked_again(side: DisputeSide) -> None:
    dispute, payer, payee = upheld(side)
    (hold,) = holds(side, dispute)
    side.disputes.takings.ask(dispute.id, hold.id, "O1", GROUND)
    side.give(payee, 10_00)
    side.pay(payee, payer, 10_00)
    with pytest.raises(errors.DisputeMoved):
        side.sign_asked()


def test_halted_at_the_ledger_it_may_be_asked_again(side: DisputeSide) -> None:
    dispute, _, _ = upheld(side)
    (hold,) = holds(side, dispute)
    side.disputes.takings.ask(dispute.id, hold.id, "O1", GROUND)
    side.sign_asked()
    side.ledger.halt(1)
    assert side.acts_on(dispute.id)[-1] == "dispute.take_cancelled"
    taken(side, dispute, hold)
    assert side.now(dispute.id).state is DisputeState.RETURNED


def test_an_order_the_ledger_refuses_stands_and_says_why(side: DisputeSide) -> None:
    dispute, _, payee = upheld(side)
    (hold,) = holds(side, dispute)
    side.disputes.takings.ask(dispute.id, hold.id, "O1", GROUND)
    side.sign_asked()
    side.clock.advance_ms(3 * MS_PER_DAY)
    side.ledger.held[side.address(payee)] = 0
    side.disputes.takings.execute(dispute.id, hold.id, "O1")
    side.ledger.run()
    (taking,) = side.disputes.desk.case(dispute.id).takings
    assert (taking.state, taking.failure) == (ForcedTransferState.PROPOSED, "ERC20InsufficientBalance")


def test_one_holder_is_let_go_and_the_rest_stays(side: DisputeSide) -> None:
    payer, payee, friend = side.person(90_00), side.person(), side.person()
    ref = side.pay(payer, payee, 90_00)
    side.pay(payee, friend, 60_00)
    dispute = side.contest(payer, ref)
    onward = next(hold for hold in holds(side, dispute) if hold.hop)
    side.disputes.desk.let_go(dispute.id, onward.id, GROUND, "O1")
    side.ledger.run()
    assert (side.on_ledger(payee), side.on_ledger(friend)) == (30_00, 0)
    with pytest.raises(errors.NothingHeld):
        side.disputes.desk.let_go(dispute.id, onward.id, GROUND, "O1")


def test_what_cannot_be_had_ends_with_what_came_back(side: DisputeSide) -> None:
    dispute, payer, payee = upheld(side, 50_00, spent=40_00)
    hold = next(hold for hold in holds(side, dispute) if not hold.hop)
    taken(side, dispute, hold)
    side.disputes.desk.end(dispute.id, GROUND, "O1")
    side.ledger.run()
    now = side.now(dispute.id)
    assert (now.state, now.returned_cents, now.missing_cents) == (DisputeState.ENDED, 10_00, 40_00)
    assert side.balance_of(payer).posted_cents == 10_00
    assert side.on_ledger(payee) == 0


def test_a_hold_the_ledger_refuses_stands_here_and_is_told_again(side: DisputeSide) -> None:
    payer, payee = side.person(50_00), side.person()
    ref = side.pay(payer, payee, 50_00)
    side.ledger.strangers.add(side.address(payee))
    dispute = side.contest(payer, ref)
    assert side.acts_on(dispute.id)[-1] == "dispute.hold_refused"
    assert side.disputes.desk.case(dispute.id).wanted[side.address(payee)] == (50_00, None, "NotMember")
    assert side.disputed_cents(payee) == 50_00
    side.ledger.strangers.clear()
    side.disputes.members.answer(payee, dispute.id, "Livré", agrees=False)
    side.ledger.run()
    assert side.on_ledger(payee) == 50_00
