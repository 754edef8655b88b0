"""Redemptions: signed, locked, then burned or returned, once per reference; only for professionals."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import chain
from eth_utils import keccak
from ledger_fixture import (
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
    LedgerFixture,
    Signed,
    refusal,
)
from signing import KINDS

LOCKED, BURNED, RETURNED = 1, 2, 3


@pytest.fixture(scope="module")
def shop(onchain: LedgerFixture) -> Any:
    """A merchant with 1 000 euros."""
    return onchain.shop("shop", money=1_000_00)


def hex32(value: bytes) -> str:
    """0x and 64 hex digits."""
    return "0x" + value.hex()


def test_a_request_locks_the_value_at_the_ledgers_own_address(onchain: LedgerFixture, shop: Any) -> None:
    signed = onchain.redemption(shop, 400_00)
    events = onchain.redeem(signed).events
    ledger, message = onchain.ledger, signed.message
    assert events["Transfer"] == {"from": shop.address, "to": ledger.address, "value": 400_00}
    assert events["RedemptionRequested"] == {
        "account": shop.address,
        "ref": hex32(message.ref),
        "value": 400_00,
        "payeeHash": hex32(message.payee_hash),
    }
    assert (onchain.balance(shop), onchain.balance(ledger), ledger.totalSupply()) == (
        600_00,
        400_00,
        1_000_00,
    )
    account, value, state, payee_hash = ledger.redemptionOf(message.ref)
    assert (account, value, state, str(payee_hash)) == (
        shop.address,
        400_00,
        LOCKED,
        hex32(message.payee_hash),
    )
    assert ledger.accountOf(shop.address)["lockedForRedemption"] == 400_00


def test_completing_burns(onchain: LedgerFixture, shop: Any) -> None:
    signed = onchain.redemption(shop, 400_00)
    onchain.redeem(signed)
    events = onchain.burn(signed.message.ref).events
    assert events["Transfer"] == {"from": onchain.ledger.address, "to": "0x" + "00" * 20, "value": 400_00}
    assert events["RedemptionCompleted"]["account"] == shop.address
    assert (onchain.balance(onchain.ledger), onchain.ledger.totalSupply(), onchain.ledger.burnedTotal()) == (
        0,
        600_00,
        400_00,
    )
    assert onchain.ledger.redemptionOf(signed.message.ref)[2] == BURNED
    assert onchain.ledger.accountOf(shop.address)["lockedForRedemption"] == 0


def test_returning_gives_back(onchain: LedgerFixture, shop: Any) -> None:
    signed = onchain.redemption(shop, 400_00)
    onchain.redeem(signed)
    reason = keccak(text="the bank refused")
    events = onchain.give_back(signed.message.ref, reason).events
    assert events["Transfer"] == {"from": onchain.ledger.address, "to": shop.address, "value": 400_00}
    assert str(events["RedemptionReturned"]["reason"]) == hex32(reason)
    assert (onchain.balance(shop), onchain.ledger.totalSupply(), onchain.ledger.burnedTotal()) == (
        1_000_00,
        1_000_00,
        0,
    )
    assert onchain.ledger.redemptionOf(signed.message.ref)[2] == RETURNED


@pytest.mark.parametrize("is_burned", [True, False], ids=["burned", "returned"])
def test_a_redemption_ends_once(onchain: LedgerFixture, shop: Any, is_burned: bool) -> None:
    signed = onchain.redemption(shop, 400_00)
    onchain.redeem(signed)
    ref, ledger = signed.message.ref, onchain.ledger
    (onchain.burn if is_burned else onchain.give_back)(ref)
    for role, method, *arguments in (
        ("ATTESTER", ledger.attestOutcome, ref, not is_burned),
        ("ISSUER", ledger.completeRedemption, ref),
        ("ISSUER", ledger.returnRedemption, ref, GROUND),
    ):
        refused = refusal(method, *arguments, sender=onchain.officers[role])
        assert refused == ("RedemptionNotLocked", ref, BURNED if is_burned else RETURNED)


def test_an_unknown_redemption_neither_burns_nor_returns(onchain: LedgerFixture) -> None:
    ref = keccak(text="never asked")
    refused = refusal(onchain.ledger.completeRedemption, ref, sender=onchain.officers["ISSUER"])
    assert refused == ("RedemptionNotLocked", ref, 0)


def test_a_rival_cannot_take_a_shops_reference(onchain: LedgerFixture, shop: Any) -> None:
    """Who knows a reference on its way asks for a cent under it first: the shop's own would be used up."""
    rival = onchain.shop("rival", money=1)
    wanted = onchain.redemption(shop, 100_00)
    stolen = onchain.redemption(rival, 1, ref=wanted.message.ref)
    assert onchain.refused_redemption(stolen) == (
        "ReferenceNotOwn",
        rival.address.lower(),
        wanted.message.ref,
    )
    onchain.redeem(wanted)


