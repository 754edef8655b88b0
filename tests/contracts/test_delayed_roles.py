"""Every guard on a role, where the role is held with an execution delay: may, but not yet, is a third answer.

Two more are in test_bounds.py: an attester who may mint after a delay, a mint proposed by an issuer with one.
"""

from __future__ import annotations

from typing import Any

import pytest
from access import ANYBODY, CHANGING, FUNCTIONS, NOBODY, neutral_call
from brownie import accounts, chain
from ledger_fixture import GROUND, STOP_PAYMENTS, LedgerFixture, refusal, refused_call

from scripts.ledger.build import signature_of
from scripts.ledger.roles import ATTESTER, RESUME_POWER, ROLES

DELAY_S = 3_600
NOBODYS = (ANYBODY, NOBODY)
OFFICERS_ACTS = [entry for entry in FUNCTIONS if CHANGING.get(entry["name"], ANYBODY) not in NOBODYS]


@pytest.fixture(scope="module")
def delayed(onchain: LedgerFixture) -> Any:
    """A key that holds every role, each with an execution delay."""
    governor = {"from": onchain.officers["GOVERNOR"]}
    for power in (power for role in ROLES for power in role.powers):
        onchain.manager.grantRole(power.number, onchain.stranger, DELAY_S, governor)
    return onchain.stranger


@pytest.mark.parametrize("entry", OFFICERS_ACTS, ids=[signature_of(entry) for entry in OFFICERS_ACTS])
def test_a_role_held_with_a_delay_does_nothing_unannounced(
    onchain: LedgerFixture, delayed: Any, entry: dict[str, Any]
) -> None:
    """And once announced, not before its time. A guard that asks whether somebody may would let it in."""
    call = neutral_call(entry)
    refused = refused_call(onchain.ledger, call, delayed)
    assert refused is not None
    assert refused[0] == "AccessManagerNotScheduled"
    onchain.manager.schedule(onchain.ledger, call, 0, {"from": delayed})
    refused = refused_call(onchain.ledger, call, delayed)
    assert refused is not None
    assert refused[0] == "AccessManagerNotReady"


def mint_refusal(onchain: LedgerFixture, bakery: Any) -> str | None:
    issuer = onchain.officers["ISSUER"]
    refused = refusal(onchain.ledger.mint, bakery.address, 1, GROUND, sender=issuer)
    return None if refused is None else str(refused[0])


def test_an_attester_who_must_announce_is_believed_still(onchain: LedgerFixture, bakery: Any) -> None:
    attester, governor = onchain.officers["ATTESTER"], {"from": onchain.officers["GOVERNOR"]}
    onchain.attest(1_000_00)
    onchain.manager.grantRole(ATTESTER.number, attester, DELAY_S, governor)
    statement = (1_000_00, chain.time(), GROUND, 0)
    refused = refusal(onchain.ledger.attestReserve, *statement, sender=attester)
    assert refused is not None
    assert refused[0] == "AccessManagerNotScheduled"
    assert mint_refusal(onchain, bakery) is None
    onchain.manager.revokeRole(ATTESTER.number, attester, governor)
    assert mint_refusal(onchain, bakery) == "AttesterRevoked"


def test_an_approval_outlives_a_delay_put_on_its_governors_role(onchain: LedgerFixture) -> None:
    """Who must announce may resume still: what he asked counts with the next one's."""
    first, second = onchain.officers["GOVERNOR"], onchain.grant("GOVERNOR", accounts[13])
    resume = onchain.ledger.resume
    onchain.safeguard(resume_approvals=2)
    onchain.stop(STOP_PAYMENTS)
    resume(STOP_PAYMENTS, {"from": second})
    onchain.manager.grantRole(RESUME_POWER.number, second, DELAY_S, {"from": first})
    refused = refusal(resume, STOP_PAYMENTS, sender=second)
    assert refused is not None
    assert refused[0] == "AccessManagerNotScheduled"
    assert "Resumed" in resume(STOP_PAYMENTS, {"from": first}).events
