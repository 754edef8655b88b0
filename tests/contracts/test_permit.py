"""EIP-2612 permits, and that whatever moves by an allowance obeys the rules of a transfer on both sides."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import chain
from eth_abi import encode
from eth_utils import keccak
from ledger_fixture import RESIDENT, STOP_PAYMENTS, VERIFIED, LedgerFixture, refusal
from signing import P256, SECP256K1, SECP256K1_ORDER, SigningKey

PERMIT_TYPE = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
NO_END = 2**256 - 1


@pytest.fixture(scope="module")
def owner(onchain: LedgerFixture) -> Any:
    """A resident whose key is a plain Ethereum one, with 500 euros."""
    onchain.ledger.enrol(onchain.relay, RESIDENT, VERIFIED, 0, 0, {"from": onchain.officers["REGISTRAR"]})
    return onchain.person("owner", key_kind=SECP256K1, money=500_00)


def permit(
    onchain: LedgerFixture, owner: SigningKey, value: int, signer: SigningKey | None = None, **changed: Any
) -> tuple[Any, ...]:
    """The arguments of `permit`, signed."""
    spender = changed.get("spender", onchain.relay.address)
    nonce = changed.get("nonce", onchain.ledger.nonces(owner.address))
    deadline = changed.get("deadline", chain.time() + 3600)
    types = ["bytes32", "address", "address", "uint256", "uint256", "uint256"]
    values = [keccak(text=PERMIT_TYPE), owner.address, spender, value, nonce, deadline]
    v, r, s = (signer or owner).vrs(onchain.domain.digest(keccak(encode(types, values))))
    return owner.address, spender, value, deadline, v, r, s


def test_a_permit_is_an_approval_by_signature(onchain: LedgerFixture, owner: Any, bakery: Any) -> None:
    events = onchain.ledger.permit(*permit(onchain, owner, 30_00), {"from": onchain.stranger}).events
    approval = {"owner": owner.address, "spender": onchain.relay.address, "value": 30_00}
    assert events["Approval"] == approval
    assert (onchain.ledger.allowance(owner.address, onchain.relay), onchain.ledger.nonces(owner.address)) == (
        30_00,
        1,
    )
    onchain.ledger.transferFrom(owner.address, bakery.address, 20_00, {"from": onchain.relay})
    assert (onchain.balance(bakery), onchain.ledger.allowance(owner.address, onchain.relay)) == (20_00, 10_00)
    refused = refusal(onchain.ledger.transferFrom, owner.address, bakery.address, 10_01, sender=onchain.relay)
    assert refused is not None
    assert refused[0] == "ERC20InsufficientAllowance"


def test_nobody_at_all_is_permitted_nothing(onchain: LedgerFixture, owner: Any) -> None:
    nobody = "0x" + "00" * 20
    refused = refusal(onchain.ledger.permit, *permit(onchain, owner, 1, spender=nobody), sender=onchain.relay)
    assert refused == ("ERC20InvalidSpender", nobody)


def test_a_permit_is_used_once_and_in_order(onchain: LedgerFixture, owner: Any) -> None:
    arguments = permit(onchain, owner, 30_00)
    later = permit(onchain, owner, 40_00, nonce=1)
    bad = ("BadSignature", owner.address.lower())
    assert refusal(onchain.ledger.permit, *later, sender=onchain.relay) == bad
    onchain.ledger.permit(*arguments, {"from": onchain.relay})
    assert refusal(onchain.ledger.permit, *arguments, sender=onchain.relay) == bad
    assert refusal(onchain.ledger.permit, *later, sender=onchain.relay) is None


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_changed_permit_is_a_forgery(onchain: LedgerFixture, owner: Any, bob: Any, place: int) -> None:
    arguments = list(permit(onchain, owner, 30_00))
    arguments[place] = {0: bob.address, 1: onchain.stranger.address, 2: 30_01, 3: arguments[3] + 1}[place]
    refused = refusal(onchain.ledger.permit, *arguments, sender=onchain.relay)
    assert refused is not None
    assert refused[0] == "BadSignature"


def test_a_permit_has_an_end(onchain: LedgerFixture, owner: Any) -> None:
    past = chain[-1].timestamp - 1
    refused = refusal(onchain.ledger.permit, *permit(onchain, owner, 1, deadline=past), sender=onchain.relay)
    assert refused == ("Expired", past)


def test_the_high_half_of_s_and_nobodys_signature_are_refused(onchain: LedgerFixture, owner: Any) -> None:
    *head, v, r, s = permit(onchain, owner, 1)
    mirrored = (SECP256K1_ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")
    bad = ("BadSignature", owner.address.lower())
    assert refusal(onchain.ledger.permit, *head, 55 - v, r, mirrored, sender=onchain.relay) == bad
    assert refusal(onchain.ledger.permit, *head, 0, r, s, sender=onchain.relay) == bad
    nobody = ["0x" + "00" * 20, *head[1:]]
    assert refusal(onchain.ledger.permit, *nobody, 0, r, s, sender=onchain.relay) is not None


def test_only_the_owners_own_key_permits(onchain: LedgerFixture, owner: Any, bob: Any) -> None:
    """As `approve` does: further keys pay, they do not give allowances."""
    further = SigningKey("a further plain key", SECP256K1)
    registrar = {"from": onchain.officers["REGISTRAR"]}
    onchain.add_signer(owner, further, SECP256K1)
    arguments = permit(onchain, owner, 1, signer=further)
    assert refusal(onchain.ledger.permit, *arguments, sender=onchain.relay)[0] == "BadSignature"
    onchain.ledger.removeSigner(owner.address, owner.address, registrar)
    arguments = permit(onchain, owner, 1)
    assert refusal(onchain.ledger.permit, *arguments, sender=onchain.relay) == (
        "KeyRevoked",
        owner.address.lower(),
    )


@pytest.mark.parametrize(
    "state",
    [
        "stopped",
        "payer frozen",
        "payee frozen",
        "payee stranger",
        "payee expired",
        "too much",
        "own key gone",
    ],
)
def test_an_allowance_opens_no_way_around_a_rule(
    onchain: LedgerFixture, owner: Any, bakery: Any, state: str
) -> None:
    """transferFrom is refused exactly as the owner's own transfer would be."""
    ledger, payee, value = onchain.ledger, bakery.address, 1_00
    ledger.permit(*permit(onchain, owner, NO_END), {"from": onchain.relay})
    registrar = {"from": onchain.officers["REGISTRAR"]}
    if state == "stopped":
        onchain.stop(STOP_PAYMENTS)
    elif state == "payer frozen":
        onchain.freeze(owner, False, True)
    elif state == "payee frozen":
        onchain.freeze(bakery, True, False)
    elif state == "payee stranger":
        payee = SigningKey("nobody's", P256).address
    elif state == "payee expired":
        onchain.expire(bakery)
    elif state == "too much":
        value = 500_01
    else:
        ledger.removeSigner(owner.address, owner.address, registrar)
    own = refusal(ledger.transfer, payee, value, sender=owner.address)
    assert own is not None
    assert refusal(ledger.transferFrom, owner.address, payee, value, sender=onchain.relay) == own
    assert ledger.canTransfer(owner.address, payee, value) is False
