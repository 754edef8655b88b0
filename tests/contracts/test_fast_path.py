"""The fast path of payments (contracts/FastPath.sol) against the full rules' model.

It may send on what is good, never pass what is not; and it must pass what nearly every payment is, or it
would be worth nothing. Words and limits stand at every bound of every field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from brownie import WordHarness, accounts
from hypothesis import given
from hypothesis import strategies as st
from ledger_fixture import MERCHANT, PROFESSIONAL, RESIDENT, VERIFIED, VISITOR
from test_account_word import at_edges, pack, unpack, words
from test_movement_rules import (
    MAX_SPENT,
    PAYEE,
    PAYER,
    PROPERTY,
    WINDOW_DAYS,
    ZERO,
    members,
    reasons_of,
    rule_word,
    rule_words,
    spending,
)

SMALL_NONCES = 2**40
FOREVER = 2**256 - 1
LONG_AGO = 1
REF = b"\x07" * 32
NO_LIMITS = {"holdings": [2**40 - 1] * 4, "payment": MAX_SPENT, "day": MAX_SPENT, "window": MAX_SPENT}
TODAY = 20_000
FLOORS_MARK = 2


@dataclass(frozen=True)
class Case:
    """All that the judgement reads."""

    payer: dict[str, int]
    payee: dict[str, int]
    rules: dict[str, Any]
    value: int
    nonce: int
    today: int = TODAY
    payer_address: str = PAYER
    payee_address: str = PAYEE
    signer: str = PAYER
    valid_before: int = FOREVER


@pytest.fixture(scope="module")
def harness(module_isolation: None) -> Any:
    return WordHarness.deploy({"from": accounts[0]})


def judged(harness: Any, case: Case) -> tuple[int, dict[str, int], dict[str, int]]:
    """What the contract says: whether to check fully, and both words after."""
    payment = (case.payer_address, case.payee_address, case.value, REF, case.valid_before, case.nonce)
    must_check_fully, payer, payee = harness.checkFastPath(
        payment, pack(case.payer), pack(case.payee), rule_word(case.rules), case.signer, case.today
    )
    return int(must_check_fully), unpack(payer), unpack(payee)


def words_after(case: Case) -> tuple[dict[str, int], dict[str, int]]:
    """Both words after a good payment with the account's next nonce, by the full rules' model."""
    payer = case.payer | spending(case.payer, case.value, case.today)
    payer |= {
        "balance": case.payer["balance"] - case.value,
        "nonce_bits": (case.payer["nonce_bits"] << 1 | 1) % 2**32,
        "nonce_next": case.nonce + 1,
    }
    return payer, case.payee | {"balance": case.payee["balance"] + case.value}


def passes_the_fast_path(case: Case) -> bool:
    """By the layout of the words and the list in contracts/FastPath.sol."""
    payer = case.payer
    payers = ("frozen_out", "held", "key_revoked", "key_suspended")
    flags = (*(payer[name] for name in payers), case.payee["frozen_in"])
    return (
        not any(flags)
        and case.signer == case.payer_address != case.payee_address
        and case.nonce == case.payer["nonce_next"] < SMALL_NONCES
        and case.value > 0
        and case.valid_before == FOREVER
        and case.payer["tier"] != VISITOR
        and not reasons_of(case.payer, case.payee, case.value, case.rules, case.today)
        and no_sum_passes_its_field(case)
    )


def no_sum_passes_its_field(case: Case) -> bool:
    """Sums that saturate are for the full rules, also where there is no limit."""
    before = spending(case.payer, 0, case.today)
    return max(before["spent_today"], before["spent_in_window"]) + case.value <= MAX_SPENT


@PROPERTY
@given(payer=members, payee=members, rules=rule_words, data=st.data())
def test_nothing_passes_that_the_full_rules_would_refuse(
    harness: Any, payer: dict[str, int], payee: dict[str, int], rules: dict[str, Any], data: Any
) -> None:
    """Everything at random: most of it is refused, and for every reason."""
    payer |= {"window_age": min(payer["window_age"], WINDOW_DAYS - 1)}
    payee |= {"balance": min(payee["balance"], 2**44 - 1 - payer["balance"])}  # the supply's bound
    case = Case(
        payer,
        payee,
        rules,
        value=data.draw(st.one_of(st.integers(0, 2**31), st.sampled_from([payer["balance"], 2**256 - 1]))),
        nonce=data.draw(st.sampled_from([payer["nonce_next"], payer["nonce_next"] + 1, 0, SMALL_NONCES])),
        today=data.draw(st.integers(payer["last_spend_day"], 2**16 - 1)),
        signer=data.draw(st.sampled_from([PAYER, PAYER, PAYER, PAYEE, ZERO])),
        valid_before=data.draw(st.sampled_from([FOREVER, FOREVER, LONG_AGO])),
    )
    must_check_fully, payer_after, payee_after = judged(harness, case)
    assert (must_check_fully == 0) == passes_the_fast_path(case)
    if must_check_fully == 0:
        assert (payer_after, payee_after) == words_after(case)


@PROPERTY
@given(payer=words, payee=words, data=st.data())
def test_what_passes_leaves_what_the_full_rules_leave(
    harness: Any, payer: dict[str, int], payee: dict[str, int], data: Any
) -> None:
    """Good ones only, each limit met exactly or with room to spare."""
    today = data.draw(st.integers(0, 2**16 - 2))
    last_day = data.draw(
        st.sampled_from([today, max(today - 1, 0), max(today - 29, 0), max(today - 30, 0), 0])
    )
    lively = {
        "tier": data.draw(st.integers(2, 4)),
        "expires_at_day": data.draw(st.sampled_from([0, today + 1])),
    }
    flags = ("frozen_out", "held", "key_revoked", "key_suspended")
    payer |= lively | dict.fromkeys(flags, 0) | {"last_spend_day": last_day}
    payer |= {"window_age": min(payer["window_age"], WINDOW_DAYS - 1)}
    payer |= {"nonce_next": min(payer["nonce_next"], SMALL_NONCES - 1), "balance": max(payer["balance"], 1)}
    payer |= {name: payer[name] % MAX_SPENT for name in ("spent_today", "spent_in_window")}
    before = spending(payer, 0, today)
    room = MAX_SPENT - max(before["spent_today"], before["spent_in_window"])
    highest = min(payer["balance"], room, 2**40 - 1)
    value = data.draw(st.one_of(st.sampled_from([1, highest]), st.integers(1, highest)))
    payee |= {"tier": data.draw(st.integers(1, 4)), "frozen_in": 0}
    payee |= {"expires_at_day": data.draw(st.sampled_from([0, today + 1]))}
    payee |= {"balance": min(payee["balance"], 2**40 - 1 - value)}
    after = spending(payer, value, today)
    spare = data.draw(st.sampled_from([0, 0, 2**40]))
    limits = {
        "payment": min(value + spare, MAX_SPENT),
        "day": min(after["spent_today"] + spare, MAX_SPENT),
        "window": min(after["spent_in_window"] + spare, MAX_SPENT),
        "holdings": [data.draw(at_edges(40)) for _ in range(4)],
    }
    limits["holdings"][payee["tier"] - 1] = min(payee["balance"] + value + spare, 2**40 - 1)
    marks = data.draw(st.integers(0, 3))
    case = Case(payer, payee, limits | {"stopped": 0, "marks": marks}, value, payer["nonce_next"], today)
    assert judged(harness, case) == (0, *words_after(case))


GOOD = Case(
    payer=dict.fromkeys(unpack(0), 0)
    | {"balance": 500, "tier": VERIFIED, "kind": RESIDENT, "nonce_next": 7, "nonce_bits": 127}
    | {"spent_today": 100, "spent_in_window": 300, "last_spend_day": TODAY, "window_age": 3},
    payee=dict.fromkeys(unpack(0), 0) | {"balance": 50, "tier": PROFESSIONAL, "kind": MERCHANT},
    rules=NO_LIMITS | {"stopped": 0, "marks": 0},
    value=200,
    nonce=7,
)


def payer_with(**changed: int) -> Callable[[Case], Case]:
    return lambda case: replace(case, payer=case.payer | changed)


def payee_with(**changed: int) -> Callable[[Case], Case]:
    return lambda case: replace(case, payee=case.payee | changed)


def rules_with(**changed: Any) -> Callable[[Case], Case]:
    return lambda case: replace(case, rules=case.rules | changed)


def with_(**changed: Any) -> Callable[[Case], Case]:
    return lambda case: replace(case, **changed)


ONE_THING_WRONG: dict[str, Callable[[Case], Case]] = {
    "nothing is paid": with_(value=0),
    "more than the balance": payer_with(balance=199),
    "more than any balance": with_(value=2**256 - 1),
    "the payer is a stranger": payer_with(tier=0),
    "the payee is a stranger": payee_with(tier=0),
    "a visitor pays a person": lambda case: payee_with(kind=RESIDENT)(payer_with(tier=VISITOR)(case)),
    "a visitor pays a shop": payer_with(tier=VISITOR),
    "the payer's identity ended today": payer_with(expires_at_day=TODAY),
    "the payee's identity ended today": payee_with(expires_at_day=TODAY),
    "the payer is frozen": payer_with(frozen_out=1),
    "an amount of the payer's is held": payer_with(held=1),
    "the payee is frozen": payee_with(frozen_in=1),
    "the payer's key was taken away": payer_with(key_revoked=1),
    "one of the payer's keys is suspended": payer_with(key_suspended=1),
    "a stranger signed": with_(signer=PAYEE),
    "nobody signed": with_(signer=ZERO),
    "paying oneself": with_(payee_address=PAYER),
    "paying nobody": with_(payee_address=ZERO),
    "an earlier nonce": with_(nonce=6),
    "a later nonce": with_(nonce=8),
    "too late": with_(valid_before=LONG_AGO),
    "over the payment's limit": rules_with(payment=199),
    "over the day's limit": rules_with(day=299),
    "over the window's limit": rules_with(window=499),
    "over the holding limit": rules_with(holdings=[2**40 - 1] * 3 + [249]),
    "payments are stopped": rules_with(stopped=1),
    "a nonce that is the next one and more": with_(nonce=7 | 2**255),
    "a day's sum past its field": payer_with(spent_today=MAX_SPENT),
    "a window's sum past its field": payer_with(spent_in_window=MAX_SPENT),
}


def test_the_case_the_next_test_spoils_is_good(harness: Any) -> None:
    assert judged(harness, GOOD) == (0, *words_after(GOOD))


@pytest.mark.parametrize("marks", [0, FLOORS_MARK], ids=["without floors", "with floors"])
@pytest.mark.parametrize("spoil", ONE_THING_WRONG.values(), ids=ONE_THING_WRONG.keys())
def test_one_thing_out_of_the_ordinary_is_checked_fully(
    harness: Any, spoil: Callable[[Case], Case], marks: int
) -> None:
    case = spoil(GOOD)
    case = replace(case, rules=case.rules | {"marks": case.rules["marks"] | marks})
    assert judged(harness, case)[0] != 0


@pytest.mark.parametrize("marks", [0, FLOORS_MARK])
def test_paying_the_ledger_itself_is_checked_fully(harness: Any, marks: int) -> None:
    case = replace(GOOD, payee_address=harness.address, rules=GOOD.rules | {"marks": marks})
    assert judged(harness, case)[0] != 0


@pytest.mark.parametrize("nonce", [SMALL_NONCES, SMALL_NONCES + 1])
def test_a_nonce_that_does_not_live_in_the_word_is_checked_fully(harness: Any, nonce: int) -> None:
    """After the last small nonce the word's next one has the number of the first wide one.

    Marking it in the word would leave its own flag unset, and it could be used twice.
    """
    case = replace(GOOD, payer=GOOD.payer | {"nonce_next": nonce}, nonce=nonce)
    assert judged(harness, case)[0] != 0
