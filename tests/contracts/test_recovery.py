"""Recovery: new keys for an account after a delay, unless a living key with full power objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from brownie import chain
from eth_abi import encode
from eth_utils import keccak
from ledger_fixture import DAY_S, GROUND, PROFESSIONAL, LedgerFixture, mine_at, refusal
from signing import KINDS, P256, PASSKEY, SECP256K1, SigningKey

DELAY_S = 60
LIFE_S = 30 * DAY_S
NOBODY = "0x" + "00" * 20
VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "vetoes.json"
VETO_TYPE = "RecoveryVeto(address account,uint256 number)"
MANY_KEYS = 12


@pytest.fixture(scope="module")
def new_phone() -> SigningKey:
    """The key of the telephone that comes after."""
    return SigningKey("a new telephone", P256)


def propose(onchain: LedgerFixture, person: Any, key: SigningKey) -> Any:
    """The registrar proposes the key as the account's only one."""
    registrar = {"from": onchain.officers["REGISTRAR"]}
    return onchain.ledger.proposeRecovery(person.address, key.address, key.kind, GROUND, registrar)


def number_of(transaction: Any) -> int:
    """The recovery's number from its event."""
    return int(transaction.events["RecoveryProposed"]["number"])


def veto(onchain: LedgerFixture, person: Any, number: int, key: SigningKey) -> tuple[Any, ...]:
    """The arguments of a veto signed by that key, hashed here and not by the ledger."""
    struct_hash = keccak(
        encode(["bytes32", "address", "uint256"], [keccak(text=VETO_TYPE), person.address, number])
    )
    return person.address, number, key.sign(onchain.domain.digest(struct_hash))


def recover(onchain: LedgerFixture, person: Any, key: SigningKey) -> Any:
    """A whole recovery; the transaction that executed it."""
    proposed = propose(onchain, person, key)
    mine_at(proposed.timestamp + DELAY_S)
    return onchain.ledger.executeRecovery(person.address, number_of(proposed), {"from": onchain.relay})


def test_the_money_stays_and_only_the_new_key_spends(
    onchain: LedgerFixture, alice: Any, bakery: Any, new_phone: Any
) -> None:
    tablet = SigningKey("alice's tablet", PASSKEY)
    onchain.add_signer(alice, tablet, PASSKEY)
    before = onchain.ledger.accountOf(alice.address)
    executed = recover(onchain, alice, new_phone)
    assert executed.events["RecoveryExecuted"] == {
        "account": alice.address,
        "number": 1,
        "newSigner": new_phone.address,
        "signerKind": P256,
    }
    assert "Transfer" not in executed.events
    assert onchain.ledger.accountOf(alice.address) == before
    for key in (alice, tablet):
        assert onchain.ledger.isSigner(alice.address, key.address) is False
        payment = onchain.payment(alice, bakery, 1_00, signer=key)
        assert onchain.refused_payment(payment) == ("BadSignature", alice.address.lower())
    onchain.pay(onchain.payment(alice, bakery, 1_00, signer=new_phone))
    assert onchain.balance(bakery) == 1_00


def test_a_limited_key_dies_with_the_others(
    onchain: LedgerFixture, alice: Any, bakery: Any, new_phone: Any
) -> None:
    child = SigningKey("alice's child", P256)
    onchain.add_limited_signer(alice, child, P256, 5_00, 0, 0)
    assert onchain.refused_payment(onchain.payment(alice, bakery, 1, signer=child)) is None
    recover(onchain, alice, new_phone)
    assert onchain.ledger.isSigner(alice.address, child.address) is False
    refused = onchain.refused_payment(onchain.payment(alice, bakery, 1, signer=child))
    assert refused == ("BadSignature", alice.address.lower())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_key_takes_over(onchain: LedgerFixture, alice: Any, bakery: Any, kind: int) -> None:
    key = SigningKey("taking over", kind)
    recover(onchain, alice, key)
    assert onchain.refused_payment(onchain.payment(alice, bakery, 1, signer=key)) is None
    other = SigningKey("taking over", PASSKEY if kind != PASSKEY else P256)
    assert onchain.refused_payment(onchain.payment(alice, bakery, 1, signer=other)) is not None


def test_a_payment_signed_before_dies_with_its_key(
    onchain: LedgerFixture, alice: Any, bakery: Any, new_phone: Any
) -> None:
    signed = onchain.payment(alice, bakery, 1_00, valid_before=chain.time() + 10 * DAY_S)
    recover(onchain, alice, new_phone)
    assert onchain.refused_payment(signed) == ("BadSignature", alice.address.lower())


