"""A suspended key signs nothing and objects to nothing; it comes back by itself, and no other replaces it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from brownie import accounts, chain
from ledger_fixture import DAY_S, GROUND, LedgerFixture, mine_at, refusal, skipped
from signing import P256, PASSKEY, SECP256K1, SigningKey

MAX_S = 90 * DAY_S
NOBODY = "0x" + "00" * 20
Refused = tuple[Any, ...] | None


def suspend(onchain: LedgerFixture, account: Any, key: Any, until: int | None = None) -> int:
    """The compliance officer does; the moment it ends."""
    until = until or chain.time() + DAY_S
    officer = {"from": onchain.officers["COMPLIANCE"]}
    onchain.ledger.suspendKey(account.address, key.address, until, GROUND, officer)
    return until


def release(onchain: LedgerFixture, account: Any) -> Any:
    return onchain.ledger.releaseKey(account.address, GROUND, {"from": onchain.officers["COMPLIANCE"]})


@pytest.fixture
def tablet(onchain: LedgerFixture, alice: Any) -> SigningKey:
    """A further key of alice with all her power."""
    key = SigningKey("alice's tablet", P256)
    onchain.add_signer(alice, key, P256)
    return key


def refused_veto(onchain: LedgerFixture, account: Any, key: SigningKey) -> Refused:
    number = onchain.ledger.recoveryOf(account.address)[0]
    envelope = key.sign(bytes(onchain.ledger.recoveryVetoDigest(account.address, number)))
    return refusal(onchain.ledger.vetoRecovery, account.address, number, envelope, sender=onchain.relay)


@pytest.mark.parametrize("whose", ["own", "further"])
def test_a_suspended_key_pays_no_more_and_the_others_do(
    onchain: LedgerFixture, alice: Any, bakery: Any, tablet: SigningKey, whose: str
) -> None:
    lost, other = (alice, tablet) if whose == "own" else (tablet, alice)
    until = suspend(onchain, alice, lost)
    assert onchain.ledger.suspendedKeyOf(alice.address) == (lost.address, until)
    bad = ("BadSignature", alice.address.lower())
    assert onchain.refused_payment(onchain.payment(alice, bakery, 1, signer=lost)) == bad
    assert onchain.refused_payment(onchain.payment(alice, bakery, 1, signer=other)) is None
    first = onchain.ledger.nextNonce(alice.address)
    batch = [
        onchain.payment(alice, bakery, 1, signer=key, nonce=first + place)
        for place, key in enumerate((lost, other))
    ]
    assert skipped(onchain.settle(batch)) == [(0, "BadSignature")]
    assert onchain.ledger.isSigner(alice.address, lost.address) is False
    assert onchain.ledger.isSigner(alice.address, other.address) is True


@pytest.mark.parametrize("kind", [SECP256K1, P256, PASSKEY])
def test_who_holds_the_lost_phone_cannot_object_while_it_is_suspended(
    onchain: LedgerFixture, kind: int
) -> None:
    owner = onchain.person(f"owner {kind}", key_kind=kind)
    new = SigningKey(f"a new phone {kind}", P256)
    registrar = {"from": onchain.officers["REGISTRAR"]}
    onchain.ledger.proposeRecovery(owner.address, new.address, P256, GROUND, registrar)
    assert refused_veto(onchain, owner, owner) is None
    suspend(onchain, owner, owner)
    assert refused_veto(onchain, owner, owner) == ("BadSignature", owner.address.lower())
    number, _, _, due = onchain.ledger.recoveryOf(owner.address)
    mine_at(due)
    onchain.ledger.executeRecovery(owner.address, number, {"from": onchain.relay})
    assert onchain.ledger.suspendedKeyOf(owner.address) == (NOBODY, 0)
    assert onchain.ledger.isSigner(owner.address, new.address) is True


def test_another_key_of_the_account_objects_still(
    onchain: LedgerFixture, alice: Any, tablet: SigningKey
) -> None:
    """What a stolen officer's key suspends is one: its account is not left without a word."""
    new = SigningKey("somebody's phone", P256)
    registrar = {"from": onchain.officers["REGISTRAR"]}
    onchain.ledger.proposeRecovery(alice.address, new.address, P256, GROUND, registrar)
    suspend(onchain, alice, alice)
    assert refused_veto(onchain, alice, tablet) is None


@pytest.fixture
def sender(onchain: LedgerFixture) -> Any:
    """A professional whose key the node has, and whom somebody has allowed to spend."""
    account = accounts[13]
    onchain.ledger.enrol(account, 2, 4, 0, 0, {"from": onchain.officers["REGISTRAR"]})
    onchain.fund(account, 100_00)
    onchain.ledger.approve(account, 10_00, {"from": account})
    return account


OWN_ACTS: dict[str, Callable[[LedgerFixture, Any, Any], Refused]] = {
    "transfer": lambda onchain, sender, to: refusal(onchain.ledger.transfer, to, 1, sender=sender),
    "approve": lambda onchain, sender, to: refusal(onchain.ledger.approve, to, 1, sender=sender),
    "allowed before": lambda onchain, sender, to: refusal(
        onchain.ledger.transferFrom, sender, to, 1, sender=onchain.relay
    ),
    "spends another's": lambda onchain, sender, to: refusal(
        onchain.ledger.transferFrom, onchain.relay, to, 1, sender=sender
    ),
}