@pytest.mark.parametrize("place", [0, 19])
def test_every_byte_of_the_owner_is_asked(onchain: LedgerFixture, shop: Any, place: int) -> None:
    ref = bytearray(onchain.ref(shop))
    ref[place] ^= 1
    refused = onchain.refused_redemption(onchain.redemption(shop, 1, ref=bytes(ref)))
    assert refused == ("ReferenceNotOwn", shop.address.lower(), bytes(ref))
    ref[place] ^= 1
    ref[20] ^= 1
    assert onchain.refused_redemption(onchain.redemption(shop, 1, ref=bytes(ref))) is None


def test_a_reference_and_a_nonce_are_accepted_once(onchain: LedgerFixture, shop: Any) -> None:
    signed = onchain.redemption(shop, 100_00)
    onchain.redeem(signed)
    assert onchain.refused_redemption(signed) == ("NonceUsed", shop.address.lower(), 0)
    again = onchain.redemption(shop, 100_00, ref=signed.message.ref)
    assert onchain.refused_redemption(again) == ("ReferenceUsed", signed.message.ref)
    onchain.give_back(signed.message.ref)
    again = onchain.redemption(shop, 100_00, ref=signed.message.ref)
    assert onchain.refused_redemption(again) == ("ReferenceUsed", signed.message.ref)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_key_redeems(onchain: LedgerFixture, kind: int) -> None:
    account = onchain.shop(f"shop {kind}", key_kind=kind, money=10_00)
    signed = onchain.redemption(account, 10_00)
    digest = onchain.domain.digest(signed.message.struct_hash())
    assert str(onchain.ledger.redemptionDigest(signed.message.fields())) == hex32(digest)
    assert onchain.refused_redemption(signed) is None


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
def test_a_changed_redemption_is_a_forgery(onchain: LedgerFixture, shop: Any, change: dict[str, Any]) -> None:
    signed = onchain.redemption(shop, 400_00)
    forged = Signed(signed.message.changed(**change), signed.envelope)
    assert onchain.refused_redemption(forged) == ("BadSignature", shop.address.lower())


def test_a_payments_signature_redeems_nothing(onchain: LedgerFixture, shop: Any) -> None:
    signed = onchain.redemption(shop, 1_00)
    payment = onchain.payment(shop, onchain.stranger, 1_00, ref=signed.message.ref)
    stolen = Signed(signed.message, payment.envelope)
    assert onchain.refused_redemption(stolen) == ("BadSignature", shop.address.lower())


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
def test_only_professionals_redeem(onchain: LedgerFixture, kind: int, tier: int, accepted: bool) -> None:
    """CMF L311-5: no redemption by private persons."""
    account = onchain.person(f"{kind}/{tier}", kind, tier, money=10_00)
    refused = onchain.refused_redemption(onchain.redemption(account, 10_00))
    assert refused == (None if accepted else ("NotProfessional", account.address.lower()))


def test_what_cannot_be_redeemed(onchain: LedgerFixture, shop: Any) -> None:
    address = shop.address.lower()
    assert onchain.refused_redemption(onchain.redemption(shop, 0)) == ("ZeroValue",)
    refused = onchain.refused_redemption(onchain.redemption(shop, 1_000_01))
    assert refused == ("ERC20InsufficientBalance", address, 1_000_00, 1_000_01)
    # The clock of the last block, which a busy machine leaves behind its own.
    past = chain[-1].timestamp
    assert onchain.refused_redemption(onchain.redemption(shop, 1, valid_before=past)) == ("Expired", past)
    onchain.freeze(shop, False, True)
    assert onchain.refused_redemption(onchain.redemption(shop, 1)) == ("FrozenOutgoing", address)
    onchain.expire(shop)
    assert onchain.refused_redemption(onchain.redemption(shop, 1)) == ("IdentityExpired", address)


def test_a_stop_keeps_new_requests_out_and_lets_open_ones_end(onchain: LedgerFixture, shop: Any) -> None:
    first, second = onchain.redemption(shop, 1_00), onchain.redemption(shop, 2_00, nonce=1)
    onchain.redeem(first)
    onchain.redeem(second)
    onchain.stop(STOP_PAYMENTS | STOP_ISSUING | STOP_REDEEMING)
    onchain.freeze(shop, True, True)
    assert onchain.refused_redemption(onchain.redemption(shop, 1)) == ("RedeemingStopped",)
    onchain.burn(first.message.ref)
    onchain.give_back(second.message.ref)
    assert (onchain.balance(shop), onchain.balance(onchain.ledger)) == (999_00, 0)


def test_locked_money_is_nobodys_to_spend(onchain: LedgerFixture, shop: Any) -> None:
    onchain.redeem(onchain.redemption(shop, 1_000_00))
    assert onchain.ledger.canSend(onchain.ledger) is False
    assert onchain.ledger.canReceive(onchain.ledger) is False
    refused = refusal(
        onchain.ledger.enrol,
        onchain.ledger,
        MERCHANT,
        PROFESSIONAL,
        0,
        0,
        sender=onchain.officers["REGISTRAR"],
    )
    assert refused is not None
    assert refused[0] == "InvalidMember"
