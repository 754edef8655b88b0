"""Limits of the tiers and the three stops."""

from __future__ import annotations

from typing import Any

import pytest
from ledger_fixture import (
    DECLARED,
    PROFESSIONAL,
    STOP_ISSUING,
    STOP_PAYMENTS,
    STOP_REDEEMING,
    VERIFIED,
    VISITOR,
    LedgerFixture,
    refusal,
)

LARGEST_HOLDING = 2**40 - 1
LARGEST_SPENDING = 2**31 - 1


def test_a_new_ledger_has_the_statutory_limits(onchain: LedgerFixture) -> None:
    """Visitors: 150 euros held and in 30 days (CMF R561-16-1)."""
    found = {
        tier: tuple(onchain.ledger.tierLimits(tier)) for tier in (VISITOR, DECLARED, VERIFIED, PROFESSIONAL)
    }
    assert found == {
        VISITOR: (150_00, 150_00, 150_00, 150_00),
        DECLARED: (1_000_00, 250_00, 500_00, 1_000_00),
        VERIFIED: (3_000_00, 1_000_00, 1_500_00, 5_000_00),
        PROFESSIONAL: (0, 50_000_00, 0, 0),
    }


def test_new_limits_hold_at_once_for_payers_and_payees(
    onchain: LedgerFixture, alice: Any, bakery: Any
) -> None:
    governor = {"from": onchain.officers["GOVERNOR"]}
    limits = (40_00, 20_00, 30_00, 35_00)
    transaction = onchain.ledger.setTierLimits(VERIFIED, limits, governor)
    assert transaction.events["TierLimitsChanged"]["tier"] == VERIFIED
    assert tuple(onchain.ledger.tierLimits(VERIFIED)) == limits
    refused = onchain.refused_payment(onchain.payment(alice, bakery, 20_01))
    assert refused == ("PaymentLimit", alice.address.lower(), 20_01, 20_00)
    carol = onchain.person("carol", tier=DECLARED, money=500_00)
    dan = onchain.person("dan", tier=VERIFIED)
    refused = onchain.refused_payment(onchain.payment(carol, dan, 40_01))
    assert refused == ("HoldingLimit", dan.address.lower(), 40_01, 40_00)
    onchain.ledger.setTierLimits(VERIFIED, (0, 0, 0, 0), governor)
    assert onchain.refused_payment(onchain.payment(alice, bakery, 1_000_00)) is None
    assert onchain.refused_payment(onchain.payment(carol, dan, 250_00)) is None


@pytest.mark.parametrize("position", range(4))
def test_a_limit_fits_its_field_or_is_refused(onchain: LedgerFixture, position: int) -> None:
    largest = LARGEST_HOLDING if position == 0 else LARGEST_SPENDING
    limits = [0, 0, 0, 0]
    limits[position] = largest + 1
    governor = onchain.officers["GOVERNOR"]
    refused = refusal(onchain.ledger.setTierLimits, VERIFIED, limits, sender=governor)
    assert refused == ("LimitTooLarge", largest + 1, largest)
    limits[position] = largest
    onchain.ledger.setTierLimits(VERIFIED, limits, {"from": governor})
    assert list(onchain.ledger.tierLimits(VERIFIED)) == limits


@pytest.mark.parametrize("tier", [0, 5, 255])
def test_there_are_four_tiers(onchain: LedgerFixture, tier: int) -> None:
    refused = refusal(onchain.ledger.setTierLimits, tier, (0, 0, 0, 0), sender=onchain.officers["GOVERNOR"])
    assert refused == ("InvalidTier", tier)
    assert refusal(onchain.ledger.tierLimits, tier, sender=onchain.stranger) == ("InvalidTier", tier)


def test_each_stop_stops_its_part_only(onchain: LedgerFixture, alice: Any) -> None:
    shop = onchain.shop("shop", money=100_00)
    onchain.attest(10_000_00)

    def working() -> tuple[bool, bool, bool]:
        payment = onchain.refused_payment(onchain.payment(alice, shop, 1)) is None
        mint = (
            refusal(onchain.ledger.mint, shop.address, 1, b"\x07" * 32, sender=onchain.officers["ISSUER"])
            is None
        )
        redemption = onchain.refused_redemption(onchain.redemption(shop, 1)) is None
        return payment, mint, redemption

    governor = {"from": onchain.officers["GOVERNOR"]}
    assert working() == (True, True, True)
    for what, expected in (
        (STOP_PAYMENTS, (False, True, True)),
        (STOP_ISSUING, (True, False, True)),
        (STOP_REDEEMING, (True, True, False)),
        (STOP_PAYMENTS | STOP_ISSUING | STOP_REDEEMING, (False, False, False)),
    ):
        onchain.stop(what)
        assert working() == expected
        onchain.ledger.resume(what, governor)
        assert working() == (True, True, True)


def test_stops_add_up_and_are_resumed_one_by_one(onchain: LedgerFixture) -> None:
    onchain.stop(STOP_PAYMENTS)
    transaction = onchain.ledger.stop(STOP_REDEEMING, {"from": onchain.officers["PAUSER"]})
    assert transaction.events["Stopped"] == {"what": STOP_REDEEMING, "stops": 5}
    transaction = onchain.ledger.resume(STOP_PAYMENTS, {"from": onchain.officers["GOVERNOR"]})
    assert transaction.events["Resumed"] == {"what": STOP_PAYMENTS, "stops": 4}
    assert onchain.ledger.stops() == STOP_REDEEMING


@pytest.mark.parametrize("what", [0, 8, 255])
def test_unknown_stops_are_refused(onchain: LedgerFixture, what: int) -> None:
    assert refusal(onchain.ledger.stop, what, sender=onchain.officers["PAUSER"]) == ("InvalidStop", what)
    # With bit 8 governors shut the pauser out besides: what is left must name a stop.
    refused = refusal(onchain.ledger.resume, what, sender=onchain.officers["GOVERNOR"])
    assert refused == ("InvalidStop", what & ~8)