def test_transfers_and_allowances_of_the_old_key_die(
    onchain: LedgerFixture, bakery: Any, new_phone: Any
) -> None:
    owner = onchain.person("owner of a plain account", key_kind=SECP256K1, money=10_00)
    recover(onchain, owner, new_phone)
    refused = ("KeyRevoked", owner.address.lower())
    assert refusal(onchain.ledger.transfer, bakery.address, 1, sender=owner.address) == refused
    assert refusal(onchain.ledger.approve, onchain.relay, 1, sender=owner.address) == refused
    assert onchain.ledger.canTransfer(owner.address, bakery.address, 1) is False


def test_the_proposal_can_be_read_and_says_when(onchain: LedgerFixture, alice: Any, new_phone: Any) -> None:
    transaction = propose(onchain, alice, new_phone)
    event = transaction.events["RecoveryProposed"]
    due = transaction.timestamp + DELAY_S
    assert (event["account"], event["newSigner"], event["executableAt"]) == (
        alice.address,
        new_phone.address,
        due,
    )
    assert str(event["groundHash"]) == "0x" + GROUND.hex()
    assert onchain.ledger.recoveryOf(alice.address) == (event["number"], new_phone.address, P256, due)


def test_it_waits_for_its_delay_and_lapses(onchain: LedgerFixture, alice: Any, new_phone: Any) -> None:
    proposed = propose(onchain, alice, new_phone)
    number, due = number_of(proposed), proposed.timestamp + DELAY_S
    execute = onchain.ledger.executeRecovery
    mine_at(due - 2)
    assert refusal(execute, alice.address, number, sender=onchain.relay) == (
        "RecoveryNotDue",
        alice.address.lower(),
        due,
    )
    mine_at(due)
    assert refusal(execute, alice.address, number, sender=onchain.relay) is None
    mine_at(due + LIFE_S)
    assert refusal(execute, alice.address, number, sender=onchain.relay) == (
        "RecoveryLapsed",
        alice.address.lower(),
        due + LIFE_S,
    )
    assert propose(onchain, alice, new_phone).events["RecoveryProposed"]["number"] == number + 1


def test_a_changed_delay_is_for_later_proposals(onchain: LedgerFixture, alice: Any, new_phone: Any) -> None:
    proposed = propose(onchain, alice, new_phone)
    onchain.safeguard(recovery_delay=0)
    refused = refusal(
        onchain.ledger.executeRecovery, alice.address, number_of(proposed), sender=onchain.relay
    )
    assert refused is not None
    assert refused[0] == "RecoveryNotDue"


@pytest.mark.parametrize("who", ["own key", "further key"])
def test_a_key_with_full_power_objects(onchain: LedgerFixture, alice: Any, new_phone: Any, who: str) -> None:
    tablet = SigningKey("alice's second tablet", PASSKEY)
    onchain.add_signer(alice, tablet, PASSKEY)
    number = number_of(propose(onchain, alice, new_phone))
    arguments = veto(onchain, alice, number, alice if who == "own key" else tablet)
    transaction = onchain.ledger.vetoRecovery(*arguments, {"from": onchain.stranger})
    assert transaction.events["RecoveryVetoed"] == {"account": alice.address, "number": number}
    assert onchain.ledger.recoveryOf(alice.address) == (0, NOBODY, 0, 0)
    mine_at(transaction.timestamp + DELAY_S)
    refused = refusal(onchain.ledger.executeRecovery, alice.address, number, sender=onchain.relay)
    assert refused == ("RecoveryNotPending", alice.address.lower(), number)


def test_nobody_else_objects(onchain: LedgerFixture, alice: Any, bob: Any, new_phone: Any) -> None:
    tablet = SigningKey("a revoked tablet", P256)
    registrar = {"from": onchain.officers["REGISTRAR"]}
    onchain.add_signer(alice, tablet, P256)
    onchain.ledger.removeSigner(alice.address, tablet.address, registrar)
    number = number_of(propose(onchain, alice, new_phone))
    for key in (bob, new_phone, tablet):
        refused = refusal(
            onchain.ledger.vetoRecovery, *veto(onchain, alice, number, key), sender=onchain.relay
        )
        assert refused == ("BadSignature", alice.address.lower())


def test_what_is_signed_against_a_recovery_is_that_of_the_golden_vectors(onchain: LedgerFixture) -> None:
    for vector in json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]:
        account, number = vector["message"]["account"], int(vector["message"]["number"])
        digest = onchain.ledger.recoveryVetoDigest(account, number)
        assert bytes(digest) == onchain.domain.digest(bytes.fromhex(vector["struct_hash"][2:]))


