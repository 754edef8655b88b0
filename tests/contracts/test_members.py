"""Members, their further keys, freezes."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import chain
from eth_utils import keccak
from ledger_fixture import (
    DAY_S,
    DECLARED,
    GROUND,
    MERCHANT,
    PROFESSIONAL,
    RESIDENT,
    VERIFIED,
    LedgerFixture,
    Signed,
    mine_at,
    refusal,
    skipped,
)
from signing import KINDS, P256, PASSKEY, SECP256K1, SigningKey

ZERO = "0x" + "00" * 20


def registrar(onchain: LedgerFixture) -> Any:
    """The officer who enrols."""
    return onchain.officers["REGISTRAR"]


def test_a_stranger_has_nothing(onchain: LedgerFixture) -> None:
    assert tuple(onchain.ledger.accountOf(onchain.stranger)) == (0, 0, 0, 0, 0, False, False, 0, 0, 0)


def test_enrolling_says_who_and_until_when(onchain: LedgerFixture) -> None:
    key = SigningKey("newcomer", P256)
    transaction = onchain.ledger.enrol(
        key.address, MERCHANT, PROFESSIONAL, 561, 30_000, {"from": registrar(onchain)}
    )
    expected = {"account": key.address, "kind": 2, "tier": 4, "sector": 561, "expiresAtDay": 30_000}
    assert transaction.events["MemberEnrolled"] == expected
    account = onchain.ledger.accountOf(key.address)
    assert (account["kind"], account["tier"], account["sector"], account["expiresAtDay"]) == (
        2,
        4,
        561,
        30_000,
    )


def test_nobody_is_enrolled_twice_nor_changed_before(onchain: LedgerFixture, alice: Any) -> None:
    officer = registrar(onchain)
    refused = refusal(onchain.ledger.enrol, alice.address, 1, 3, 0, 0, sender=officer)
    assert refused == ("AlreadyMember", alice.address.lower())
    refused = refusal(onchain.ledger.setMember, onchain.stranger, 1, 3, 0, 0, sender=officer)
    assert refused == ("NotMember", onchain.stranger.address.lower())


@pytest.mark.parametrize(
    ("kind", "tier", "expires_at_day", "accepted"),
    [
        (0, 3, 0, False),
        (5, 3, 0, False),
        (1, 0, 0, False),
        (1, 5, 0, False),
        (1, 3, 2**16, False),
        (1, 3, 2**32 - 1, False),
        (1, 1, 2**16 - 1, True),
        (4, 4, 0, True),
    ],
)
def test_what_a_member_can_be(
    onchain: LedgerFixture, alice: Any, kind: int, tier: int, expires_at_day: int, accepted: bool
) -> None:
    for method, account in (
        (onchain.ledger.enrol, onchain.stranger.address),
        (onchain.ledger.setMember, alice.address),
    ):
        refused = refusal(method, account, kind, tier, 7, expires_at_day, sender=registrar(onchain))
        expected = ("InvalidMember", account.lower(), kind, tier, expires_at_day)
        assert refused == (None if accepted else expected)


def test_a_registrar_ends_no_identity(onchain: LedgerFixture, alice: Any) -> None:
    """That would be a freeze by another name; what is over already may be said again, with another sector."""
    today, change = chain[-1].timestamp // DAY_S, onchain.ledger.setMember
    mine_at((today + 1) * DAY_S)
    today += 1
    for day, accepted in ((1, False), (today - 1, False), (today, False), (today + 1, True), (0, True)):
        found = refusal(change, alice.address, 1, 3, 7, day, sender=registrar(onchain), block="latest")
        assert found == (None if accepted else ("InvalidMember", alice.address.lower(), 1, 3, day))
    onchain.expire(alice, today - 2)
    for day, accepted in ((today - 2, True), (today - 1, False), (today + 300, True)):
        found = refusal(change, alice.address, 1, 3, 7, day, sender=registrar(onchain), block="latest")
        assert found == (None if accepted else ("InvalidMember", alice.address.lower(), 1, 3, day))


def test_nobody_and_the_ledger_are_never_members(onchain: LedgerFixture) -> None:
    for account in (ZERO, onchain.ledger.address):
        refused = refusal(onchain.ledger.enrol, account, 1, 3, 0, 0, sender=registrar(onchain))
        assert refused == ("InvalidMember", account.lower(), 1, 3, 0)


def test_changing_a_member_keeps_the_money_and_the_history(
    onchain: LedgerFixture, alice: Any, bakery: Any
) -> None:
    onchain.pay(onchain.payment(alice, bakery, 12_50, nonce=5))
    before = onchain.ledger.accountOf(alice.address)
    transaction = onchain.ledger.setMember(
        alice.address, RESIDENT, DECLARED, 9, 40_000, {"from": registrar(onchain)}
    )
    assert transaction.events["MemberChanged"]["tier"] == DECLARED
    after = onchain.ledger.accountOf(alice.address)
    for name in ("balance", "spentToday", "spentInWindow"):
        assert after[name] == before[name]
    assert (after["tier"], after["sector"], after["expiresAtDay"]) == (DECLARED, 9, 40_000)
    assert onchain.ledger.nextNonce(alice.address) == 6


def test_many_are_enrolled_at_once_or_none(onchain: LedgerFixture, alice: Any) -> None:
    keys = [SigningKey(f"crowd {number}", P256) for number in range(200)]
    lines = [(key.address, RESIDENT, VERIFIED, 0, 0) for key in keys]
    many, officer = onchain.ledger.enrolMany, registrar(onchain)
    refused = refusal(many, [*lines[:10], (alice.address, 1, 3, 0, 0)], sender=officer)
    assert refused == ("AlreadyMember", alice.address.lower())
    extra = (SigningKey("one too many", P256).address, 1, 3, 0, 0)
    assert refusal(many, [*lines, extra], sender=officer) == ("TooManyItems", 201, 200)
    transaction = many(lines, {"from": officer})
    assert len(transaction.events["MemberEnrolled"]) == 200
    assert onchain.ledger.accountOf(keys[-1].address)["tier"] == VERIFIED


# ---- further keys


def with_key(onchain: LedgerFixture, account: Any, signer: Any, kind: int) -> Any:
    """The registrar adds a key."""
    return onchain.add_signer(account, signer, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_further_key_pays_until_it_is_removed(
    onchain: LedgerFixture, alice: Any, bakery: Any, kind: int
) -> None:
    second = SigningKey("second device", kind)
    refused = ("BadSignature", alice.address.lower())
    assert onchain.refused_payment(onchain.payment(alice, bakery, 1, signer=second)) == refused
    transaction = with_key(onchain, alice, second, kind)
    event = {"account": alice.address, "signer": second.address, "signerKind": kind}
    assert transaction.events["SignerAdded"] == event
    assert onchain.ledger.isSigner(alice.address, second.address) is True
    onchain.pay(onchain.payment(alice, bakery, 1, signer=second))
    onchain.ledger.removeSigner(alice.address, second.address, {"from": registrar(onchain)})
    assert onchain.ledger.isSigner(alice.address, second.address) is False
    assert onchain.refused_payment(onchain.payment(alice, bakery, 1, signer=second)) == refused


def test_a_key_signs_only_with_the_kind_it_was_registered_for(
    onchain: LedgerFixture, alice: Any, bakery: Any
) -> None:
    """A key kept in an authenticator cannot be used around the authenticator."""
    passkey = SigningKey("kept", PASSKEY)
    with_key(onchain, alice, passkey, PASSKEY)
    signed = onchain.payment(alice, bakery, 1, signer=passkey)
    assert onchain.refused_payment(signed) is None
    digest = onchain.domain.digest(signed.message.struct_hash())
    bare = bytes([P256]) + passkey.x + passkey.y + passkey._p256(digest)
    assert onchain.refused_payment(Signed(signed.message, bare)) == ("BadSignature", alice.address.lower())


def test_a_further_key_of_one_account_is_nothing_to_another(
    onchain: LedgerFixture, alice: Any, bob: Any, bakery: Any
) -> None:
    second = SigningKey("second device", P256)
    with_key(onchain, alice, second, P256)
    onchain.fund(bob, 10_00)
    refused = onchain.refused_payment(onchain.payment(bob, bakery, 1, signer=second))
    assert refused == ("BadSignature", bob.address.lower())


def test_a_lost_phone_is_cut_off_and_the_account_lives_on(
    onchain: LedgerFixture, alice: Any, bakery: Any
) -> None:
    second = SigningKey("new phone", P256)
    with_key(onchain, alice, second, P256)
    onchain.ledger.removeSigner(alice.address, alice.address, {"from": registrar(onchain)})
    assert onchain.ledger.isSigner(alice.address, alice.address) is False
    batch = [onchain.payment(alice, bakery, 1_00), onchain.payment(alice, bakery, 2_00, signer=second)]
    assert skipped(onchain.settle(batch)) == [(0, "BadSignature")]
    assert onchain.balance(bakery) == 2_00
    onchain.add_signer(alice, alice, P256, by=second)
    assert onchain.refused_payment(onchain.payment(alice, bakery, 1_00)) is None


def test_which_keys_can_be_added_or_removed(onchain: LedgerFixture, alice: Any) -> None:
    second, officer = SigningKey("second device", P256), registrar(onchain)
    add, remove = onchain.ledger.addSigner, onchain.ledger.removeSigner
    words = (2**40, 2**255, b"")
    refused = refusal(add, onchain.stranger, second.address, P256, *words, sender=officer)
    assert refused == ("NotMember", onchain.stranger.address.lower())
    for signer, kind in ((ZERO, P256), (second.address, 0), (second.address, 5)):
        refused = refusal(add, alice.address, signer, kind, *words, sender=officer)
        assert refused == ("InvalidSigner", alice.address.lower(), signer.lower(), kind)
    refused = refusal(remove, alice.address, second.address, sender=officer)
    assert refused == ("InvalidSigner", alice.address.lower(), second.address.lower(), 0)


def test_a_signer_kind_of_nothing_matches_no_envelope(
    onchain: LedgerFixture, alice: Any, bakery: Any
) -> None:
    """An unregistered signer's kind is 0; an envelope that recovers nobody must not meet it."""
    message = onchain.payment(alice, bakery, 1).message
    for envelope in (b"", b"\x00", b"\x00" * 66, b"\x00" * 129, bytes([SECP256K1]) + b"\x00" * 65):
        assert onchain.refused_payment(Signed(message, envelope)) == ("BadSignature", alice.address.lower())


