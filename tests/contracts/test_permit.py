"""EIP-2612 permits, and that whatever moves by an allowance obeys the rules of a transfer on both sides."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import chain
from eth_abi import encode
from eth_utils import keccak
from signing import P256, SECP256K1, SECP256K1_ORDER, SigningKey
from town import RESIDENT, STOP_PAYMENTS, VERIFIED, Town, refusal

PERMIT_TYPE = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
NO_END = 2**256 - 1


@pytest.fixture(scope="module")
def owner(town: Town) -> Any:
    """A resident whose key is a plain Ethereum one, with 500 euros."""
    return town.person("owner", key_kind=SECP256K1, money=500_00)


def permit(
    town: Town, owner: SigningKey, value: int, signer: SigningKey | None = None, **changed: Any
) -> tuple[Any, ...]:
    """The arguments of `permit`, signed."""
    spender = changed.get("spender", town.relay.address)
    nonce = changed.get("nonce", town.ledger.nonces(owner.address))
    deadline = changed.get("deadline", chain.time() + 3600)
    types = ["bytes32", "address", "address", "uint256", "uint256", "uint256"]
    values = [keccak(text=PERMIT_TYPE), owner.address, spender, value, nonce, deadline]
    v, r, s = (signer or owner).vrs(town.domain.digest(keccak(encode(types, values))))
    return owner.address, spender, value, deadline, v, r, s


def test_a_permit_is_an_approval_by_signature(town: Town, owner: Any, bakery: Any) -> None:
    events = town.ledger.permit(*permit(town, owner, 30_00), {"from": town.stranger}).events
    approval = {"owner": owner.address, "spender": town.relay.address, "value": 30_00}
    assert events["Approval"] == approval
    assert (town.ledger.allowance(owner.address, town.relay), town.ledger.nonces(owner.address)) == (30_00, 1)
    town.ledger.transferFrom(owner.address, bakery.address, 20_00, {"from": town.relay})
    assert (town.balance(bakery), town.ledger.allowance(owner.address, town.relay)) == (20_00, 10_00)
    refused = refusal(town.ledger.transferFrom, owner.address, bakery.address, 10_01, sender=town.relay)
    assert refused is not None
    assert refused[0] == "InsufficientAllowance"


def test_a_permit_is_used_once_and_in_order(town: Town, owner: Any) -> None:
    arguments = permit(town, owner, 30_00)
    later = permit(town, owner, 40_00, nonce=1)
    bad = ("BadSignature", owner.address.lower())
    assert refusal(town.ledger.permit, *later, sender=town.relay) == bad
    town.ledger.permit(*arguments, {"from": town.relay})
    assert refusal(town.ledger.permit, *arguments, sender=town.relay) == bad
    assert refusal(town.ledger.permit, *later, sender=town.relay) is None


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_changed_permit_is_a_forgery(town: Town, owner: Any, bob: Any, place: int) -> None:
    arguments = list(permit(town, owner, 30_00))
    arguments[place] = {0: bob.address, 1: town.stranger.address, 2: 30_01, 3: arguments[3] + 1}[place]
    refused = refusal(town.ledger.permit, *arguments, sender=town.relay)
    assert refused is not None
    assert refused[0] == "BadSignature"


def test_a_permit_has_an_end(town: Town, owner: Any) -> None:
    past = chain[-1].timestamp - 1
    refused = refusal(town.ledger.permit, *permit(town, owner, 1, deadline=past), sender=town.relay)
    assert refused == ("Expired", past)


def test_the_high_half_of_s_and_nobodys_signature_are_refused(town: Town, owner: Any) -> None:
    *head, v, r, s = permit(town, owner, 1)
    mirrored = (SECP256K1_ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")
    bad = ("BadSignature", owner.address.lower())
    assert refusal(town.ledger.permit, *head, 55 - v, r, mirrored, sender=town.relay) == bad
    assert refusal(town.ledger.permit, *head, 0, r, s, sender=town.relay) == bad
    nobody = ["0x" + "00" * 20, *head[1:]]
    assert refusal(town.ledger.permit, *nobody, 0, r, s, sender=town.relay) is not None


def test_only_the_owners_own_key_permits(town: Town, owner: Any, bob: Any) -> None:
    """As `approve` does: further keys pay, they do not give allowances."""
    further = SigningKey("a further plain key", SECP256K1)
    registrar = {"from": town.officers["REGISTRAR"]}
    town.ledger.addSigner(owner.address, further.address, SECP256K1, registrar)
    arguments = permit(town, owner, 1, signer=further)
    assert refusal(town.ledger.permit, *arguments, sender=town.relay)[0] == "BadSignature"
    town.ledger.removeSigner(owner.address, owner.address, registrar)
    arguments = permit(town, owner, 1)
    assert refusal(town.ledger.permit, *arguments, sender=town.relay) == (
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
def test_an_allowance_opens_no_way_around_a_rule(town: Town, owner: Any, bakery: Any, state: str) -> None:
    """transferFrom is refused exactly as the owner's own transfer would be."""
    ledger, payee, value = town.ledger, bakery.address, 1_00
    ledger.permit(*permit(town, owner, NO_END), {"from": town.relay})
    registrar = {"from": town.officers["REGISTRAR"]}
    if state == "stopped":
        town.stop(STOP_PAYMENTS)
    elif state == "payer frozen":
        town.freeze(owner, False, True)
    elif state == "payee frozen":
        town.freeze(bakery, True, False)
    elif state == "payee stranger":
        payee = SigningKey("nobody's", P256).address
    elif state == "payee expired":
        ledger.setMember(bakery.address, RESIDENT, VERIFIED, 0, 1, registrar)
    elif state == "too much":
        value = 500_01
    else:
        ledger.removeSigner(owner.address, owner.address, registrar)
    own = refusal(ledger.transfer, payee, value, sender=owner.address)
    assert own is not None
    assert refusal(ledger.transferFrom, owner.address, payee, value, sender=town.relay) == own
    assert ledger.canTransfer(owner.address, payee, value) is False
