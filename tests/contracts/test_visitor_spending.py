"""A visitor's thirty days roll: what counts, until when, and that no 28 days see more than the limit.

contracts/VisitorSpending.sol against a plain model, and the ledger around the ends of both windows.
"""

from __future__ import annotations

from typing import Any

import pytest
from brownie import WordHarness, accounts, chain
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_fixture import DAY_S, VERIFIED, VISITOR, LedgerFixture, skipped
from signing import SECP256K1

PERIODS, DAYS_PER_PERIOD, MAX_PERIOD = 10, 3, 2**24 - 1
LIMIT = 150_00
NEVER_MORE_IN_DAYS = 28
LAST_DAY = 2**16 * DAYS_PER_PERIOD - 1


@pytest.fixture(scope="module")
def harness(module_isolation: None) -> Any:
    return WordHarness.deploy({"from": accounts[0]})


steps = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 1, 2, 3, 26, 27, 28, 29, 30, 31, 90, 1_000]),
        st.one_of(st.integers(0, 200_00), st.sampled_from([MAX_PERIOD, 2**31 - 1])),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(first=st.integers(0, 30_000), steps=steps)
def test_it_counts_the_period_of_today_and_the_nine_before_it(
    harness: Any, first: int, steps: list[tuple[int, int]]
) -> None:
    word, day, by_period = 0, first, dict[int, int]()
    for wait, value in steps:
        day += wait
        word = int(harness.visitorSpends(word, value, day))
        period = day // DAYS_PER_PERIOD
        by_period[period] = min(by_period.get(period, 0) + value, MAX_PERIOD)
        for later in (day, day + 1, day + 27, day + 29, day + 30, day + 10_000):
            newest = later // DAYS_PER_PERIOD
            expected = sum(v for p, v in by_period.items() if newest - PERIODS < p <= newest)
            assert harness.visitorSpentOn(word, later) == expected


@pytest.mark.parametrize("place", range(DAYS_PER_PERIOD))
def test_a_days_spending_counts_for_28_to_30_days(harness: Any, place: int) -> None:
    """The bounded error: as long as the law says on a period's first day, two days less on its last."""
    day = 20_001 // DAYS_PER_PERIOD * DAYS_PER_PERIOD + place
    word = harness.visitorSpends(0, 7, day)
    last = day + PERIODS * DAYS_PER_PERIOD - 1 - place
    assert last - day + 1 in range(NEVER_MORE_IN_DAYS, 31)
    assert harness.visitorSpentOn(word, last) == 7
    assert harness.visitorSpentOn(word, last + 1) == 0


def test_the_last_day_there_is_fits(harness: Any) -> None:
    word = harness.visitorSpends(0, 9, LAST_DAY)
    assert harness.visitorSpentOn(word, LAST_DAY) == 9


@pytest.fixture
def visitor(onchain: LedgerFixture) -> Any:
    """Its day one is a period's first."""
    noon = (chain.time() // (DAYS_PER_PERIOD * DAY_S) + 1) * DAYS_PER_PERIOD * DAY_S + DAY_S // 2
    chain.sleep(noon - chain.time())
    chain.mine()
    onchain.attest(10_000_00)
    return onchain.person("tourist", tier=VISITOR, key_kind=SECP256K1, money=LIMIT)


def refused_today(onchain: LedgerFixture, visitor: Any, shop: Any, value: int) -> str | None:
    found = onchain.refused_payment(onchain.payment(visitor, shop, value))
    return None if found is None else str(found[0])


def days_later(days: int) -> None:
    chain.sleep(days * DAY_S)
    chain.mine()


def test_two_months_limits_do_not_fit_around_the_windows_end(
    onchain: LedgerFixture, visitor: Any, bakery: Any
) -> None:
    """A cent opens the word's window; before it closes the rest is spent, the next day the same again."""
    onchain.pay(onchain.payment(visitor, bakery, 1))
    days_later(29)
    onchain.pay(onchain.payment(visitor, bakery, LIMIT - 1))
    onchain.attest(10_000_00)
    onchain.fund(visitor, LIMIT)
    days_later(1)
    signed = onchain.payment(visitor, bakery, 1_00)
    assert onchain.refused_payment(signed) == (
        "WindowLimit",
        visitor.address.lower(),
        LIMIT - 1 + 1_00,
        LIMIT,
    )
    assert onchain.refused_payment(onchain.payment(visitor, bakery, 1)) is None
    assert skipped(onchain.settle([signed])) == [(0, "WindowLimit")]
    assert onchain.ledger.canTransfer(visitor.address, bakery.address, 2) is False
    assert onchain.ledger.canTransfer(visitor.address, bakery.address, 1) is True
    assert onchain.ledger.accountOf(visitor.address)["spentInWindow"] == LIMIT - 1
    # The 30th day was a period's last: it counts through 28 days, its own with them.
    days_later(26)
    assert refused_today(onchain, visitor, bakery, LIMIT) == "WindowLimit"
    days_later(1)
    assert refused_today(onchain, visitor, bakery, LIMIT) is None


def test_the_words_window_still_holds(onchain: LedgerFixture, visitor: Any, bakery: Any) -> None:
    """Both count; with an upgrade the periods begin empty and the word goes on."""
    onchain.change_word(visitor, 76, 32, LIMIT)
    onchain.change_word(visitor, 108, 16, chain[-1].timestamp // DAY_S)
    assert refused_today(onchain, visitor, bakery, 1) == "WindowLimit"


def test_a_transfer_counts_as_a_payment_does(onchain: LedgerFixture, bakery: Any) -> None:
    onchain.ledger.enrol(onchain.stranger, 1, VISITOR, 0, 0, {"from": onchain.officers["REGISTRAR"]})
    onchain.attest(10_000_00)
    onchain.ledger.mint(onchain.stranger, LIMIT, onchain.ref(), {"from": onchain.officers["ISSUER"]})
    onchain.ledger.transfer(bakery.address, 100_00, {"from": onchain.stranger})
    days_later(1)
    onchain.ledger.transfer(bakery.address, 50_00, {"from": onchain.stranger})
    onchain.ledger.mint(onchain.stranger, LIMIT, onchain.ref(), {"from": onchain.officers["ISSUER"]})
    assert onchain.ledger.accountOf(onchain.stranger)["spentInWindow"] == LIMIT
    days_later(26)
    assert onchain.ledger.canTransfer(onchain.stranger, bakery.address, 1) is False


def test_what_was_skipped_is_not_spent(onchain: LedgerFixture, visitor: Any, bakery: Any) -> None:
    first = onchain.ledger.nextNonce(visitor.address)
    batch = [
        onchain.payment(visitor, bakery, value, nonce=first + n)
        for n, value in enumerate((100_00, 50_01, 50_00))
    ]
    assert skipped(onchain.settle(batch)) == [(1, "ERC20InsufficientBalance")]
    assert onchain.ledger.accountOf(visitor.address)["spentInWindow"] == LIMIT


def test_only_visitors_keep_periods(onchain: LedgerFixture, bakery: Any) -> None:
    """A member's payment writes no third word: its window is the word's, and the service's is exact."""
    member = onchain.person("member", tier=VERIFIED, money=10_00)
    onchain.pay(onchain.payment(member, bakery, 10_00))
    registrar = {"from": onchain.officers["REGISTRAR"]}
    onchain.ledger.setMember(member.address, 1, VISITOR, 0, 0, registrar)
    onchain.change_word(member, 76, 32, 0)
    assert onchain.ledger.accountOf(member.address)["spentInWindow"] == 0