def test_a_veto_is_for_one_recovery(onchain: LedgerFixture, alice: Any, new_phone: Any) -> None:
    """Signed once, it does not stop the next proposal, which may be the true one."""
    number = number_of(propose(onchain, alice, new_phone))
    first = veto(onchain, alice, number, alice)
    onchain.ledger.vetoRecovery(*first, {"from": onchain.relay})
    second = number_of(propose(onchain, alice, new_phone))
    assert refusal(onchain.ledger.vetoRecovery, *first, sender=onchain.relay)[0] == "RecoveryNotPending"
    assert refusal(onchain.ledger.vetoRecovery, alice.address, second, first[2], sender=onchain.relay)[0] == (
        "BadSignature"
    )


@pytest.mark.parametrize(("role", "function"), [("REGISTRAR", "cancelRecovery"), ("PAUSER", "haltRecovery")])
def test_two_officers_can_call_it_off(
    onchain: LedgerFixture, alice: Any, new_phone: Any, role: str, function: str
) -> None:
    number = number_of(propose(onchain, alice, new_phone))
    officer = onchain.officers[role]
    event = getattr(onchain.ledger, function)(alice.address, number, GROUND, {"from": officer}).events
    assert event["RecoveryCanceled"]["officer"] == officer
    assert onchain.ledger.recoveryOf(alice.address)[0] == 0


def test_one_proposal_at_a_time(onchain: LedgerFixture, alice: Any, bob: Any, new_phone: Any) -> None:
    number = number_of(propose(onchain, alice, new_phone))
    arguments = (alice.address, SigningKey("another", P256).address, P256, GROUND)
    refused = refusal(onchain.ledger.proposeRecovery, *arguments, sender=onchain.officers["REGISTRAR"])
    assert refused == ("RecoveryPending", alice.address.lower(), number)
    assert number_of(propose(onchain, bob, new_phone)) == number + 1


@pytest.mark.parametrize("wrong", ["stranger", "own key", "no key", "no kind"])
def test_what_cannot_be_proposed(onchain: LedgerFixture, alice: Any, new_phone: Any, wrong: str) -> None:
    account, signer, kind = alice.address, new_phone.address, P256
    expected = "InvalidSigner"
    if wrong == "stranger":
        account, expected = onchain.stranger.address, "NotMember"
    elif wrong == "own key":
        signer = alice.address
    elif wrong == "no key":
        signer = NOBODY
    else:
        kind = 4
    refused = refusal(
        onchain.ledger.proposeRecovery, account, signer, kind, GROUND, sender=onchain.officers["REGISTRAR"]
    )
    assert refused is not None
    assert refused[0] == expected


def test_nothing_is_recovered_twice_or_out_of_nothing(
    onchain: LedgerFixture, alice: Any, new_phone: Any
) -> None:
    recover(onchain, alice, new_phone)
    for number in (0, 1, 2):
        refused = refusal(onchain.ledger.executeRecovery, alice.address, number, sender=onchain.relay)
        assert refused == ("RecoveryNotPending", alice.address.lower(), number)


def test_an_account_is_recovered_again_and_again(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    keys = [SigningKey(f"telephone {place}", P256) for place in range(3)]
    for key in keys:
        recover(onchain, alice, key)
    for key in keys[:-1]:
        assert onchain.ledger.isSigner(alice.address, key.address) is False
    assert onchain.refused_payment(onchain.payment(alice, bakery, 1, signer=keys[-1])) is None
    assert recover(onchain, alice, keys[0]).status == 1
    assert onchain.refused_payment(onchain.payment(alice, bakery, 1, signer=keys[0])) is None
    assert onchain.refused_payment(onchain.payment(alice, bakery, 1, signer=keys[-1])) is not None


def test_the_cost_does_not_grow_with_the_keys(onchain: LedgerFixture, new_phone: Any) -> None:
    few, many = onchain.shop("few keys"), onchain.shop("many keys")
    for place in range(MANY_KEYS):
        key = SigningKey(f"key {place}", P256)
        onchain.add_signer(many, key, P256)
    cost = [recover(onchain, person, new_phone).gas_used for person in (few, many)]
    assert abs(cost[1] - cost[0]) < 100, cost


def test_freezes_and_membership_stay(onchain: LedgerFixture, new_phone: Any) -> None:
    shop = onchain.shop("a frozen shop", money=5_00)
    onchain.freeze(shop, False, True)
    recover(onchain, shop, new_phone)
    account = onchain.ledger.accountOf(shop.address)
    assert (account["frozenOut"], account["tier"], account["balance"]) == (True, PROFESSIONAL, 5_00)
