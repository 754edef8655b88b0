"""Who may contest what until when; what is held where, as far as it is there; what is let go again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pytest

from wallet_service.disputes import decisions, errors
from wallet_service.disputes.decisions import (
    DISPUTE_TRANSITIONS,
    HOLDING,
    LEAST_DISPUTED_CENTS,
    LEAST_ONWARD_CENTS,
    MAX_HOLDS,
    MAX_HOPS,
)
from wallet_service.disputes.models import (
    ContestedPayment,
    Dispute,
    DisputeReason,
    DisputeRole,
    DisputeState,
    Hold,
    Holder,
    OwnDisputes,
    Passed,
    Return,
    ReturnKind,
)
from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.protocol.refusal import Refusal
from wallet_service.protocol.transitions import IllegalTransition, check_transition

PAID_AT, NOW = 1_000 * MS_PER_DAY, 1_010 * MS_PER_DAY
PAYMENT = ContestedPayment("0x01", "payer", "payee", 50_00, 0, True, False, PAID_AT)
NONE_YET = OwnDisputes(open=0, today=0, dismissed_lately=0)
PAYEE, ANNE, BERT, CARL = (Holder(name, f"0x{name}") for name in ("payee", "anne", "bert", "carl"))
PAYER_ACCOUNT = "0xpayer"


def test_who_paid_may_contest_it() -> None:
    decisions.check_may_contest(PAYMENT, "payer", NONE_YET, NOW)


@pytest.mark.parametrize(
    ("payment", "member_id", "own", "now", "refusal"),
    [
        (PAYMENT, "payee", NONE_YET, NOW, errors.PaymentNotYours),
        (replace(PAYMENT, is_paid=False), "payer", NONE_YET, NOW, errors.NotContestable),
        (replace(PAYMENT, is_refund=True), "payer", NONE_YET, NOW, errors.NotContestable),
        (replace(PAYMENT, is_settlable=False), "payer", NONE_YET, NOW, errors.NotContestable),
        (PAYMENT, "payer", NONE_YET, PAID_AT + 60 * MS_PER_DAY, errors.ContestTooLate),
        (replace(PAYMENT, given_back_cents=50_00), "payer", NONE_YET, NOW, errors.NothingToContest),
        (
            replace(PAYMENT, amount_cents=LEAST_DISPUTED_CENTS - 1),
            "payer",
            NONE_YET,
            NOW,
            errors.NothingToContest,
        ),
        (PAYMENT, "payer", OwnDisputes(decisions.MAX_OPEN_OF_ONE, 0, 0), NOW, errors.TooManyDisputes),
        (PAYMENT, "payer", OwnDisputes(0, decisions.MAX_OF_ONE_A_DAY, 0), NOW, errors.TooManyDisputes),
        (PAYMENT, "payer", OwnDisputes(0, 0, decisions.MAX_DISMISSED_A_YEAR), NOW, errors.TooManyDismissed),
    ],
)
def test_what_cannot_be_contested_is_refused_with_its_reason(
    payment: ContestedPayment, member_id: str, own: OwnDisputes, now: int, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        decisions.check_may_contest(payment, member_id, own, now)


def test_on_the_bounds_it_still_may() -> None:
    own = OwnDisputes(
        decisions.MAX_OPEN_OF_ONE - 1, decisions.MAX_OF_ONE_A_DAY - 1, decisions.MAX_DISMISSED_A_YEAR - 1
    )
    least = replace(PAYMENT, amount_cents=LEAST_DISPUTED_CENTS)
    decisions.check_may_contest(least, "payer", own, PAID_AT + 60 * MS_PER_DAY - 1)


def test_an_officer_has_ninety_six_hours() -> None:
    assert decisions.decide_by_unix_ms(NOW) == NOW + 4 * MS_PER_DAY


# what is held where


def plan(
    amount_cents: int,
    free: Mapping[Holder, int],
    passed: Mapping[Holder, Sequence[Passed]] | None = None,
) -> list[tuple[str, int, int]]:
    def passed_on(place: Holder, after: tuple[int, int]) -> Iterable[Passed]:
        return [each for each in (passed or {}).get(place, ()) if each.position > after]

    found = decisions.plan_holds(
        amount_cents, PAYEE, (10, 0), lambda place: free.get(place, 0), passed_on, PAYER_ACCOUNT
    )
    return [(each.place.member_id, each.hop, each.amount_cents) for each in found]


def test_it_is_held_at_the_payee_when_it_is_all_there() -> None:
    assert plan(50_00, {PAYEE: 80_00, ANNE: 90_00}, {PAYEE: [Passed(ANNE, 50_00, (11, 0))]}) == [
        ("payee", 0, 50_00)
    ]


def test_what_the_payee_no_longer_has_is_held_where_it_went_in_the_order_it_left() -> None:
    passed = {PAYEE: [Passed(ANNE, 25_00, (11, 0)), Passed(BERT, 90_00, (12, 0))]}
    found = plan(100_00, {PAYEE: 10_00, ANNE: 500_00, BERT: 500_00}, passed)
    assert found == [("payee", 0, 10_00), ("anne", 1, 25_00), ("bert", 1, 65_00)]
    assert sum(each[2] for each in found) == 100_00


def test_what_left_before_the_payment_came_is_nobodys_matter() -> None:
    assert plan(100_00, {ANNE: 500_00}, {PAYEE: [Passed(ANNE, 100_00, (9, 5))]}) == []


def test_nobody_is_held_more_than_they_have_and_the_rest_is_followed() -> None:
    passed = {PAYEE: [Passed(ANNE, 100_00, (11, 0))], ANNE: [Passed(BERT, 300_00, (12, 0))]}
    found = plan(100_00, {ANNE: 30_00, BERT: 500_00}, passed)
    assert found == [("anne", 1, 30_00), ("bert", 2, 70_00)]


def test_it_is_followed_so_many_hops_and_no_further() -> None:
    chain = [Holder(f"m{hop}", f"0xm{hop}") for hop in range(1, MAX_HOPS + 3)]
    passed = {
        source: [Passed(target, 100_00, (11 + hop, 0))]
        for hop, (source, target) in enumerate(zip([PAYEE, *chain], chain, strict=False))
    }
    assert plan(100_00, {chain[MAX_HOPS - 1]: 100_00}, passed) == [(f"m{MAX_HOPS}", MAX_HOPS, 100_00)]
    assert plan(100_00, {chain[MAX_HOPS]: 100_00}, passed) == []


def test_small_sums_passed_on_are_left_alone() -> None:
    small, enough = LEAST_ONWARD_CENTS - 1, LEAST_ONWARD_CENTS
    passed = {PAYEE: [Passed(ANNE, small, (11, 0)), Passed(BERT, enough, (12, 0))]}
    assert plan(100_00, {ANNE: 500_00, BERT: 500_00}, passed) == [("bert", 1, enough)]
    assert plan(100_00, {BERT: small}, passed) == [], "what is left there is small too"


def test_the_payer_is_not_held_nor_anybody_twice_nor_in_a_ring() -> None:
    payer = Holder("payer", PAYER_ACCOUNT)
    passed = {
        PAYEE: [
            Passed(payer, 30_00, (11, 0)),
            Passed(ANNE, 30_00, (12, 0)),
            Passed(ANNE, 40_00, (13, 0)),
        ],
        ANNE: [Passed(PAYEE, 40_00, (14, 0))],
    }
    assert plan(100_00, {payer: 500_00, ANNE: 500_00}, passed) == [("anne", 1, 30_00)]


def test_so_many_accounts_and_no_more() -> None:
    many = [Holder(f"m{number}", f"0xm{number}") for number in range(MAX_HOLDS + 5)]
    passed = {PAYEE: [Passed(place, 20_00, (11 + at, 0)) for at, place in enumerate(many)]}
    assert len(plan(1_000_00, dict.fromkeys(many, 20_00), passed)) == MAX_HOLDS


def test_a_plan_never_holds_more_than_is_disputed() -> None:
    passed = {
        PAYEE: [Passed(ANNE, 60_00, (11, 0)), Passed(BERT, 60_00, (12, 0))],
        ANNE: [Passed(CARL, 60_00, (13, 0))],
    }
    found = plan(90_00, {PAYEE: 1, ANNE: 25_00, BERT: 500_00, CARL: 500_00}, passed)
    assert sum(each[2] for each in found) <= 90_00
    assert found == [("payee", 0, 1), ("anne", 1, 25_00), ("bert", 1, 29_99), ("carl", 2, 35_00)]


# what is let go


DISPUTE = Dispute(
    "D1",
    "0x01",
    "payer",
    "payee",
    PAYER_ACCOUNT,
    PAYEE.account_address,
    100_00,
    0,
    DisputeReason.NOT_RECEIVED,
    DisputeState.OPEN,
    NOW,
    NOW + 4 * MS_PER_DAY,
    None,
    None,
    None,
    None,
    None,
    None,
)


def hold(name: str, hop: int, amount_cents: int) -> Hold:
    return Hold(name, "D1", name, f"0x{name}", hop, amount_cents, amount_cents, None)


HOLDS = [hold("anne", 1, 60_00), hold("payee", 0, 40_00)]


def test_all_is_held_while_nothing_came_back() -> None:
    assert decisions.left_cents(DISPUTE, HOLDS, []) == {"payee": 40_00, "anne": 60_00}


def test_who_is_furthest_is_let_go_first() -> None:
    returned = [Return(ReturnKind.PAYMENT, "0x02", None, 70_00, NOW)]
    found = decisions.left_cents(replace(DISPUTE, returned_cents=70_00), HOLDS, returned)
    assert found == {"payee": 30_00, "anne": 0}


def test_what_was_taken_from_a_hold_is_held_there_no_more() -> None:
    returned = [Return(ReturnKind.FORCED, "0x02", "payee", 40_00, NOW)]
    found = decisions.left_cents(replace(DISPUTE, returned_cents=40_00), HOLDS, returned)
    assert found == {"payee": 0, "anne": 60_00}


def test_what_an_officer_released_is_held_no_more() -> None:
    released = replace(HOLDS[0], released_at_unix_ms=NOW)
    assert decisions.left_cents(DISPUTE, [released, HOLDS[1]], []) == {"payee": 40_00, "anne": 0}


@pytest.mark.parametrize("state", [state for state in DisputeState if state not in HOLDING])
def test_nothing_is_held_once_it_is_over(state: DisputeState) -> None:
    assert set(decisions.left_cents(replace(DISPUTE, state=state), HOLDS, []).values()) == {0}


# the rest


def test_what_is_in_no_table_happens_nowhere() -> None:
    for source in DisputeState:
        for target in DisputeState:
            if target in DISPUTE_TRANSITIONS[source]:
                check_transition(DISPUTE_TRANSITIONS, source, target)
            else:
                with pytest.raises(IllegalTransition):
                    check_transition(DISPUTE_TRANSITIONS, source, target)


def test_a_dispute_is_late_once_its_time_is_over_and_nobody_decided() -> None:
    assert not DISPUTE.is_late(DISPUTE.decide_by_unix_ms - 1)
    assert DISPUTE.is_late(DISPUTE.decide_by_unix_ms)
    assert not replace(DISPUTE, state=DisputeState.UPHELD).is_late(DISPUTE.decide_by_unix_ms)


def test_everybody_is_something_to_it() -> None:
    found = [decisions.role_of(DISPUTE, name) for name in ("payer", "payee", "anne")]
    assert found == [DisputeRole.PAYER, DisputeRole.PAYEE, DisputeRole.HOLDER]


def test_from_an_amount_on_two_officers_decide() -> None:
    least = decisions.TWO_OFFICERS_FROM_CENTS
    assert not decisions.takes_two(least - 1)
    assert decisions.takes_two(least)


def test_words_are_bounded() -> None:
    limit = decisions.MAX_WORDS_CHARACTERS
    assert decisions.checked_words("  Rien reçu \n") == "Rien reçu"
    assert decisions.checked_words("x" * limit) == "x" * limit
    with pytest.raises(errors.WordsTooLong):
        decisions.checked_words("x" * (limit + 1))


def test_a_payment_is_of_the_oldest_dispute_first() -> None:
    assert decisions.parts_returned(50_00, [30_00, 40_00]) == [30_00, 20_00]
    assert decisions.parts_returned(10_00, [30_00, 40_00]) == [10_00, 0]
    assert decisions.parts_returned(90_00, [30_00, 40_00]) == [30_00, 40_00]