@pytest.mark.parametrize("act", OWN_ACTS)
def test_what_the_own_key_sends_itself_is_refused_too(
    onchain: LedgerFixture, sender: Any, bakery: Any, act: str
) -> None:
    ledger, relay = onchain.ledger, onchain.relay
    ledger.enrol(relay, 1, 3, 0, 0, {"from": onchain.officers["REGISTRAR"]})
    onchain.fund(relay, 10_00)
    ledger.approve(relay, 5_00, {"from": sender})
    ledger.approve(sender, 5_00, {"from": relay})
    assert OWN_ACTS[act](onchain, sender, bakery.address) is None
    until = suspend(onchain, sender, sender)
    refused = OWN_ACTS[act](onchain, sender, bakery.address)
    assert refused == ("KeyOnHold", sender.address.lower(), until)
    assert ledger.canTransfer(sender, bakery.address, 1) is False
    assert ledger.allowance(sender, relay) == 0
    # Not dead as with a key that was taken away: it is the same key, and it comes back.
    release(onchain, sender)
    assert OWN_ACTS[act](onchain, sender, bakery.address) is None
    assert ledger.canTransfer(sender, bakery.address, 1) is True
    assert ledger.allowance(sender, relay) == 5_00


def test_a_suspended_owner_permits_nothing(onchain: LedgerFixture, alice: Any) -> None:
    until = suspend(onchain, alice, alice)
    arguments = (alice.address, onchain.relay, 1, chain.time() + 3600, 27, b"\1" * 32, b"\1" * 32)
    refused = refusal(onchain.ledger.permit, *arguments, sender=onchain.relay)
    assert refused == ("KeyOnHold", alice.address.lower(), until)


def test_it_is_over_at_its_end_without_a_transaction(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    until = suspend(onchain, alice, alice, chain.time() + 600)
    payment = onchain.payment(alice, bakery, 1, valid_before=until + 600)
    pay = onchain.ledger.pay
    mine_at(until - 1)
    refused = refusal(pay, *payment.arguments(), sender=onchain.relay, block="latest")
    assert refused == ("BadSignature", alice.address.lower())
    mine_at(until)
    assert refusal(pay, *payment.arguments(), sender=onchain.relay, block="latest") is None


def test_one_at_a_time_and_the_same_again_for_another_end(
    onchain: LedgerFixture, alice: Any, tablet: SigningKey
) -> None:
    now = chain[-1].timestamp
    suspend(onchain, alice, alice, now + DAY_S)
    officer, method = onchain.officers["COMPLIANCE"], onchain.ledger.suspendKey
    other = (alice.address, tablet.address, now + DAY_S, GROUND)
    assert refusal(method, *other, sender=officer) == ("InvalidSuspension", *map(_lower, other[:3]))
    assert suspend(onchain, alice, alice, now + 2 * DAY_S) == now + 2 * DAY_S
    mine_at(now + 2 * DAY_S)
    later = (alice.address, tablet.address, now + 3 * DAY_S, GROUND)
    assert refusal(method, *later, sender=officer, block="latest") is None


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def test_it_has_an_end_within_ninety_days(onchain: LedgerFixture, alice: Any) -> None:
    officer, method, now = onchain.officers["COMPLIANCE"], onchain.ledger.suspendKey, chain[-1].timestamp
    for until, is_refused in (
        (0, True),
        (now, True),
        (now + 1, False),
        (now + MAX_S, False),
        (now + MAX_S + 1, True),
    ):
        arguments = (alice.address, alice.address, until, GROUND)
        refused = refusal(method, *arguments, sender=officer, block="latest")
        expected = ("InvalidSuspension", alice.address.lower(), alice.address.lower(), until)
        assert refused == (expected if is_refused else None), until - now
    assert onchain.ledger.MAX_KEY_SUSPENSION() == MAX_S


def test_what_cannot_be_suspended_or_released(onchain: LedgerFixture, alice: Any) -> None:
    officer, ledger, until = onchain.officers["COMPLIANCE"], onchain.ledger, chain.time() + DAY_S
    stranger = onchain.stranger.address
    refused = refusal(ledger.suspendKey, stranger, stranger, until, GROUND, sender=officer)
    assert refused == ("NotMember", stranger.lower())
    refused = refusal(ledger.suspendKey, alice.address, NOBODY, until, GROUND, sender=officer)
    assert refused == ("InvalidSuspension", alice.address.lower(), NOBODY, until)
    refused = refusal(ledger.releaseKey, alice.address, GROUND, sender=officer)
    assert refused == ("InvalidSuspension", alice.address.lower(), NOBODY, 0)


def test_it_is_written_down(onchain: LedgerFixture, alice: Any) -> None:
    officer, until = {"from": onchain.officers["COMPLIANCE"]}, chain.time() + DAY_S
    said = onchain.ledger.suspendKey(alice.address, alice.address, until, GROUND, officer)
    ground = "0x" + GROUND.hex()
    ends = {"account": alice.address, "signer": alice.address, "groundHash": ground}
    assert said.events["KeySuspended"] == ends | {"until": until}
    assert release(onchain, alice).events["KeyReleased"] == ends


def test_a_suspended_key_can_be_taken_away(onchain: LedgerFixture, alice: Any, tablet: SigningKey) -> None:
    suspend(onchain, alice, tablet)
    onchain.ledger.removeSigner(alice.address, tablet.address, {"from": onchain.officers["REGISTRAR"]})
    release(onchain, alice)
    assert onchain.ledger.isSigner(alice.address, tablet.address) is False
