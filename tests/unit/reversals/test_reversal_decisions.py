"""What may follow what, the gap, how a payment is spread, whose top-up a debit takes back."""

from __future__ import annotations

import itertools

import pytest

from wallet_service.protocol.transitions import IllegalTransition, check_transition
from wallet_service.reversals import decisions, errors
from wallet_service.reversals.models import ReversalState, ReversedTopup

R = ReversalState
#: Said once more, by hand: a transition that slips into the table fails here.
ALLOWED = {
    *((R.OPEN, each) for each in (R.CLAWED_BACK, R.FORCED, R.LOSS, R.MISTAKEN, R.NOT_MINTED)),
    (R.CLAWED_BACK, R.OPEN),
    (R.FORCED, R.OPEN),
}


@pytest.mark.parametrize(("source", "target"), sorted(set(itertools.product(R, R)) - ALLOWED))
def test_a_forbidden_transition_of_a_reversal_raises(source: ReversalState, target: ReversalState) -> None:
    with pytest.raises(IllegalTransition):
        check_transition(decisions.REVERSAL_TRANSITIONS, source, target)


@pytest.mark.parametrize(("source", "target"), sorted(ALLOWED))
def test_every_way_on_is_open(source: ReversalState, target: ReversalState) -> None:
    check_transition(decisions.REVERSAL_TRANSITIONS, source, target)


@pytest.mark.parametrize(
    ("available", "claimed", "gap"),
    [
        (50_00, 0, 0),
        (80_00, 0, 0),
        (20_00, 0, 30_00),
        (0, 0, 50_00),
        (80_00, 60_00, 30_00),
        (20_00, 90_00, 50_00),
    ],
)
def test_the_gap_is_what_the_member_no_longer_holds(available: int, claimed: int, gap: int) -> None:
    assert decisions.gap_cents(50_00, available, claimed) == gap


def test_a_payment_fills_the_oldest_reversal_first_and_never_more_than_is_missing() -> None:
    assert decisions.shares(70_00, [50_00, 40_00]) == [50_00, 20_00]
    assert decisions.shares(30_00, [50_00, 40_00]) == [30_00, 0]
    assert decisions.shares(200_00, [50_00, 40_00]) == [50_00, 40_00]


def topup(number: int, member_id: str) -> ReversedTopup:
    return ReversedTopup(f"T{number}", member_id, "0x" + "0" * 40, 50_00, "2026-05-28")


def test_a_debit_that_may_be_of_two_members_is_tied_to_neither() -> None:
    assert decisions.the_one([]) is None
    assert decisions.the_one([topup(1, "A"), topup(2, "B")]) is None
    assert decisions.the_one([topup(2, "A"), topup(1, "A")]) == topup(2, "A")


def test_a_mistake_takes_two_officers_from_the_named_amount_on() -> None:
    assert not decisions.mistake_takes_two(999_99)
    assert decisions.mistake_takes_two(1_000_00)


@pytest.mark.parametrize("name", ["", "ab", "  x ", "y" * 61, "Fonds\u202ede garantie"])
def test_a_loss_needs_a_reserve_that_can_be_read(name: str) -> None:
    with pytest.raises(errors.LossAccountInvalid):
        decisions.checked_account(name)


def test_the_reserves_name_is_kept_as_one_line() -> None:
    assert decisions.checked_account("  Fonds   de\ngarantie ") == "Fonds de garantie"
