"""What a stolen officer's key does not keep up: withdrawals, stops, delays set to nothing, euros not paid."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import accounts, chain
from eth_utils import keccak
from ledger_fixture import (
    DAY_S,
    STOP_ISSUING,
    STOP_PAYMENTS,
    LedgerFixture,
    deploy_fixture,
    mine_at,
    refusal,
)

from scripts.ledger.governance import PRODUCTION
from scripts.ledger.roles import CODE_POWER, GOVERNOR, ISSUER, PAUSER, ROLES, RULES_POWER

REFUSE_STOPS = 8
REFUSED_S = 8 * DAY_S
REDEMPTION_LIFE_S = 45 * DAY_S
LAPSED = "0x" + keccak(text="alba.redemption.lapsed").hex()


@pytest.fixture(scope="module")
def strict(module_isolation: None) -> LedgerFixture:
    """Production's delays, two governors."""
    return deploy_fixture(PRODUCTION, {"GOVERNOR": [accounts[9].address]})


def data(method: Any, *arguments: Any) -> bytes:
    """A call's bytes."""
    return bytes.fromhex(method.encode_input(*arguments)[2:])


def announced(strict: LedgerFixture, call: bytes, governor: Any) -> int:
    """A governor announces a call of the authority; the moment it may happen."""
    transaction = strict.manager.schedule(strict.manager, call, 0, {"from": governor})
    return int(transaction.events["OperationScheduled"]["schedule"])


@pytest.mark.parametrize("power", GOVERNOR.powers, ids=[power.label for power in GOVERNOR.powers])
def test_a_stolen_governor_does_not_withdraw_the_revocation_of_its_own(
    strict: LedgerFixture, power: Any
) -> None:
    stolen, other = strict.officers["GOVERNOR"], accounts[9]
    revoke = data(strict.manager.revokeRole, power.number, stolen)
    due = announced(strict, revoke, other)
    refused = refusal(strict.manager.cancel, other, strict.manager, revoke, sender=stolen)
    assert refused is not None
    assert refused[0] == "AccessManagerUnauthorizedCancel"
    mine_at(due)
    strict.manager.execute(strict.manager, revoke, {"from": other})
    assert strict.manager.hasRole(power.number, stolen)[0] is False
    # Who announced it may think better of it, and so may the pauser.
    back = data(strict.manager.revokeRole, ISSUER.number, strict.officers["ISSUER"])
    announced(strict, back, other)
    assert refusal(strict.manager.cancel, other, strict.manager, back, sender=other) is None


def test_nor_of_one_it_has_announced_itself(strict: LedgerFixture) -> None:
    governor = strict.officers["GOVERNOR"]
    revoke = data(strict.manager.revokeRole, CODE_POWER.number, governor)
    announced(strict, revoke, governor)
    refused = refusal(strict.manager.cancel, governor, strict.manager, revoke, sender=governor)
    assert refused is not None


def test_the_pauser_withdraws_a_change_of_roles_but_for_its_own_end(strict: LedgerFixture) -> None:
    governor, pauser, manager = strict.officers["GOVERNOR"], strict.officers["PAUSER"], strict.manager
    grant = data(manager.grantRole, ISSUER.number, strict.stranger, 0)
    due = announced(strict, grant, governor)
    manager.cancel(governor, manager, grant, {"from": pauser})
    mine_at(due)
    refused = refusal(manager.execute, manager, grant, sender=governor)
    assert refused is not None
    assert refused[0] == "AccessManagerNotScheduled"
    revoke = data(manager.revokeRole, PAUSER.number, pauser)
    announced(strict, revoke, governor)
    assert refusal(manager.cancel, governor, manager, revoke, sender=pauser) is not None
    for role in ROLES:
        if role not in (GOVERNOR, PAUSER):
            sender = strict.officers[role.name]
            assert refusal(manager.cancel, governor, manager, revoke, sender=sender) is not None


@pytest.mark.parametrize(
    ("power", "floor"),
    [
        (GOVERNOR.powers[0], PRODUCTION.code_delay_s),
        (CODE_POWER, PRODUCTION.code_delay_s),
        (RULES_POWER, PRODUCTION.rules_delay_s),
    ],
    ids=["roles", "code", "rules"],
)
def test_no_key_is_given_a_role_that_is_announced_with_less(
    strict: LedgerFixture, power: Any, floor: int
) -> None:
    governor, manager = strict.officers["GOVERNOR"], strict.manager
    assert manager.delayFloor(power.number) == floor
    for delay, is_refused in ((floor - 1, True), (0, True), (floor, False)):
        grant = data(manager.grantRole, power.number, governor, delay)
        mine_at(announced(strict, grant, governor))
        refused = refusal(manager.execute, manager, grant, sender=governor)
        if is_refused:
            assert refused == ("DelayBelowFloor", power.number, delay, floor)
        else:
            assert refused is None


def test_no_function_goes_to_a_role_that_is_announced_with_less(strict: LedgerFixture) -> None:
    governor, manager, ledger = strict.officers["GOVERNOR"], strict.manager, strict.ledger
    upgrade, limits = ledger.upgradeToAndCall.signature, ledger.setTierLimits.signature
    public = 2**64 - 1
    for selector, role, is_refused in (
        (upgrade, PAUSER.number, True),
        (upgrade, RULES_POWER.number, True),
        (upgrade, public, True),
        (limits, PAUSER.number, True),
        (limits, CODE_POWER.number, False),
        ("0x00000001", PAUSER.number, False),
    ):
        move = data(manager.setTargetFunctionRole, ledger, [selector], role)
        mine_at(announced(strict, move, governor))
        refused = refusal(manager.execute, manager, move, sender=governor)
        assert (refused is not None) is is_refused, (selector, role)
        if refused is not None:
            assert refused[0] == "DelayBelowFloor"