# ---- freezes


@pytest.mark.parametrize(("incoming", "outgoing"), [(True, False), (False, True), (True, True)])
def test_a_freeze_holds_in_its_direction_until_lifted(
    onchain: LedgerFixture, alice: Any, bakery: Any, incoming: bool, outgoing: bool
) -> None:
    onchain.fund(bakery, 10_00)
    onchain.pay(onchain.payment(alice, bakery, 1_00))
    events = onchain.freeze(alice, incoming, outgoing).events
    assert events["Frozen"] == {
        "account": alice.address,
        "incoming": incoming,
        "outgoing": outgoing,
        "groundHash": "0x" + GROUND.hex(),
        "until": 0,
    }
    account = onchain.ledger.accountOf(alice.address)
    assert (account["frozenIn"], account["frozenOut"]) == (incoming, outgoing)
    out = onchain.refused_payment(onchain.payment(alice, bakery, 1_00))
    back = onchain.refused_payment(onchain.payment(bakery, alice, 1_00))
    assert out == (("FrozenOutgoing", alice.address.lower()) if outgoing else None)
    assert back == (("FrozenIncoming", alice.address.lower()) if incoming else None)
    events = onchain.ledger.unfreeze(alice.address, GROUND, {"from": onchain.officers["COMPLIANCE"]}).events
    assert events["Unfrozen"]["account"] == alice.address
    assert onchain.refused_payment(onchain.payment(alice, bakery, 1_00)) is None
    assert onchain.refused_payment(onchain.payment(bakery, alice, 1_00)) is None


