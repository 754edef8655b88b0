"""EIP-3009, and that no signature works outside the context it was made for."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import chain
from eth_abi import encode
from eth_utils import keccak
from ledger_fixture import LedgerFixture, Signed, refusal
from signing import SECP256K1, SigningKey

TRANSFER = "TransferWithAuthorization"
RECEIVE = "ReceiveWithAuthorization"
MEMBERS = "(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
TYPES = ["address", "address", "uint256", "uint256", "uint256", "bytes32"]
NONCE = keccak(text="a random nonce, as the standard suggests")


@pytest.fixture(scope="module")
def carol(onchain: LedgerFixture) -> SigningKey:
    """A verified resident with a secp256k1 key and 100 euros."""
    return onchain.person("carol", key_kind=SECP256K1, money=100_00)


@pytest.fixture(scope="module")
def bakery_account(onchain: LedgerFixture) -> Any:
    """A merchant whose key the node holds, to call receiveWithAuthorization itself."""
    from brownie import accounts

    onchain.ledger.enrol(accounts[10], 2, 4, 0, 0, {"from": onchain.officers["REGISTRAR"]})
    return accounts[10]


def authorization(
    onchain: LedgerFixture, key: SigningKey, payee: Any, value: int, type_name: str = TRANSFER, **changed: Any
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
    return (*values, *key.vrs(onchain.domain.digest(struct_hash)))


def cancellation(onchain: LedgerFixture, key: SigningKey, nonce: bytes) -> tuple[Any, ...]:
    """The five arguments of a cancellation."""
    type_hash = keccak(text="CancelAuthorization(address authorizer,bytes32 nonce)")
    struct_hash = keccak(encode(["bytes32", "address", "bytes32"], [type_hash, key.address, nonce]))
    return (key.address, nonce, *key.vrs(onchain.domain.digest(struct_hash)))


def test_an_authorization_moves_money_once(onchain: LedgerFixture, carol: Any, bakery: Any) -> None:
    arguments = authorization(onchain, carol, bakery, 12_50)
    transaction = onchain.ledger.transferWithAuthorization(*arguments, {"from": onchain.relay})
    assert transaction.events["AuthorizationUsed"] == {
        "authorizer": carol.address,
        "nonce": "0x" + NONCE.hex(),
    }
    assert transaction.events["Transfer"]["value"] == 12_50
    assert onchain.balance(bakery) == 12_50
    assert onchain.ledger.authorizationState(carol.address, NONCE) is True
    refused = refusal(onchain.ledger.transferWithAuthorization, *arguments, sender=onchain.relay)
    assert refused == ("NonceUsed", carol.address.lower(), int.from_bytes(NONCE, "big"))


def test_an_authorization_obeys_the_rules_of_a_payment(
    onchain: LedgerFixture, carol: Any, bakery: Any
) -> None:
    method = onchain.ledger.transferWithAuthorization
    too_much = authorization(onchain, carol, bakery, 100_01)
    refused = refusal(method, *too_much, sender=onchain.relay)
    assert refused == ("ERC20InsufficientBalance", carol.address.lower(), 100_00, 100_01)
    onchain.freeze(carol, False, True)
    refused = refusal(method, *authorization(onchain, carol, bakery, 1), sender=onchain.relay)
    assert refused == ("FrozenOutgoing", carol.address.lower())


def test_an_authorization_has_a_beginning_and_an_end(onchain: LedgerFixture, carol: Any, bakery: Any) -> None:
    method, now = onchain.ledger.transferWithAuthorization, chain.time()
    early = authorization(onchain, carol, bakery, 1, valid_after=now + 1000)
    assert refusal(method, *early, sender=onchain.relay) == ("NotYetValid", now + 1000)
    late = authorization(onchain, carol, bakery, 1, valid_before=now - 1000)
    assert refusal(method, *late, sender=onchain.relay) == ("Expired", now - 1000)


@pytest.mark.parametrize("position", [1, 2, 3, 4, 5, 6, 7, 8])
def test_a_changed_authorization_is_a_forgery(
    onchain: LedgerFixture, carol: Any, bakery: Any, position: int
) -> None:
    arguments = list(authorization(onchain, carol, bakery, 12_50))
    changes: dict[int, Any] = {
        1: onchain.stranger.address,
        2: 12_51,
        3: 1,
        4: 2**40,
        5: keccak(text="another nonce"),
        6: 55 - arguments[6],
        7: keccak(text="another r"),
        8: keccak(text="another s"),
    }
    arguments[position] = changes[position]
    refused = refusal(onchain.ledger.transferWithAuthorization, *arguments, sender=onchain.relay)
    assert refused == ("BadSignature", carol.address.lower())


def test_only_the_payee_collects_a_receive_authorization(
    onchain: LedgerFixture, carol: Any, bakery_account: Any
) -> None:
    arguments = authorization(onchain, carol, bakery_account, 12_50, RECEIVE)
    method = onchain.ledger.receiveWithAuthorization
    refused = refusal(method, *arguments, sender=onchain.relay)
    assert refused == ("CallerNotPayee", onchain.relay.address.lower(), bakery_account.address.lower())
    method(*arguments, {"from": bakery_account})
    assert onchain.balance(bakery_account) == 12_50


def test_no_signature_works_in_another_context(
    onchain: LedgerFixture, carol: Any, bakery: Any, bakery_account: Any
) -> None:
    """A third party cannot strip a payment of its reference, nor turn a receipt into a transfer."""
    refused = ("BadSignature", carol.address.lower())
    received = authorization(onchain, carol, bakery_account, 1, RECEIVE)
    assert refusal(onchain.ledger.transferWithAuthorization, *received, sender=onchain.relay) == refused
    transferred = authorization(onchain, carol, bakery_account, 1, TRANSFER)
    assert refusal(onchain.ledger.receiveWithAuthorization, *transferred, sender=bakery_account) == refused

    payment = onchain.payment(carol, bakery, 12_50)
    message, envelope = payment.message, payment.envelope
    nonce = message.nonce.to_bytes(32, "big")
    bare = (message.payer, message.payee, message.value, 0, message.valid_before, nonce)
    vrs = (envelope[65], envelope[1:33], envelope[33:65])
    assert refusal(onchain.ledger.transferWithAuthorization, *bare, *vrs, sender=onchain.stranger) == refused
    assert (
        refusal(onchain.ledger.cancelAuthorization, message.payer, nonce, *vrs, sender=onchain.stranger)
        == refused
    )
    v, r, s = transferred[6:]
    as_payment = Signed(message, b"\x01" + r + s + bytes([v]))
    assert onchain.refused_payment(as_payment) == refused


def test_a_cancelled_nonce_is_used_up(onchain: LedgerFixture, carol: Any, bakery: Any) -> None:
    transaction = onchain.ledger.cancelAuthorization(
        *cancellation(onchain, carol, NONCE), {"from": onchain.relay}
    )
    assert transaction.events["AuthorizationCanceled"]["authorizer"] == carol.address
    refused = refusal(
        onchain.ledger.transferWithAuthorization,
        *authorization(onchain, carol, bakery, 1),
        sender=onchain.relay,
    )
    assert refused == ("NonceUsed", carol.address.lower(), int.from_bytes(NONCE, "big"))
    again = refusal(
        onchain.ledger.cancelAuthorization, *cancellation(onchain, carol, NONCE), sender=onchain.relay
    )
    assert again == refused


def test_a_small_nonce_can_be_cancelled_before_the_payment_comes(
    onchain: LedgerFixture, carol: Any, bakery: Any
) -> None:
    signed = onchain.payment(carol, bakery, 1, nonce=4)
    nonce = (4).to_bytes(32, "big")
    onchain.ledger.cancelAuthorization(*cancellation(onchain, carol, nonce), {"from": onchain.relay})
    assert onchain.refused_payment(signed) == ("NonceUsed", carol.address.lower(), 4)


def test_a_further_key_may_authorize_and_a_strangers_may_not(
    onchain: LedgerFixture, carol: Any, bakery: Any
) -> None:
    second = SigningKey("carol's second key", SECP256K1)
    arguments = authorization(onchain, second, bakery, 1, payer=carol.address)
    method = onchain.ledger.transferWithAuthorization
    assert refusal(method, *arguments, sender=onchain.relay) == ("BadSignature", carol.address.lower())
    onchain.add_signer(carol, second, SECP256K1)
    assert refusal(method, *arguments, sender=onchain.relay) is None
