"""The one block that judges every movement (contracts/MovementRules.sol) against a model in plain words.

The model names each reason by its place in contracts/Reasons.sol and unpacks words by the documented layout;
values stand at every bound of every field.
"""

from __future__ import annotations

from typing import Any

import pytest
from brownie import WordHarness, accounts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_fixture import RESIDENT, VISITOR
from test_account_word import at_edges, pack, unpack, words

RECEIVER_INVALID, SAME, NOT_MEMBER, STOPPED, EXPIRED = 4, 5, 6, 7, 8
VISITOR_TO_PERSON, BALANCE, PAYMENT, DAY, WINDOW, HOLDING = 11, 12, 14, 15, 16, 17
MAX_SPENT = 2**31 - 1
WINDOW_DAYS = 30
STOPPED_AT = 253
PAYER, PAYEE = "0x" + "aa" * 20, "0x" + "bb" * 20
ZERO = "0x" + "00" * 20
PROPERTY = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# Tiers are mostly real ones, or nearly every example would be refused for that alone.
members = st.tuples(words, st.sampled_from([0, 1, 2, 3, 4, 4])).map(
    lambda drawn: drawn[0] | {"tier": drawn[1]}
)
rule_words = st.fixed_dictionaries(
    {
        "holdings": st.lists(at_edges(40), min_size=4, max_size=4),
        "payment": at_edges(31),
        "day": at_edges(31),
        "window": at_edges(31),
        "stopped": st.sampled_from([0, 0, 0, 1]),
        "marks": st.integers(0, 3),
    }
)


@pytest.fixture(scope="module")
def harness(module_isolation: None) -> Any:
    return WordHarness.deploy({"from": accounts[0]})


def rule_word(rules: dict[str, Any]) -> int:
    """A rule word by the documented layout."""
    raw = sum(limit << 40 * place for place, limit in enumerate(rules["holdings"]))
    raw |= rules["payment"] << 160 | rules["day"] << 191 | rules["window"] << 222
    return raw | rules["stopped"] << STOPPED_AT | rules["marks"] << 254


def spending(payer: dict[str, int], value: int, today: int) -> dict[str, int]:
    """The four fields after a spending of `value`; a window of 30 days opens when none is open."""
    age = today + payer["window_age"] - payer["last_spend_day"]
    window_open = 0 <= age < WINDOW_DAYS
    before_today = payer["spent_today"] if payer["last_spend_day"] == today else 0
    before_window = payer["spent_in_window"] if window_open else 0
    return {
        "spent_today": min(before_today + value, MAX_SPENT),
        "spent_in_window": min(before_window + value, MAX_SPENT),
        "last_spend_day": today,
        "window_age": age if window_open else 0,
    }


def reasons_of(
    payer: dict[str, int], payee: dict[str, int], value: int, rules: dict[str, Any], today: int
) -> set[int]:
    """Every reason that speaks against it."""
    after = spending(payer, value, today)
    holding = rules["holdings"][payee["tier"] - 1] if payee["tier"] else 0
    asked = {
        NOT_MEMBER: payer["tier"] == 0 or payee["tier"] == 0,
        STOPPED: rules["stopped"] == 1,
        EXPIRED: any(one["expires_at_day"] != 0 and today >= one["expires_at_day"] for one in (payer, payee)),
        VISITOR_TO_PERSON: payer["tier"] == VISITOR and payee["kind"] == RESIDENT,
        BALANCE: value > payer["balance"],
        PAYMENT: value > rules["payment"],
        DAY: after["spent_today"] > rules["day"],
        WINDOW: after["spent_in_window"] > rules["window"],
        HOLDING: (payee["balance"] + value) % 2**44 > holding,
    }
    return {reason for reason, holds in asked.items() if holds}


def places(bits: int) -> set[int]:
    """The places of the bits that are set."""
    return {place for place in range(256) if bits >> place & 1}


@PROPERTY
@given(payer=members, payee=members, rules=rule_words, data=st.data())
def test_the_judgement_and_both_words_after_it_are_the_models(
    harness: Any, payer: dict[str, int], payee: dict[str, int], rules: dict[str, Any], data: Any
) -> None:
    payer |= {"window_age": min(payer["window_age"], WINDOW_DAYS - 1)}
    first_day = payer["last_spend_day"] - payer["window_age"]
    bounds = [payer["last_spend_day"], first_day + WINDOW_DAYS - 1, first_day + WINDOW_DAYS]
    today = data.draw(st.one_of(st.sampled_from(bounds), st.integers(payer["last_spend_day"], 2**16 - 1)))
    today = min(max(today, payer["last_spend_day"]), 2**16 - 1)
    limits = [payer["balance"], rules["payment"], rules["day"], MAX_SPENT, 2**44 - 1]
    value = data.draw(
        st.one_of(st.integers(0, 2**44 - 1), st.sampled_from([0, 1, *limits, *(one + 1 for one in limits)]))
    )
    judged = harness.judge(PAYER, PAYEE, value, pack(payer), pack(payee), rule_word(rules), today)
    assert places(judged[0]) == reasons_of(payer, payee, value, rules, today)
    if value <= payer["balance"]:
        expected = payer | spending(payer, value, today) | {"balance": payer["balance"] - value}
        assert unpack(judged[1]) == expected
    if payee["balance"] + value < 2**44:
        assert unpack(judged[2]) == payee | {"balance": payee["balance"] + value}


@pytest.mark.parametrize("value", [2**44, 2**64, 2**255, 2**256 - 1])
def test_a_value_beyond_every_balance_is_always_refused(harness: Any, value: int) -> None:
    """Whatever the other sums become: the balance speaks before them."""
    full = pack(dict.fromkeys(unpack(0), 0) | {"balance": 2**44 - 1, "tier": 4, "kind": 2})
    for day_limit in (0, MAX_SPENT):
        rules = {"holdings": [2**40 - 1] * 4, "payment": MAX_SPENT, "day": day_limit, "window": day_limit}
        raw = rule_word(rules | {"stopped": 0, "marks": 0})
        reasons, _, _ = harness.judge(PAYER, PAYEE, value, full, full, raw, 20_000)
        assert min(places(reasons)) == BALANCE


@pytest.mark.parametrize(
    ("payee", "expected"), [(ZERO, RECEIVER_INVALID), ("itself", RECEIVER_INVALID), (PAYER, SAME)]
)
def test_who_can_never_be_paid(harness: Any, payee: str, expected: int) -> None:
    word = pack(dict.fromkeys(unpack(0), 0) | {"balance": 100, "tier": 3, "kind": 1})
    raw = rule_word(
        {"holdings": [MAX_SPENT] * 4, "payment": MAX_SPENT, "day": MAX_SPENT, "window": MAX_SPENT}
        | {"stopped": 0, "marks": 0}
    )
    address = harness.address if payee == "itself" else payee
    assert places(harness.judge(PAYER, address, 1, word, word, raw, 20_000)[0]) == {expected}
