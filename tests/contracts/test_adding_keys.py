"""A key is added on the account's own word: the registrar's key alone spends from nobody's account."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import chain
from ledger_fixture import LedgerFixture, Signed, mine_at, refusal, skipped
from signing import KINDS, P256, PASSKEY, SECP256K1, SigningKey

GROUND = bytes(31) + b"\x01"


@pytest.fixture
def thief() -> SigningKey:
    """A key of whoever holds the registrar's."""
    return SigningKey("a key of the registrar's thief", P256)


def full(onchain: LedgerFixture, signed: Signed) -> tuple[Any, ...] | None:
    """Why `addSigner` would refuse, or None."""
    arguments = (*signed.message.unlimited(), signed.envelope)
    return refusal(onchain.ledger.addSigner, *arguments, sender=onchain.officers["REGISTRAR"])


def limited(onchain: LedgerFixture, signed: Signed) -> tuple[Any, ...] | None:
    """Why `addLimitedSigner` would refuse, or None."""
    arguments = (*signed.message.fields(), signed.envelope)
    return refusal(onchain.ledger.addLimitedSigner, *arguments, sender=onchain.officers["REGISTRAR"])


def test_a_registrar_adds_no_key_of_its_own(
    onchain: LedgerFixture, alice: Any, bob: Any, thief: SigningKey
) -> None:
    bad = ("BadSignature", alice.address.lower())
    for by in (thief, bob):
        assert full(onchain, onchain.addition(alice, thief, P256, by=by)) == bad
        assert limited(onchain, onchain.addition(alice, thief, P256, (1, 0, 0), by=by)) == bad
    for nothing in (b"", bytes(66), bytes([P256]) + bytes(128)):
        signed = onchain.addition(alice, thief, P256)
        assert full(onchain, Signed(signed.message, nothing)) == bad
        signed = onchain.addition(alice, thief, P256, (1, 0, 0))
        assert limited(onchain, Signed(signed.message, nothing)) == bad


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_of_any_kind_says_yes(onchain: LedgerFixture, bakery: Any, kind: int) -> None:
    person = onchain.person(f"who adds a key, {kind}", key_kind=kind, money=5_00)
    tablet = SigningKey("a tablet", P256)
    onchain.add_signer(person, tablet, P256)
    onchain.pay(onchain.payment(person, bakery, 1_00, signer=tablet))
    # What was added may add in its turn.
    second = SigningKey("a second tablet", SECP256K1)
    onchain.add_signer(person, second, SECP256K1, by=tablet)
    assert onchain.ledger.isSigner(person.address, second.address) is True


@pytest.mark.parametrize(
    "changed",
    [{"kind": PASSKEY}, {"signer": "0x" + "77" * 20}, {"valid_before": 2**40}, {"nonce": 2**200}],
    ids=["kind", "signer", "end", "nonce"],
)
def test_what_was_signed_is_what_is_added(
    onchain: LedgerFixture, alice: Any, thief: SigningKey, changed: dict[str, Any]
) -> None:
    bad = ("BadSignature", alice.address.lower())
    signed = onchain.addition(alice, thief, P256)
    assert full(onchain, signed) is None
    assert full(onchain, Signed(signed.message.changed(**changed), signed.envelope)) == bad
    signed = onchain.addition(alice, thief, P256, (10, 20, chain.time() + 3600))
    assert limited(onchain, signed) is None
    assert limited(onchain, Signed(signed.message.changed(**changed), signed.envelope)) == bad


@pytest.mark.parametrize("name", ["max_payment", "max_per_day", "expires_at"])
def test_the_limits_are_signed_too(onchain: LedgerFixture, alice: Any, thief: SigningKey, name: str) -> None:
    """A key that was agreed to within limits is neither given wider ones nor all of the account's power."""
    bad = ("BadSignature", alice.address.lower())
    signed = onchain.addition(alice, thief, P256, (10, 20, chain.time() + 3600))
    wider = signed.message.changed(**{name: getattr(signed.message, name) + 1})
    assert limited(onchain, Signed(wider, signed.envelope)) == bad
    assert full(onchain, signed) == bad
    unlimited = onchain.addition(alice, thief, P256)
    narrower = unlimited.message.changed(**{name: chain.time() + 3600 if name == "expires_at" else 1})
    assert limited(onchain, Signed(narrower, unlimited.envelope)) == bad


def test_the_accounts_word_counts_once(onchain: LedgerFixture, alice: Any) -> None:
    """A key that was removed does not come back by the word that once added it."""
    tablet, registrar = SigningKey("a lost tablet", P256), {"from": onchain.officers["REGISTRAR"]}
    signed = onchain.addition(alice, tablet, P256)
    onchain.ledger.addSigner(*signed.message.unlimited(), signed.envelope, registrar)
    onchain.ledger.removeSigner(alice.address, tablet.address, {"from": onchain.officers["REGISTRAR"]})
    used = ("NonceUsed", alice.address.lower(), signed.message.nonce)
    assert full(onchain, signed) == used
    signed = onchain.addition(alice, tablet, P256, (10, 0, 0), nonce=3)
    onchain.ledger.addLimitedSigner(*signed.message.fields(), signed.envelope, registrar)
    assert limited(onchain, signed) == ("NonceUsed", alice.address.lower(), 3)
    assert onchain.ledger.nextNonce(alice.address) == 4
    far = onchain.addition(alice, tablet, P256, nonce=2**40 - 1)
    assert full(onchain, far)[0] == "NonceTooFar"


def test_no_limited_and_no_dead_key_adds_another(
    onchain: LedgerFixture, alice: Any, thief: SigningKey
) -> None:
    bad = ("BadSignature", alice.address.lower())
    child, tablet = SigningKey("a child", P256), SigningKey("a tablet", P256)
    onchain.add_limited_signer(alice, child, P256, 5_00, 0, 0)
    onchain.add_signer(alice, tablet, P256)
    assert full(onchain, onchain.addition(alice, thief, P256, by=child)) == bad
    onchain.ledger.removeSigner(alice.address, alice.address, {"from": onchain.officers["REGISTRAR"]})
    # Not even itself: whoever holds the lost phone's key does not bring it back.
    assert full(onchain, onchain.addition(alice, alice, P256)) == bad
    assert full(onchain, onchain.addition(alice, thief, P256)) == bad
    assert full(onchain, onchain.addition(alice, thief, P256, by=tablet)) is None


def test_an_account_without_a_living_key_has_only_the_recovery(
    onchain: LedgerFixture, alice: Any, bakery: Any, thief: SigningKey
) -> None:
    """Removed and added, it would be emptied at once; now there is a delay, and who watches halts it."""
    registrar = {"from": onchain.officers["REGISTRAR"]}
    onchain.ledger.removeSigner(alice.address, alice.address, registrar)
    for by in (alice, thief):
        refused = full(onchain, onchain.addition(alice, thief, P256, by=by))
        assert refused == ("BadSignature", alice.address.lower())
    onchain.ledger.proposeRecovery(alice.address, thief.address, P256, GROUND, registrar)
    stolen = onchain.payment(alice, bakery, 1_00, signer=thief)
    assert skipped(onchain.settle([stolen])) == [(0, "BadSignature")]
    number, _, _, due = onchain.ledger.recoveryOf(alice.address)
    onchain.ledger.haltRecovery(alice.address, number, GROUND, {"from": onchain.officers["PAUSER"]})
    mine_at(due + 1)
    refused = refusal(onchain.ledger.executeRecovery, alice.address, number, sender=onchain.stranger)
    assert refused == ("RecoveryNotPending", alice.address.lower(), number)
