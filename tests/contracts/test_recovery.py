"""Recovery: new keys for an account after a delay, unless one of its living keys objects."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import chain
from eth_abi import encode
from eth_utils import keccak
from signing import KINDS, P256, PASSKEY, SECP256K1, SigningKey
from town import DAY_S, GROUND, PROFESSIONAL, Town, mine_at, refusal

DELAY_S = 60
LIFE_S = 30 * DAY_S
NOBODY = "0x" + "00" * 20
VETO_TYPE = "RecoveryVeto(address account,uint256 number)"
MANY_KEYS = 12


@pytest.fixture(scope="module")
def new_phone() -> SigningKey:
    """The key of the telephone that comes after."""
    return SigningKey("a new telephone", P256)


def propose(town: Town, person: Any, key: SigningKey) -> Any:
    """The registrar proposes the key as the account's only one."""
    registrar = {"from": town.officers["REGISTRAR"]}
    return town.ledger.proposeRecovery(person.address, key.address, key.kind, GROUND, registrar)


def number_of(transaction: Any) -> int:
    """The recovery's number from its event."""
    return int(transaction.events["RecoveryProposed"]["number"])


def veto(town: Town, person: Any, number: int, key: SigningKey) -> tuple[Any, ...]:
    """The arguments of a veto signed by that key, hashed here and not by the ledger."""
    struct_hash = keccak(
        encode(["bytes32", "address", "uint256"], [keccak(text=VETO_TYPE), person.address, number])
    )
    return person.address, number, key.sign(town.domain.digest(struct_hash))


def recover(town: Town, person: Any, key: SigningKey) -> Any:
    """A whole recovery; the transaction that executed it."""
    proposed = propose(town, person, key)
    mine_at(proposed.timestamp + DELAY_S)
    return town.ledger.executeRecovery(person.address, number_of(proposed), {"from": town.relay})


def test_the_money_stays_and_only_the_new_key_spends(
    town: Town, alice: Any, bakery: Any, new_phone: Any
) -> None:
    tablet = SigningKey("alice's tablet", PASSKEY)
    town.ledger.addSigner(alice.address, tablet.address, PASSKEY, {"from": town.officers["REGISTRAR"]})
    before = town.ledger.accountOf(alice.address)
    executed = recover(town, alice, new_phone)
    assert executed.events["RecoveryExecuted"] == {
        "account": alice.address,
        "number": 1,
        "newSigner": new_phone.address,
        "signerKind": P256,
    }
    assert "Transfer" not in executed.events
    assert town.ledger.accountOf(alice.address) == before
    for key in (alice, tablet):
        assert town.ledger.isSigner(alice.address, key.address) is False
        payment = town.payment(alice, bakery, 1_00, signer=key)
        assert town.refused_payment(payment) == ("BadSignature", alice.address.lower())
    town.pay(town.payment(alice, bakery, 1_00, signer=new_phone))
    assert town.balance(bakery) == 1_00


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_key_takes_over(town: Town, alice: Any, bakery: Any, kind: int) -> None:
    key = SigningKey("taking over", kind)
    recover(town, alice, key)
    assert town.refused_payment(town.payment(alice, bakery, 1, signer=key)) is None
    other = SigningKey("taking over", PASSKEY if kind != PASSKEY else P256)
    assert town.refused_payment(town.payment(alice, bakery, 1, signer=other)) is not None


def test_a_payment_signed_before_dies_with_its_key(
    town: Town, alice: Any, bakery: Any, new_phone: Any
) -> None:
    signed = town.payment(alice, bakery, 1_00, valid_before=chain.time() + 10 * DAY_S)
    recover(town, alice, new_phone)
    assert town.refused_payment(signed) == ("BadSignature", alice.address.lower())


def test_transfers_and_allowances_of_the_old_key_die(town: Town, bakery: Any, new_phone: Any) -> None:
    owner = town.person("owner of a plain account", key_kind=SECP256K1, money=10_00)
    recover(town, owner, new_phone)
    refused = ("KeyRevoked", owner.address.lower())
    assert refusal(town.ledger.transfer, bakery.address, 1, sender=owner.address) == refused
    assert refusal(town.ledger.approve, town.relay, 1, sender=owner.address) == refused
    assert town.ledger.canTransfer(owner.address, bakery.address, 1) is False


