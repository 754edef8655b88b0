"""EIP-3009, and that no signature works outside the context it was made for."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import chain
from eth_abi import encode
from eth_utils import keccak
from signing import SECP256K1, SigningKey
from town import Signed, Town, refusal

TRANSFER = "TransferWithAuthorization"
RECEIVE = "ReceiveWithAuthorization"
MEMBERS = "(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
TYPES = ["address", "address", "uint256", "uint256", "uint256", "bytes32"]
NONCE = keccak(text="a random nonce, as the standard suggests")


@pytest.fixture(scope="module")
def carol(town: Town) -> SigningKey:
    """A verified resident with a secp256k1 key and 100 euros."""
    return town.person("carol", key_kind=SECP256K1, money=100_00)


@pytest.fixture(scope="module")
def bakery_account(town: Town) -> Any:
    """A merchant whose key the node holds, to call receiveWithAuthorization itself."""
    from brownie import accounts

    town.ledger.enrol(accounts[10], 2, 4, 0, 0, {"from": town.officers["REGISTRAR"]})
    return accounts[10]


def authorization(
    town: Town, key: SigningKey, payee: Any, value: int, type_name: str = TRANSFER, **changed: Any
) -> tuple[Any, ...]:
    """The nine arguments of a transfer or receive authorization signed by `key`."""
    values = [
        changed.get("payer", key.address),
        getattr(payee, "address", payee),
        value,
        changed.get("valid_after", 0),
        changed.get("valid_before", chain.time() + 3600),
        changed.get("nonce", NONCE),
    ]
    struct_hash = keccak(encode(["bytes32", *TYPES], [keccak(text=type_name + MEMBERS), *values]))
    return (*values, *key.vrs(town.domain.digest(struct_hash)))


def cancellation(town: Town, key: SigningKey, nonce: bytes) -> tuple[Any, ...]:
    """The five arguments of a cancellation."""
    type_hash = keccak(text="CancelAuthorization(address authorizer,bytes32 nonce)")
    struct_hash = keccak(encode(["bytes32", "address", "bytes32"], [type_hash, key.address, nonce]))
    return (key.address, nonce, *key.vrs(town.domain.digest(struct_hash)))


def test_an_authorization_moves_money_once(town: Town, carol: Any, bakery: Any) -> None:
    arguments = authorization(town, carol, bakery, 12_50)
    transaction = town.ledger.transferWithAuthorization(*arguments, {"from": town.relay})
    assert transaction.events["AuthorizationUsed"] == {
        "authorizer": carol.address,
        "nonce": "0x" + NONCE.hex(),
    }
    assert transaction.events["Transfer"]["value"] == 12_50
    assert town.balance(bakery) == 12_50
    assert town.ledger.authorizationState(carol.address, NONCE) is True
    refused = refusal(town.ledger.transferWithAuthorization, *arguments, sender=town.relay)
    assert refused == ("NonceUsed", carol.address.lower(), int.from_bytes(NONCE, "big"))


def test_an_authorization_obeys_the_rules_of_a_payment(town: Town, carol: Any, bakery: Any) -> None:
    method = town.ledger.transferWithAuthorization
    too_much = authorization(town, carol, bakery, 100_01)
    refused = refusal(method, *too_much, sender=town.relay)
    assert refused == ("InsufficientBalance", carol.address.lower(), 100_00, 100_01)
    town.freeze(carol, False, True)
    refused = refusal(method, *authorization(town, carol, bakery, 1), sender=town.relay)
    assert refused == ("FrozenOutgoing", carol.address.lower())


def test_an_authorization_has_a_beginning_and_an_end(town: Town, carol: Any, bakery: Any) -> None:
    method, now = town.ledger.transferWithAuthorization, chain.time()
    early = authorization(town, carol, bakery, 1, valid_after=now + 1000)
    assert refusal(method, *early, sender=town.relay) == ("NotYetValid", now + 1000)
    late = authorization(town, carol, bakery, 1, valid_before=now - 1000)
    assert refusal(method, *late, sender=town.relay) == ("Expired", now - 1000)


@pytest.mark.parametrize("position", [1, 2, 3, 4, 5, 6, 7, 8])
def test_a_changed_authorization_is_a_forgery(town: Town, carol: Any, bakery: Any, position: int) -> None:
    arguments = list(authorization(town, carol, bakery, 12_50))
    changes: dict[int, Any] = {
        1: town.stranger.address,
        2: 12_51,
        3: 1,
        4: 2**40,
        5: keccak(text="another nonce"),
        6: 55 - arguments[6],
        7: keccak(text="another r"),
        8: keccak(text="another s"),
    }
    arguments[position] = changes[position]
    refused = refusal(town.ledger.transferWithAuthorization, *arguments, sender=town.relay)
    assert refused == ("BadSignature", carol.address.lower())


def test_only_the_payee_collects_a_receive_authorization(town: Town, carol: Any, bakery_account: Any) -> None:
    arguments = authorization(town, carol, bakery_account, 12_50, RECEIVE)
    method = town.ledger.receiveWithAuthorization
    refused = refusal(method, *arguments, sender=town.relay)
    assert refused == ("CallerNotPayee", town.relay.address.lower(), bakery_account.address.lower())
    method(*arguments, {"from": bakery_account})
    assert town.balance(bakery_account) == 12_50


def test_no_signature_works_in_another_context(
    town: Town, carol: Any, bakery: Any, bakery_account: Any
) -> None:
    """A third party cannot strip a payment of its reference, nor turn a receipt into a transfer."""
    refused = ("BadSignature", carol.address.lower())
    received = authorization(town, carol, bakery_account, 1, RECEIVE)
    assert refusal(town.ledger.transferWithAuthorization, *received, sender=town.relay) == refused
    transferred = authorization(town, carol, bakery_account, 1, TRANSFER)
    assert refusal(town.ledger.receiveWithAuthorization, *transferred, sender=bakery_account) == refused

    payment = town.payment(carol, bakery, 12_50)
    message, envelope = payment.message, payment.envelope
    nonce = message.nonce.to_bytes(32, "big")
    bare = (message.payer, message.payee, message.value, 0, message.valid_before, nonce)
    vrs = (envelope[65], envelope[1:33], envelope[33:65])
    assert refusal(town.ledger.transferWithAuthorization, *bare, *vrs, sender=town.stranger) == refused
    assert (
        refusal(town.ledger.cancelAuthorization, message.payer, nonce, *vrs, sender=town.stranger) == refused
    )
    v, r, s = transferred[6:]
    as_payment = Signed(message, b"\x01" + r + s + bytes([v]))
    assert town.refused_payment(as_payment) == refused


def test_a_cancelled_nonce_is_used_up(town: Town, carol: Any, bakery: Any) -> None:
    transaction = town.ledger.cancelAuthorization(*cancellation(town, carol, NONCE), {"from": town.relay})
    assert transaction.events["AuthorizationCanceled"]["authorizer"] == carol.address
    refused = refusal(
        town.ledger.transferWithAuthorization, *authorization(town, carol, bakery, 1), sender=town.relay
    )
    assert refused == ("NonceUsed", carol.address.lower(), int.from_bytes(NONCE, "big"))
    again = refusal(town.ledger.cancelAuthorization, *cancellation(town, carol, NONCE), sender=town.relay)
    assert again == refused


def test_a_small_nonce_can_be_cancelled_before_the_payment_comes(town: Town, carol: Any, bakery: Any) -> None:
    signed = town.payment(carol, bakery, 1, nonce=4)
    nonce = (4).to_bytes(32, "big")
    town.ledger.cancelAuthorization(*cancellation(town, carol, nonce), {"from": town.relay})
    assert town.refused_payment(signed) == ("NonceUsed", carol.address.lower(), 4)


def test_a_further_key_may_authorize_and_a_strangers_may_not(town: Town, carol: Any, bakery: Any) -> None:
    second = SigningKey("carol's second key", SECP256K1)
    arguments = authorization(town, second, bakery, 1, payer=carol.address)
    method = town.ledger.transferWithAuthorization
    assert refusal(method, *arguments, sender=town.relay) == ("BadSignature", carol.address.lower())
    town.ledger.addSigner(carol.address, second.address, SECP256K1, {"from": town.officers["REGISTRAR"]})
    assert refusal(method, *arguments, sender=town.relay) is None