def test_a_freeze_with_an_end_is_over_at_its_end(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    until = chain.time() + DAY_S
    onchain.freeze(alice, True, True, until)
    assert onchain.ledger.frozenUntil(alice.address) == until
    signed = onchain.payment(alice, bakery, 1, valid_before=until + 100)
    mine_at(until - 1)
    assert onchain.refused_payment(signed) == ("FrozenOutgoing", alice.address.lower())
    mine_at(until)
    assert onchain.refused_payment(signed) is None
    account = onchain.ledger.accountOf(alice.address)
    assert (account["frozenIn"], account["frozenOut"]) == (False, False)


def test_a_new_freeze_replaces_the_old_one_whole(onchain: LedgerFixture, alice: Any) -> None:
    onchain.freeze(alice, True, True, chain.time() + 60)
    onchain.freeze(alice, False, True)
    account = onchain.ledger.accountOf(alice.address)
    assert (account["frozenIn"], account["frozenOut"]) == (False, True)
    assert onchain.ledger.frozenUntil(alice.address) == 0


def test_what_is_no_freeze(onchain: LedgerFixture, alice: Any) -> None:
    officer, past = onchain.officers["COMPLIANCE"], chain.time() - 100
    freeze = onchain.ledger.freeze
    refused = refusal(freeze, alice.address, False, False, GROUND, 0, sender=officer)
    assert refused == ("InvalidFreeze", alice.address.lower(), 0)
    refused = refusal(freeze, alice.address, True, True, GROUND, past, sender=officer)
    assert refused == ("InvalidFreeze", alice.address.lower(), past)
    for method, arguments in (
        (freeze, (True, True, GROUND, 0)),
        (onchain.ledger.unfreeze, (keccak(text="x"),)),
    ):
        refused = refusal(method, onchain.stranger, *arguments, sender=officer)
        assert refused == ("NotMember", onchain.stranger.address.lower())
