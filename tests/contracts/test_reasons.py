"""The first reason of a set (contracts/Reasons.sol): which error is named when several things are wrong."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import WordHarness, accounts
from hypothesis import given
from hypothesis import strategies as st
from ledger_fixture import ERRORS
from test_movement_rules import PROPERTY

IN_ORDER_OF_JUDGEMENT = (
    "BadSignature",
    "Expired",
    "NonceUsed",
    "ZeroValue",
    "ERC20InvalidReceiver",
    "SamePayerPayee",
    "NotMember",
    "PaymentsStopped",
    "IdentityExpired",
    "FrozenOutgoing",
    "FrozenIncoming",
    "VisitorToPerson",
    "ERC20InsufficientBalance",
    "ERC7943InsufficientUnfrozenBalance",
    "PaymentLimit",
    "DailyLimit",
    "WindowLimit",
    "HoldingLimit",
    "PasskeyRequired",
    "SignerPaymentLimit",
    "SignerDailyLimit",
    "NonceTooFar",
)


@pytest.fixture(scope="module")
def harness(module_isolation: None) -> Any:
    return WordHarness.deploy({"from": accounts[0]})


def first_of(harness: Any, reasons: int) -> str:
    """The name of the error behind the selector."""
    return str(ERRORS[str(harness.firstReason(reasons))]["name"])


@pytest.mark.parametrize("place", range(len(IN_ORDER_OF_JUDGEMENT)), ids=IN_ORDER_OF_JUDGEMENT)
def test_each_reason_alone_is_its_own_error(harness: Any, place: int) -> None:
    assert first_of(harness, 1 << place) == IN_ORDER_OF_JUDGEMENT[place]


@PROPERTY
@given(reasons=st.integers(1, 2 ** len(IN_ORDER_OF_JUDGEMENT) - 1))
def test_of_several_reasons_the_first_is_named(harness: Any, reasons: int) -> None:
    named = IN_ORDER_OF_JUDGEMENT.index(first_of(harness, reasons))
    assert reasons >> named & 1
    assert reasons & ((1 << named) - 1) == 0
