"""One nonce space an account: small ones in a sliding window, any other 32-byte value by itself."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi import encode
from eth_utils import keccak
from ledger_fixture import LedgerFixture, arrays, refusal, skipped, skipped_benefits
from signing import P256, SigningKey

WINDOW = 32
STEP = 4_096
NONCE_NEXT_AT, NONCE_NEXT_WIDTH = 161, 41


def test_nonces_in_the_window_are_used_in_any_order(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    for nonce in (31, 0, 30, 1, 15):
        onchain.pay(onchain.payment(alice, bakery, 1, nonce=nonce))
    assert onchain.ledger.nextNonce(alice.address) == 32
    for nonce in (31, 0, 30, 1, 15):
        refused = onchain.refused_payment(onchain.payment(alice, bakery, 1, nonce=nonce))
        assert refused == ("NonceUsed", alice.address.lower(), nonce)
    for nonce in (2, 29, 32, 1_000):
        assert onchain.refused_payment(onchain.payment(alice, bakery, 1, nonce=nonce)) is None


@pytest.mark.parametrize("highest", [100, 101])
def test_what_falls_behind_the_window_is_dead(
    onchain: LedgerFixture, alice: Any, bakery: Any, highest: int
) -> None:
    onchain.pay(onchain.payment(alice, bakery, 1, nonce=highest))
    oldest = highest - WINDOW + 1
    assert onchain.refused_payment(onchain.payment(alice, bakery, 1, nonce=oldest)) is None
    refused = onchain.refused_payment(onchain.payment(alice, bakery, 1, nonce=oldest - 1))
    assert refused == ("NonceUsed", alice.address.lower(), oldest - 1)
    assert onchain.ledger.nonceUsed(alice.address, oldest - 1) is True
    assert onchain.ledger.nonceUsed(alice.address, oldest) is False


@pytest.mark.parametrize("nonce", [2**40, 2**40 + 1, 2**256 - 1])
def test_a_wide_nonce_is_used_once_and_moves_no_window(
    onchain: LedgerFixture, alice: Any, bakery: Any, nonce: int
) -> None:
    signed = onchain.payment(alice, bakery, 1, nonce=nonce)
    onchain.pay(signed)
    assert onchain.refused_payment(signed) == ("NonceUsed", alice.address.lower(), nonce)
    assert onchain.ledger.nonceUsed(alice.address, nonce) is True
    assert onchain.ledger.nonceUsed(alice.address, nonce ^ 1) is False
    assert onchain.ledger.nextNonce(alice.address) == 0


def test_the_last_small_nonce_leaves_the_account_usable(
    onchain: LedgerFixture, alice: Any, bakery: Any
) -> None:
    """Whatever an account went through: the nonce it is told to take was never used."""
    onchain.change_word(alice, NONCE_NEXT_AT, NONCE_NEXT_WIDTH, 2**40 - 1)
    onchain.pay(onchain.payment(alice, bakery, 1, nonce=2**40 - 1))
    for nonce in (2**40, 2**40 + 1, 2**40 + 2):
        assert onchain.ledger.nextNonce(alice.address) == nonce
        onchain.pay(onchain.payment(alice, bakery, 1))
        assert onchain.ledger.nonceUsed(alice.address, nonce) is True


def test_one_payment_of_a_childs_key_does_not_take_every_nonce(
    onchain: LedgerFixture, alice: Any, bakery: Any
) -> None:
    """It steps ahead by so many at a time; the account's own key goes on with the next."""
    child = SigningKey("child", P256)
    onchain.add_limited_signer(alice, child, P256, 5_00, 0, 0)
    onchain.pay(onchain.payment(alice, bakery, 1, nonce=9))
    furthest = 10 + STEP
    for signer in (child, alice):
        for nonce in (furthest + 1, 2**40 - 1):
            signed = onchain.payment(alice, bakery, 1, signer, nonce=nonce)
            refused = ("NonceTooFar", alice.address.lower(), nonce, furthest)
            assert onchain.refused_payment(signed) == refused
            assert skipped(onchain.settle([signed])) == [(0, "NonceTooFar")]
    onchain.pay(onchain.payment(alice, bakery, 1, child, nonce=furthest))
    assert onchain.ledger.nextNonce(alice.address) == furthest + 1
    onchain.pay(onchain.payment(alice, bakery, 1))


def test_whatever_carries_a_nonce_is_bound_by_its_step(onchain: LedgerFixture, alice: Any) -> None:
    shop, far = onchain.shop("a shop", money=100_00), STEP + 1
    campaign = onchain.open_campaign(shop, 10_00, nonce=2**41)
    ledger = onchain.ledger
    refused = ("NonceTooFar", shop.address.lower(), far, STEP)
    assert onchain.refused_redemption(onchain.redemption(shop, 1, nonce=far)) == refused
    assert onchain.refused_redemption(onchain.redemption(shop, 1, nonce=STEP)) is None
    terms = onchain.campaign(shop, 1, nonce=far)
    assert refusal(ledger.openCampaign, *terms.arguments(), sender=onchain.relay) == refused
    benefit = onchain.benefit(shop, onchain.shop("another"), 1, campaign, nonce=far)
    assert onchain.refused_benefit(benefit) == refused
    assert skipped_benefits(ledger.settleWithBenefits(*arrays([benefit]), {"from": onchain.relay})) == [
        (0, "NonceTooFar")
    ]
    nonce = far.to_bytes(32, "big")
    types = ["bytes32", "address", "bytes32"]
    type_hash = keccak(text="CancelAuthorization(address authorizer,bytes32 nonce)")
    signature = shop.sign(onchain.domain.digest(keccak(encode(types, [type_hash, shop.address, nonce]))))
    found = refusal(ledger.cancelAuthorization, shop.address, nonce, signature, sender=onchain.relay)
    assert found == refused


def test_a_skipped_payment_uses_its_nonce_and_no_other(
    onchain: LedgerFixture, alice: Any, bakery: Any
) -> None:
    for nonce in (7, 2**200):
        onchain.settle_arrays([onchain.payment(alice, bakery, 5_000_00, nonce=nonce)])
        assert onchain.ledger.nonceUsed(alice.address, nonce) is True
    assert [onchain.ledger.nonceUsed(alice.address, nonce) for nonce in (6, 8, 2**200 + 1)] == [False] * 3


def test_payments_redemptions_and_authorizations_share_the_space(
    onchain: LedgerFixture, alice: Any, bakery: Any
) -> None:
    onchain.pay(onchain.payment(alice, bakery, 50_00, nonce=5))
    assert onchain.ledger.authorizationState(alice.address, (5).to_bytes(32, "big")) is True
    assert onchain.ledger.authorizationState(alice.address, (6).to_bytes(32, "big")) is False
    onchain.pay(onchain.payment(bakery, alice, 1_00, nonce=3))
    redemption = onchain.redemption(bakery, 1_00, nonce=3)
    assert onchain.refused_redemption(redemption) == ("NonceUsed", bakery.address.lower(), 3)
