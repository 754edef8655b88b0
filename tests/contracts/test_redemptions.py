"""Redemptions: signed, locked, then burned or returned, once per reference; only for professionals."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import chain
from eth_utils import keccak
from signing import KINDS
from town import (
    ASSOCIATION,
    GROUND,
    MERCHANT,
    PROFESSIONAL,
    RESIDENT,
    STOP_ISSUING,
    STOP_PAYMENTS,
    STOP_REDEEMING,
    TREASURY,
    VERIFIED,
    Signed,
    Town,
    refusal,
)

LOCKED, BURNED, RETURNED = 1, 2, 3


@pytest.fixture(scope="module")
def shop(town: Town) -> Any:
    """A merchant with 1 000 euros."""
    return town.shop("shop", money=1_000_00)


def hex32(value: bytes) -> str:
    """0x and 64 hex digits."""
    return "0x" + value.hex()


def test_a_request_locks_the_value_at_the_ledgers_own_address(town: Town, shop: Any) -> None:
    signed = town.redemption(shop, 400_00)
    events = town.redeem(signed).events
    ledger, message = town.ledger, signed.message
    assert events["Transfer"] == {"from": shop.address, "to": ledger.address, "value": 400_00}
    assert events["RedemptionRequested"] == {
        "account": shop.address,
        "ref": hex32(message.ref),
        "value": 400_00,
        "payeeHash": hex32(message.payee_hash),
    }
    assert (town.balance(shop), town.balance(ledger), ledger.totalSupply()) == (600_00, 400_00, 1_000_00)
    account, value, state, payee_hash = ledger.redemptionOf(message.ref)
    assert (account, value, state, str(payee_hash)) == (
        shop.address,
        400_00,
        LOCKED,
        hex32(message.payee_hash),
    )
    assert ledger.accountOf(shop.address)["lockedForRedemption"] == 400_00


def test_completing_burns(town: Town, shop: Any) -> None:
    signed = town.redemption(shop, 400_00)
    town.redeem(signed)
    events = town.ledger.completeRedemption(signed.message.ref, {"from": town.officers["ISSUER"]}).events
    assert events["Transfer"] == {"from": town.ledger.address, "to": "0x" + "00" * 20, "value": 400_00}
    assert events["RedemptionCompleted"]["account"] == shop.address
    assert (town.balance(town.ledger), town.ledger.totalSupply(), town.ledger.burnedTotal()) == (
        0,
        600_00,
        400_00,
    )
    assert town.ledger.redemptionOf(signed.message.ref)[2] == BURNED
    assert town.ledger.accountOf(shop.address)["lockedForRedemption"] == 0


def test_returning_gives_back(town: Town, shop: Any) -> None:
    signed = town.redemption(shop, 400_00)
    town.redeem(signed)
    reason = keccak(text="the bank refused")
    events = town.ledger.returnRedemption(
        signed.message.ref, reason, {"from": town.officers["ISSUER"]}
    ).events
    assert events["Transfer"] == {"from": town.ledger.address, "to": shop.address, "value": 400_00}
    assert str(events["RedemptionReturned"]["reason"]) == hex32(reason)
    assert (town.balance(shop), town.ledger.totalSupply(), town.ledger.burnedTotal()) == (
        1_000_00,
        1_000_00,
        0,
    )
    assert town.ledger.redemptionOf(signed.message.ref)[2] == RETURNED


@pytest.mark.parametrize("first", ["completeRedemption", "returnRedemption"])
def test_a_redemption_ends_once(town: Town, shop: Any, first: str) -> None:
    signed = town.redemption(shop, 400_00)
    town.redeem(signed)
    ref, issuer = signed.message.ref, town.officers["ISSUER"]
    ends = {"completeRedemption": (ref,), "returnRedemption": (ref, GROUND)}
    getattr(town.ledger, first)(*ends[first], {"from": issuer})
    state = BURNED if first == "completeRedemption" else RETURNED
    for name, arguments in ends.items():
        refused = refusal(getattr(town.ledger, name), *arguments, sender=issuer)
        assert refused == ("RedemptionNotLocked", ref, state)


def test_an_unknown_redemption_neither_burns_nor_returns(town: Town) -> None:
    ref = keccak(text="never asked")
    refused = refusal(town.ledger.completeRedemption, ref, sender=town.officers["ISSUER"])
    assert refused == ("RedemptionNotLocked", ref, 0)


def test_a_reference_and_a_nonce_are_accepted_once(town: Town, shop: Any) -> None:
    signed = town.redemption(shop, 100_00)
    town.redeem(signed)
    assert town.refused_redemption(signed) == ("NonceUsed", shop.address.lower(), 0)
    again = town.redemption(shop, 100_00, ref=signed.message.ref)
    assert town.refused_redemption(again) == ("ReferenceUsed", signed.message.ref)
    town.ledger.returnRedemption(signed.message.ref, GROUND, {"from": town.officers["ISSUER"]})
    again = town.redemption(shop, 100_00, ref=signed.message.ref)
    assert town.refused_redemption(again) == ("ReferenceUsed", signed.message.ref)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_key_redeems(town: Town, kind: int) -> None:
    account = town.shop(f"shop {kind}", key_kind=kind, money=10_00)
    signed = town.redemption(account, 10_00)
    digest = town.domain.digest(signed.message.struct_hash())
    assert str(town.ledger.redemptionDigest(signed.message.fields())) == hex32(digest)
    assert town.refused_redemption(signed) is None


@pytest.mark.parametrize(
    "change",
    [
        {"value": 1},
        {"payee_hash": b"\x01" * 32},
        {"ref": b"\x01" * 32},
        {"valid_before": 2**40},
        {"nonce": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_redemption_is_a_forgery(town: Town, shop: Any, change: dict[str, Any]) -> None:
    signed = town.redemption(shop, 400_00)
    forged = Signed(signed.message.changed(**change), signed.envelope)
    assert town.refused_redemption(forged) == ("BadSignature", shop.address.lower())


def test_a_payments_signature_redeems_nothing(town: Town, shop: Any) -> None:
    signed = town.redemption(shop, 1_00)
    payment = town.payment(shop, town.stranger, 1_00, ref=signed.message.ref)
    stolen = Signed(signed.message, payment.envelope)
    assert town.refused_redemption(stolen) == ("BadSignature", shop.address.lower())


@pytest.mark.parametrize(
    ("kind", "tier", "accepted"),
    [
        (RESIDENT, VERIFIED, False),
        (RESIDENT, PROFESSIONAL, False),
        (MERCHANT, VERIFIED, False),
        (MERCHANT, PROFESSIONAL, True),
        (ASSOCIATION, PROFESSIONAL, True),
        (TREASURY, PROFESSIONAL, True),
    ],
)
def test_only_professionals_redeem(town: Town, kind: int, tier: int, accepted: bool) -> None:
    """CMF L311-5: no redemption by private persons."""
    account = town.person(f"{kind}/{tier}", kind, tier, money=10_00)
    refused = town.refused_redemption(town.redemption(account, 10_00))
    assert refused == (None if accepted else ("NotProfessional", account.address.lower()))


def test_what_cannot_be_redeemed(town: Town, shop: Any) -> None:
    address = shop.address.lower()
    assert town.refused_redemption(town.redemption(shop, 0)) == ("ZeroValue",)
    refused = town.refused_redemption(town.redemption(shop, 1_000_01))
    assert refused == ("InsufficientBalance", address, 1_000_00, 1_000_01)
    # The clock of the last block, which a busy machine leaves behind its own.
    past = chain[-1].timestamp
    assert town.refused_redemption(town.redemption(shop, 1, valid_before=past)) == ("Expired", past)
    town.freeze(shop, False, True)
    assert town.refused_redemption(town.redemption(shop, 1)) == ("FrozenOutgoing", address)
    registrar = {"from": town.officers["REGISTRAR"]}
    town.ledger.setMember(shop.address, MERCHANT, PROFESSIONAL, 0, 1, registrar)
    assert town.refused_redemption(town.redemption(shop, 1)) == ("IdentityExpired", address)


def test_a_stop_keeps_new_requests_out_and_lets_open_ones_end(town: Town, shop: Any) -> None:
    first, second = town.redemption(shop, 1_00), town.redemption(shop, 2_00, nonce=1)
    town.redeem(first)
    town.redeem(second)
    town.stop(STOP_PAYMENTS | STOP_ISSUING | STOP_REDEEMING)
    town.freeze(shop, True, True)
    assert town.refused_redemption(town.redemption(shop, 1)) == ("RedeemingStopped",)
    issuer = {"from": town.officers["ISSUER"]}
    town.ledger.completeRedemption(first.message.ref, issuer)
    town.ledger.returnRedemption(second.message.ref, GROUND, issuer)
    assert (town.balance(shop), town.balance(town.ledger)) == (999_00, 0)


def test_locked_money_is_nobodys_to_spend(town: Town, shop: Any) -> None:
    town.redeem(town.redemption(shop, 1_000_00))
    assert town.ledger.canSend(town.ledger) is False
    assert town.ledger.canReceive(town.ledger) is False
    refused = refusal(
        town.ledger.enrol, town.ledger, MERCHANT, PROFESSIONAL, 0, 0, sender=town.officers["REGISTRAR"]
    )
    assert refused is not None
    assert refused[0] == "InvalidMember"
