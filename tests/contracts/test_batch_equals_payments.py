"""A batch leaves what the same payments leave one by one: every stored bit, every event, every reason.

In both of its forms, over random members, keys, limits, floors, freezes and amounts (batch_scenarios.py),
compared by all the ledger stores (outcomes.py). Short batches that hypothesis finds and shrinks; long ones
drawn from a seed, the last one new in every run.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest
from batch_scenarios import START_MONEY, BatchScenario, build_scenario
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_fixture import (
    DAY_S,
    PROFESSIONAL,
    STOP_PAYMENTS,
    VERIFIED,
    VISITOR,
    LedgerFixture,
    Signed,
    mine_at,
)
from outcomes import Left, one_by_one, send, stored, together_as_arrays, together_packed, undone
from seeds import FRESH_SEED
from test_reasons import IN_ORDER_OF_JUDGEMENT

EXAMPLES = 12
SHORT_BATCH = 9
LONG_BATCH = 35
MORE_ROUNDS = 60  # of which one or two are usual, and only where an outcome is rare
ROUNDS = 5
NONCE_STEP = 4_096
SEEDS = (20261126, 11, FRESH_SEED)
# How often the payments of all batches together met each outcome.
MET: Counter[str] = Counter()


@pytest.fixture(scope="module")
def scenario(onchain: LedgerFixture) -> BatchScenario:
    return build_scenario(onchain)


def is_narrow(signed: Signed) -> bool:
    """Whether the payment's numbers fit the packed form's fields."""
    message = signed.message
    return message.value < 2**48 and message.valid_before < 2**40 and message.nonce < 2**40


def check(scenario: BatchScenario, batch: list[Signed]) -> None:
    """Both forms against the payments one by one; the packed one without what does not fit its fields."""
    onchain = scenario.onchain
    supply = onchain.ledger.totalSupply()
    alone = one_by_one(onchain, batch)
    assert together_as_arrays(onchain, batch) == alone
    narrow = [signed for signed in batch if is_narrow(signed)]
    assert together_packed(onchain, narrow) == (alone if narrow == batch else one_by_one(onchain, narrow))
    assert scenario.total() == onchain.ledger.totalSupply() == supply
    count(scenario, batch, alone)


def count(scenario: BatchScenario, batch: list[Signed], left: Left) -> None:
    """Remember what was met."""
    refused = {index: reason for index, reason, *_ in left.refused}
    paid = [signed.message for index, signed in enumerate(batch) if index not in refused]
    MET.update(refused.values())
    MET["paid"] += len(paid)
    for index, message in enumerate(paid):
        MET["payer was paid before"] += message.payer in {earlier.payee for earlier in paid[:index]}
        MET["payee paid before"] += message.payee in {earlier.payer for earlier in paid[:index]}
        MET["wide nonce"] += message.nonce >= 2**40


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(rng=st.randoms(use_true_random=False), items=st.integers(1, SHORT_BATCH))
def test_a_short_batch_leaves_what_its_payments_leave_one_by_one(
    scenario: BatchScenario, rng: random.Random, items: int
) -> None:
    with undone():
        scenario.disturb(rng)
        check(scenario, scenario.batch(rng, items))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_long_batch_leaves_what_its_payments_leave_one_by_one(scenario: BatchScenario, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(ROUNDS):
        with undone():
            scenario.disturb(rng)
            check(scenario, scenario.batch(rng, LONG_BATCH))
    with undone():
        scenario.disturb(rng)
        send(
            scenario.onchain, scenario.onchain.officers["PAUSER"], scenario.onchain.ledger.stop, STOP_PAYMENTS
        )
        check(scenario, scenario.batch(rng, SHORT_BATCH))


def test_limits_reached_halfway_stop_the_same_payments(scenario: BatchScenario) -> None:
    """Of keys, of members, of who receives: each is passed by one cent in the middle of the batch."""
    onchain = scenario.onchain
    ada, ben, _, tim, bakery, market = scenario.people[:6]
    child = next(key for key in scenario.keys[0] if "child" in key.label)
    limits = {VERIFIED: (150_00, 60_00, 100_00, 0), PROFESSIONAL: (0, 0, 0, 90_00)}
    steps = [
        (ada, bakery, 40_00, child, None),
        (ada, bakery, 40_01, child, "SignerPaymentLimit"),
        (ada, bakery, 20_00, child, None),
        (ada, bakery, 1, child, "SignerDailyLimit"),
        (ada, bakery, 60_01, ada, "ERC20InsufficientBalance"),
        (bakery, ada, 60_00, bakery, None),
        (ada, bakery, 60_01, ada, "PaymentLimit"),
        (ada, bakery, 40_00, ada, None),
        (ada, bakery, 1, ada, "DailyLimit"),
        (market, ben, 50_00, market, None),
        (market, ben, 1, market, "HoldingLimit"),
        (market, bakery, 20_00, market, None),
        (market, bakery, 1, market, "WindowLimit"),
        (tim, bakery, 30_00, tim, None),
        (tim, bakery, 1, tim, "PasskeyRequired"),
    ]
    with undone():
        mine_at(scenario.first_noon + DAY_S)
        governor = onchain.officers["GOVERNOR"]
        for tier, values in limits.items():
            send(onchain, governor, onchain.ledger.setTierLimits, tier, values)
        send(onchain, governor, onchain.ledger.setPasskeyFloors, VISITOR, (0, 30_00))
        batch = [
            onchain.payment(payer, payee, cents, signer, nonce=20 + place, valid_before=2**39)
            for place, (payer, payee, cents, signer, _) in enumerate(steps)
        ]
        check(scenario, batch)
        refused = {index: reason for index, reason, *_ in one_by_one(onchain, batch).refused}
        assert [refused.get(place) for place in range(len(steps))] == [step[-1] for step in steps]


def test_a_nonce_too_far_ahead_is_refused_until_the_step_before_it_was_made(scenario: BatchScenario) -> None:
    onchain, ada, bakery = scenario.onchain, scenario.people[0], scenario.people[4]
    furthest = onchain.ledger.nextNonce(ada.address) + NONCE_STEP
    batch = [
        onchain.payment(ada, bakery, 1, nonce=nonce, valid_before=2**39)
        for nonce in (furthest + 1, furthest, furthest + 1)
    ]
    check(scenario, batch)
    assert [refused[:2] for refused in one_by_one(onchain, batch).refused] == [(0, "NonceTooFar")]


def test_one_sum_goes_round_in_a_batch_as_often_as_it_is_sent(scenario: BatchScenario) -> None:
    """All that each holds, round and round: every payer has just been paid, every payee has just paid."""
    people = scenario.people[:3]
    rounds = 4
    batch = [
        scenario.onchain.payment(
            person, people[(place + 1) % 3], START_MONEY * (place + 1 if turn == 0 else 3), nonce=20 + turn
        )
        for turn in range(rounds)
        for place, person in enumerate(people)
    ]
    left = one_by_one(scenario.onchain, batch)
    # The second has 200 once the first has paid, the third 300; from then on all of it goes round.
    assert left.refused == ()
    assert together_as_arrays(scenario.onchain, batch) == together_packed(scenario.onchain, batch) == left


def test_the_comparison_sees_every_stored_bit(scenario: BatchScenario) -> None:
    """Otherwise it would prove nothing: one cent less, and only another nonce, is another state."""
    onchain = scenario.onchain
    ada, ben = scenario.people[:2]
    states = {stored(onchain)}
    for signed in (
        onchain.payment(ada, ben, 10),
        onchain.payment(ada, ben, 9),
        onchain.payment(ada, ben, 10, nonce=20),
        onchain.payment(ada, ben, 10, nonce=2**200),
    ):
        states.add(one_by_one(onchain, [signed]).storage)
    assert len(states) == 5
    assert stored(onchain) in states


def test_every_outcome_was_met(scenario: BatchScenario) -> None:
    """Otherwise the properties would prove less than they seem to. What chance left out is drawn for on."""
    expected = {
        "paid",
        "payer was paid before",
        "payee paid before",
        "wide nonce",
        *IN_ORDER_OF_JUDGEMENT,
    }
    rng = random.Random(SEEDS[0] + 1)
    for _ in range(MORE_ROUNDS):
        if expected <= {outcome for outcome, times in MET.items() if times}:
            break
        with undone():
            scenario.disturb(rng)
            check(scenario, scenario.batch(rng, LONG_BATCH))
    assert expected <= {outcome for outcome, times in MET.items() if times}, dict(MET)