@pytest.mark.parametrize(
    ("settings", "is_taken"),
    [
        ((1, 2 * DAY_S, 2 * DAY_S, 2), True),
        ((1, 2 * DAY_S - 1, 2 * DAY_S, 2), False),
        ((1, 2 * DAY_S, 2 * DAY_S - 1, 2), False),
        ((1, 2 * DAY_S, 2 * DAY_S, 1), False),
        ((0, 2 * DAY_S, 2 * DAY_S, 2), False),
    ],
)
def test_no_safeguard_is_announced_away(
    strict: LedgerFixture, settings: tuple[int, ...], is_taken: bool
) -> None:
    governor, ledger = strict.officers["GOVERNOR"], strict.ledger
    call = data(ledger.setSafeguards, settings)
    scheduled = strict.manager.schedule(ledger, call, 0, {"from": governor})
    mine_at(int(scheduled.events["OperationScheduled"]["schedule"]))
    refused = refusal(ledger.setSafeguards, settings, sender=governor)
    assert refused == (None if is_taken else ("InvalidSafeguards", *settings[1:]))


def test_where_nothing_is_announced_nothing_has_a_floor(onchain: LedgerFixture) -> None:
    governor = {"from": onchain.officers["GOVERNOR"]}
    onchain.ledger.setSafeguards((0, 0, 0, 1), governor)
    assert onchain.ledger.safeguards() == (0, 0, 0, 1)


def test_governors_together_shut_a_stolen_pauser_out(strict: LedgerFixture) -> None:
    first, second, ledger = strict.officers["GOVERNOR"], accounts[9], strict.ledger
    pauser = strict.officers["PAUSER"]
    strict.stop(STOP_PAYMENTS)
    what = STOP_PAYMENTS | REFUSE_STOPS
    assert "Resumed" not in ledger.resume(what, {"from": first}).events
    done = ledger.resume(what, {"from": second})
    until = done.timestamp + REFUSED_S
    assert done.events["StopsRefused"]["until"] == until
    assert ledger.stops() == 0
    for at, is_refused in ((until - 2, True), (until, False)):
        mine_at(at)
        refused = refusal(ledger.stop, STOP_ISSUING, sender=pauser, block="latest")
        assert refused == (("StoppingRefused", until) if is_refused else None)


def test_one_governor_does_not_shut_the_pauser_out(onchain: LedgerFixture) -> None:
    governor, ledger = onchain.officers["GOVERNOR"], onchain.ledger
    assert ledger.safeguards()[3] == 1
    onchain.stop(STOP_PAYMENTS)
    assert "Resumed" not in ledger.resume(STOP_PAYMENTS | REFUSE_STOPS, {"from": governor}).events
    assert refusal(ledger.stop, STOP_ISSUING, sender=onchain.officers["PAUSER"]) is None
    assert "Resumed" in ledger.resume(STOP_PAYMENTS, {"from": governor}).events
    onchain.stop(STOP_PAYMENTS)
    assert refusal(ledger.resume, REFUSE_STOPS, sender=governor)[0] == "InvalidStop"


def test_a_redemption_the_issuer_lets_lie_comes_back_by_itself(onchain: LedgerFixture) -> None:
    shop, ledger = onchain.shop("who waits for its euros", money=50_00), onchain.ledger
    signed = onchain.redemption(shop, 30_00)
    locked = onchain.redeem(signed)
    ref, due = signed.message.ref, locked.timestamp + REDEMPTION_LIFE_S
    assert ledger.redemptionOf(ref)[:3] == (shop.address, 30_00, 1)
    mine_at(due - 1)
    refused = refusal(ledger.lapseRedemption, ref, sender=onchain.stranger, block="latest")
    assert refused == ("RedemptionNotDue", ref, due)
    mine_at(due)
    supply = ledger.totalSupply()
    events = ledger.lapseRedemption(ref, {"from": onchain.stranger}).events
    assert events["RedemptionReturned"]["reason"] == LAPSED
    assert (onchain.balance(shop), ledger.totalSupply()) == (50_00, supply)
    assert ledger.redemptionOf(ref)[:3] == (shop.address, 30_00, 3)
    for again in (ledger.lapseRedemption, ledger.completeRedemption):
        refused = refusal(again, ref, sender=onchain.officers["ISSUER"])
        assert refused == ("RedemptionNotLocked", ref, 3)


def test_what_was_burned_or_never_locked_does_not_lapse(onchain: LedgerFixture) -> None:
    shop, ledger = onchain.shop("who was paid", money=50_00), onchain.ledger
    signed = onchain.redemption(shop, 30_00)
    onchain.redeem(signed)
    onchain.burn(signed.message.ref)
    chain.sleep(REDEMPTION_LIFE_S + 60)
    chain.mine()
    refused = refusal(ledger.lapseRedemption, signed.message.ref, sender=onchain.stranger)
    assert refused == ("RedemptionNotLocked", signed.message.ref, 2)
    unknown = onchain.ref(shop)
    refused = refusal(ledger.lapseRedemption, unknown, sender=onchain.stranger)
    assert refused == ("RedemptionNotDue", unknown, 0)
