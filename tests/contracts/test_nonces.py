"""One nonce space an account: small ones in a sliding window, any other 32-byte value by itself."""

from __future__ import annotations

from typing import Any

import pytest
from ledger_fixture import LedgerFixture

WINDOW = 32


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
    onchain.pay(onchain.payment(alice, bakery, 1, nonce=2**40 - 1))
    assert onchain.ledger.nextNonce(alice.address) == 2**40
    onchain.pay(onchain.payment(alice, bakery, 1))
    assert onchain.ledger.nonceUsed(alice.address, 2**40) is True


def test_a_skipped_payment_uses_no_nonce(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    for nonce in (7, 2**200):
        onchain.settle_arrays([onchain.payment(alice, bakery, 5_000_00, nonce=nonce)])
        assert onchain.ledger.nonceUsed(alice.address, nonce) is False


def test_payments_redemptions_and_authorizations_share_the_space(
    onchain: LedgerFixture, alice: Any, bakery: Any
) -> None:
    onchain.pay(onchain.payment(alice, bakery, 50_00, nonce=5))
    assert onchain.ledger.authorizationState(alice.address, (5).to_bytes(32, "big")) is True
    assert onchain.ledger.authorizationState(alice.address, (6).to_bytes(32, "big")) is False
    onchain.pay(onchain.payment(bakery, alice, 1_00, nonce=3))
    redemption = onchain.redemption(bakery, 1_00, nonce=3)
    assert onchain.refused_redemption(redemption) == ("NonceUsed", bakery.address.lower(), 3)