def test_the_proposal_can_be_read_and_says_when(town: Town, alice: Any, new_phone: Any) -> None:
    transaction = propose(town, alice, new_phone)
    event = transaction.events["RecoveryProposed"]
    due = transaction.timestamp + DELAY_S
    assert (event["account"], event["newSigner"], event["executableAt"]) == (
        alice.address,
        new_phone.address,
        due,
    )
    assert str(event["groundHash"]) == "0x" + GROUND.hex()
    assert town.ledger.recoveryOf(alice.address) == (event["number"], new_phone.address, P256, due)


def test_it_waits_for_its_delay_and_lapses(town: Town, alice: Any, new_phone: Any) -> None:
    proposed = propose(town, alice, new_phone)
    number, due = number_of(proposed), proposed.timestamp + DELAY_S
    execute = town.ledger.executeRecovery
    mine_at(due - 2)
    assert refusal(execute, alice.address, number, sender=town.relay) == (
        "RecoveryNotDue",
        alice.address.lower(),
        due,
    )
    mine_at(due)
    assert refusal(execute, alice.address, number, sender=town.relay) is None
    mine_at(due + LIFE_S)
    assert refusal(execute, alice.address, number, sender=town.relay) == (
        "RecoveryLapsed",
        alice.address.lower(),
        due + LIFE_S,
    )
    assert propose(town, alice, new_phone).events["RecoveryProposed"]["number"] == number + 1


def test_a_changed_delay_is_for_later_proposals(town: Town, alice: Any, new_phone: Any) -> None:
    proposed = propose(town, alice, new_phone)
    town.safeguard(recovery_delay=0)
    refused = refusal(town.ledger.executeRecovery, alice.address, number_of(proposed), sender=town.relay)
    assert refused is not None
    assert refused[0] == "RecoveryNotDue"


@pytest.mark.parametrize("who", ["own key", "further key"])
def test_any_living_key_objects(town: Town, alice: Any, new_phone: Any, who: str) -> None:
    tablet = SigningKey("alice's second tablet", PASSKEY)
    town.ledger.addSigner(alice.address, tablet.address, PASSKEY, {"from": town.officers["REGISTRAR"]})
    number = number_of(propose(town, alice, new_phone))
    arguments = veto(town, alice, number, alice if who == "own key" else tablet)
    transaction = town.ledger.vetoRecovery(*arguments, {"from": town.stranger})
    assert transaction.events["RecoveryVetoed"] == {"account": alice.address, "number": number}
    assert town.ledger.recoveryOf(alice.address) == (0, NOBODY, 0, 0)
    mine_at(transaction.timestamp + DELAY_S)
    refused = refusal(town.ledger.executeRecovery, alice.address, number, sender=town.relay)
    assert refused == ("RecoveryNotPending", alice.address.lower(), number)


def test_nobody_else_objects(town: Town, alice: Any, bob: Any, new_phone: Any) -> None:
    tablet = SigningKey("a revoked tablet", P256)
    registrar = {"from": town.officers["REGISTRAR"]}
    town.ledger.addSigner(alice.address, tablet.address, P256, registrar)
    town.ledger.removeSigner(alice.address, tablet.address, registrar)
    number = number_of(propose(town, alice, new_phone))
    for key in (bob, new_phone, tablet):
        refused = refusal(town.ledger.vetoRecovery, *veto(town, alice, number, key), sender=town.relay)
        assert refused == ("BadSignature", alice.address.lower())


def test_a_veto_is_for_one_recovery(town: Town, alice: Any, new_phone: Any) -> None:
    """Signed once, it does not stop the next proposal, which may be the true one."""
    number = number_of(propose(town, alice, new_phone))
    first = veto(town, alice, number, alice)
    town.ledger.vetoRecovery(*first, {"from": town.relay})
    second = number_of(propose(town, alice, new_phone))
    assert refusal(town.ledger.vetoRecovery, *first, sender=town.relay)[0] == "RecoveryNotPending"
    assert refusal(town.ledger.vetoRecovery, alice.address, second, first[2], sender=town.relay)[0] == (
        "BadSignature"
    )


@pytest.mark.parametrize(("role", "function"), [("REGISTRAR", "cancelRecovery"), ("PAUSER", "haltRecovery")])
def test_two_officers_can_call_it_off(
    town: Town, alice: Any, new_phone: Any, role: str, function: str
) -> None:
    number = number_of(propose(town, alice, new_phone))
    officer = town.officers[role]
    event = getattr(town.ledger, function)(alice.address, number, GROUND, {"from": officer}).events
    assert event["RecoveryCanceled"]["officer"] == officer
    assert town.ledger.recoveryOf(alice.address)[0] == 0


def test_one_proposal_at_a_time(town: Town, alice: Any, bob: Any, new_phone: Any) -> None:
    number = number_of(propose(town, alice, new_phone))
    arguments = (alice.address, SigningKey("another", P256).address, P256, GROUND)
    refused = refusal(town.ledger.proposeRecovery, *arguments, sender=town.officers["REGISTRAR"])
    assert refused == ("RecoveryPending", alice.address.lower(), number)
    assert number_of(propose(town, bob, new_phone)) == number + 1


@pytest.mark.parametrize("wrong", ["stranger", "own key", "no key", "no kind"])
def test_what_cannot_be_proposed(town: Town, alice: Any, new_phone: Any, wrong: str) -> None:
    account, signer, kind = alice.address, new_phone.address, P256
    expected = "InvalidSigner"
    if wrong == "stranger":
        account, expected = town.stranger.address, "NotMember"
    elif wrong == "own key":
        signer = alice.address
    elif wrong == "no key":
        signer = NOBODY
    else:
        kind = 4
    refused = refusal(
        town.ledger.proposeRecovery, account, signer, kind, GROUND, sender=town.officers["REGISTRAR"]
    )
    assert refused is not None
    assert refused[0] == expected


def test_nothing_is_recovered_twice_or_out_of_nothing(town: Town, alice: Any, new_phone: Any) -> None:
    recover(town, alice, new_phone)
    for number in (0, 1, 2):
        refused = refusal(town.ledger.executeRecovery, alice.address, number, sender=town.relay)
        assert refused == ("RecoveryNotPending", alice.address.lower(), number)


def test_an_account_is_recovered_again_and_again(town: Town, alice: Any, bakery: Any) -> None:
    keys = [SigningKey(f"telephone {place}", P256) for place in range(3)]
    for key in keys:
        recover(town, alice, key)
    for key in keys[:-1]:
        assert town.ledger.isSigner(alice.address, key.address) is False
    assert town.refused_payment(town.payment(alice, bakery, 1, signer=keys[-1])) is None
    assert recover(town, alice, keys[0]).status == 1
    assert town.refused_payment(town.payment(alice, bakery, 1, signer=keys[0])) is None
    assert town.refused_payment(town.payment(alice, bakery, 1, signer=keys[-1])) is not None


def test_the_cost_does_not_grow_with_the_keys(town: Town, new_phone: Any) -> None:
    few, many = town.shop("few keys"), town.shop("many keys")
    for place in range(MANY_KEYS):
        key = SigningKey(f"key {place}", P256)
        registrar = {"from": town.officers["REGISTRAR"]}
        town.ledger.addSigner(many.address, key.address, P256, registrar)
    cost = [recover(town, person, new_phone).gas_used for person in (few, many)]
    assert abs(cost[1] - cost[0]) < 100, cost


def test_freezes_and_membership_stay(town: Town, new_phone: Any) -> None:
    shop = town.shop("a frozen shop", money=5_00)
    town.freeze(shop, False, True)
    recover(town, shop, new_phone)
    account = town.ledger.accountOf(shop.address)
    assert (account["frozenOut"], account["tier"], account["balance"]) == (True, PROFESSIONAL, 5_00)
