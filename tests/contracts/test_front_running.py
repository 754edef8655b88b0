"""Whoever sees a signed thing on its way and sends it first gains nothing and breaks nothing.

A stranger sends it in another wrapping, with another payee, amount, reference or end, as something else, or
before its owner does. The outcome is the one that was signed, once; compared by all the ledger stores
(outcomes.py).
"""

from __future__ import annotations

from typing import Any

import pytest
from brownie import accounts, chain
from eth_utils import keccak
from ledger_fixture import GROUND, MERCHANT, PROFESSIONAL, LedgerFixture, Signed, arrays, packed, refusal
from meanings import (
    AUTHORIZATION_TYPES,
    CANCEL,
    MEANINGS,
    NONCE,
    PERMIT,
    RECEIVE,
    TRANSFER,
    VALUE,
    Meaning,
    hash_of,
    meanings,
)
from outcomes import request, send, skips_of, stored, undone
from signing import KINDS, P256, SECP256K1, SigningKey

WRAPPINGS = ("pay", "settle", "settlePacked")


def wrapped(onchain: LedgerFixture, wrapping: str, signed: Signed) -> tuple[Any, ...]:
    """Method and arguments that carry a payment."""
    if wrapping == "pay":
        return onchain.ledger.pay, *signed.arguments()
    if wrapping == "settle":
        return onchain.ledger.settle, *arrays([signed])
    return onchain.ledger.settlePacked, packed([signed])


def refused(onchain: LedgerFixture, wrapping: str, signed: Signed) -> str | None:
    """The error's name by which a payment so wrapped would be refused or skipped by a stranger, or None."""
    method, *arguments = wrapped(onchain, wrapping, signed)
    if wrapping == "pay":
        found = refusal(method, *arguments, sender=onchain.stranger)
        return None if found is None else str(found[0])
    with undone():
        skips = skips_of(send(onchain, onchain.stranger, method, *arguments))
    return skips[0][1] if skips else None


@pytest.fixture(scope="module")
def carol(onchain: LedgerFixture) -> SigningKey:
    """A verified resident with a secp256k1 key and 100 euros."""
    return onchain.person("carol", key_kind=SECP256K1, money=100_00)


@pytest.fixture(scope="module")
def mallory(onchain: LedgerFixture) -> Any:
    """The stranger is a member too, so that money could come to her."""
    onchain.ledger.enrol(
        onchain.stranger, MERCHANT, PROFESSIONAL, 0, 0, {"from": onchain.officers["REGISTRAR"]}
    )
    return onchain.stranger


@pytest.fixture(scope="module")
def till(onchain: LedgerFixture) -> Any:
    """A merchant whose key the node holds, to collect what is for the payee alone."""
    onchain.ledger.enrol(accounts[10], MERCHANT, PROFESSIONAL, 0, 0, {"from": onchain.officers["REGISTRAR"]})
    return accounts[10]


# ---- payments


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("theirs", WRAPPINGS)
def test_a_payment_sent_first_by_another_is_the_same_payment_once(
    onchain: LedgerFixture, bakery: Any, theirs: str, kind: int
) -> None:
    payer = onchain.person(f"payer {kind}", key_kind=kind, money=50_00)
    signed = onchain.payment(payer, bakery, VALUE)
    with undone():
        send(onchain, onchain.relay, onchain.ledger.pay, *signed.arguments())
        alone = stored(onchain)
    method, *arguments = wrapped(onchain, theirs, signed)
    send(onchain, onchain.stranger, method, *arguments)
    assert stored(onchain) == alone
    for ours in WRAPPINGS:
        assert refused(onchain, ours, signed) == "NonceUsed"
    onchain.settle([signed])
    assert stored(onchain) == alone


@pytest.mark.parametrize("theirs", WRAPPINGS)
@pytest.mark.parametrize("change", ["payer", "payee", "value", "ref", "valid_before", "nonce"])
def test_nothing_of_a_payment_can_be_changed_on_its_way(
    onchain: LedgerFixture, carol: Any, alice: Any, bakery: Any, mallory: Any, theirs: str, change: str
) -> None:
    signed = onchain.payment(carol, bakery, VALUE)
    changes = {
        "payer": alice.address,
        "payee": mallory.address,
        "value": VALUE + 1,
        "ref": onchain.ref(),
        "valid_before": signed.message.valid_before + 1,
        "nonce": signed.message.nonce + 1,
    }
    forged = Signed(signed.message.changed(**{change: changes[change]}), signed.envelope)
    assert refused(onchain, theirs, forged) == "BadSignature"
    method, *arguments = wrapped(onchain, theirs, forged)
    if theirs != "pay":
        before = stored(onchain)
        send(onchain, mallory, method, *arguments)
        assert stored(onchain) == before
    assert refused(onchain, theirs, signed) is None


@pytest.mark.parametrize("form", ["settle", "settlePacked"])
def test_a_batch_whose_items_were_sent_before_skips_those_and_pays_the_rest(
    onchain: LedgerFixture, carol: Any, alice: Any, bakery: Any, form: str
) -> None:
    batch = [onchain.payment((carol, alice)[n % 2], bakery, 1_00 + n, nonce=n) for n in range(6)]
    arguments = arrays(batch) if form == "settle" else (packed(batch),)
    method = getattr(onchain.ledger, form)
    with undone():
        send(onchain, onchain.relay, method, *arguments)
        undisturbed = stored(onchain)
    send(onchain, onchain.stranger, onchain.ledger.pay, *batch[1].arguments())
    send(onchain, onchain.stranger, onchain.ledger.settlePacked, packed([batch[2], batch[4]]))
    receipt = send(onchain, onchain.relay, method, *arguments)
    assert skips_of(receipt) == [(index, "NonceUsed") for index in (1, 2, 4)]
    assert onchain.balance(bakery) == sum(signed.message.value for signed in batch)
    assert stored(onchain) == undisturbed


def test_of_two_things_signed_under_one_nonce_one_happens(
    onchain: LedgerFixture, carol: Any, bakery: Any
) -> None:
    """A payment and an authorization: whoever chooses the order chooses which, and never both."""
    payment = onchain.payment(carol, bakery, VALUE, nonce=NONCE)
    bare = [carol.address, bakery.address, VALUE, 0, chain.time() + 3600, NONCE.to_bytes(32, "big")]
    vrs = carol.vrs(onchain.domain.digest(hash_of(TRANSFER, AUTHORIZATION_TYPES, bare)))
    transfer = onchain.ledger.transferWithAuthorization
    with undone():
        send(onchain, onchain.stranger, onchain.ledger.pay, *payment.arguments())
        assert refusal(transfer, *bare, *vrs, sender=onchain.stranger)[0] == "NonceUsed"
        assert onchain.balance(bakery) == VALUE
    transfer(*bare, *vrs, {"from": onchain.stranger})
    assert refused(onchain, "pay", payment) == "NonceUsed"
    assert onchain.balance(bakery) == VALUE


# ---- one signature, one meaning


# A permit's nonce is not among its arguments: once used, it is no signature of the next one.
SENT_BY_ONE = ("receive", "further key", "limited key")
USED_UP = {"permit": "BadSignature", "veto": "RecoveryNotPending"}


@pytest.fixture(scope="module")
def everything(onchain: LedgerFixture, till: Any) -> tuple[SigningKey, dict[str, Meaning]]:
    """A merchant who may do all of it, in the moment when all of it is possible."""
    shop = onchain.shop("shop of all trades", key_kind=SECP256K1, money=1_000_00)
    campaign = onchain.open_campaign(shop, 500_00, nonce=0)
    new = SigningKey("the shop's new telephone", P256)
    registrar = {"from": onchain.officers["REGISTRAR"]}
    onchain.ledger.proposeRecovery(shop.address, new.address, P256, GROUND, registrar)
    return shop, meanings(onchain, shop, till, campaign)


@pytest.mark.parametrize("signed_as", MEANINGS)
def test_a_signature_means_one_thing_only(
    onchain: LedgerFixture, everything: tuple[SigningKey, dict[str, Meaning]], signed_as: str
) -> None:
    """Each of the signed things is accepted as what it is, and as nothing else, in every form."""
    shop, known = everything
    assert set(known) == set(MEANINGS)
    envelope = shop.sign(onchain.domain.digest(known[signed_as].struct_hash))
    for meaning, how in known.items():
        for call in how.calls:
            method, *arguments = call(envelope)
            found = refusal(method, *arguments, sender=how.sender)
            expected = None if meaning == signed_as else ("BadSignature", shop.address.lower())
            assert found == expected, (signed_as, meaning)


@pytest.mark.parametrize("signed_as", MEANINGS)
def test_a_signed_thing_has_its_effect_once_whoever_sends_it(
    onchain: LedgerFixture, everything: tuple[SigningKey, dict[str, Meaning]], signed_as: str
) -> None:
    """By its owner's relay or by a stranger: the same state; then it is used up in every form."""
    shop, known = everything
    meaning = known[signed_as]
    envelope = shop.sign(onchain.domain.digest(meaning.struct_hash))
    states = set()
    before, moment = stored(onchain), chain[-1].timestamp + 60
    senders = [meaning.sender] if signed_as in SENT_BY_ONE else [onchain.relay, onchain.stranger]
    for sender in senders:
        for call in meaning.calls:
            method, *arguments = call(envelope)
            with undone():
                # Alike to the second: a redemption notes when it was locked.
                request("evm_setNextBlockTimestamp", moment)
                send(onchain, sender, method, *arguments)
                states.add(stored(onchain))
                for again in meaning.calls:
                    method, *arguments = again(envelope)
                    refused_again = refusal(method, *arguments, sender=sender)
                    assert refused_again is not None
                    assert refused_again[0] == USED_UP.get(signed_as, "NonceUsed")
    assert len(states) == 1
    assert before not in states


# ---- what is for one payee, what is withdrawn, what is permitted


def test_what_the_payee_must_collect_nobody_else_collects_or_sends(
    onchain: LedgerFixture, carol: Any, till: Any, mallory: Any
) -> None:
    bare = [carol.address, till.address, VALUE, 0, chain.time() + 3600, keccak(text="collect")]
    vrs = carol.vrs(onchain.domain.digest(hash_of(RECEIVE, AUTHORIZATION_TYPES, bare)))
    envelope = b"\x01" + vrs[1] + vrs[2] + bytes([vrs[0]])
    receive = onchain.ledger.receiveWithAuthorization
    for signature in (vrs, (envelope,)):
        found = refusal(receive, *bare, *signature, sender=mallory)
        assert found == ("CallerNotPayee", mallory.address.lower(), till.address.lower())
        to_herself = [bare[0], mallory.address, *bare[2:]]
        found = refusal(receive, *to_herself, *signature, sender=mallory)
        assert found == ("BadSignature", carol.address.lower())
    receive(*bare, *vrs, {"from": till})
    assert (onchain.balance(till), onchain.balance(mallory)) == (VALUE, 0)


@pytest.mark.parametrize("first", ["payment", "cancellation"])
def test_a_cancellation_and_its_payment_never_both_happen(
    onchain: LedgerFixture, carol: Any, bakery: Any, first: str
) -> None:
    """A stranger can decide which comes first, as the payer could; a nonce is used once."""
    payment = onchain.payment(carol, bakery, VALUE, nonce=NONCE)
    nonce = NONCE.to_bytes(32, "big")
    vrs = carol.vrs(onchain.domain.digest(hash_of(CANCEL, ["address", "bytes32"], [carol.address, nonce])))
    cancel = onchain.ledger.cancelAuthorization
    if first == "payment":
        onchain.ledger.pay(*payment.arguments(), {"from": onchain.stranger})
        assert refusal(cancel, carol.address, nonce, *vrs, sender=onchain.relay)[0] == "NonceUsed"
    else:
        cancel(carol.address, nonce, *vrs, {"from": onchain.stranger})
        assert [refused(onchain, wrapping, payment) for wrapping in WRAPPINGS] == ["NonceUsed"] * 3
    assert onchain.balance(bakery) == (VALUE if first == "payment" else 0)
    assert onchain.ledger.authorizationState(carol.address, nonce) is True


def test_a_permit_sent_first_by_another_does_not_break_what_follows(
    onchain: LedgerFixture, carol: Any, bakery: Any, mallory: Any
) -> None:
    """Who goes on after a refused permit finds the allowance there, and only the spender can use it."""
    end = chain.time() + 3600
    values = [carol.address, onchain.relay.address, 30_00, 0, end]
    types = ["address", "address", "uint256", "uint256", "uint256"]
    vrs = carol.vrs(onchain.domain.digest(hash_of(PERMIT, types, values)))
    ledger = onchain.ledger
    for place, other in ((1, mallory.address), (2, 30_01)):
        changed = [*values[:3], end]
        changed[place] = other
        assert refusal(ledger.permit, *changed, *vrs, sender=mallory)[0] == "BadSignature"
    ledger.permit(*values[:3], end, *vrs, {"from": mallory})
    assert refusal(ledger.permit, *values[:3], end, *vrs, sender=onchain.relay)[0] == "BadSignature"
    found = refusal(ledger.transferFrom, carol.address, mallory.address, 1, sender=mallory)
    assert found in (
        ("ERC20InsufficientAllowance", mallory.address.lower(), 0, 1),
        ("NotMember", mallory.address.lower()),
    )
    registrar = {"from": onchain.officers["REGISTRAR"]}
    ledger.enrol(onchain.relay, 1, 3, 0, 0, registrar)
    ledger.transferFrom(carol.address, bakery.address, 30_00, {"from": onchain.relay})
    assert onchain.balance(bakery) == 30_00


@pytest.mark.parametrize(
    ("signed_as", "change"),
    [
        ("redemption", {"payee_hash": keccak(text="mallory's bank account")}),
        ("redemption", {"value": VALUE + 1}),
        ("redemption", {"ref": bytes(32)}),
        ("redemption", {"valid_before": 2**40}),
        ("benefit", {"payee": "mallory"}),
        ("benefit", {"value": VALUE + 1}),
        ("benefit", {"max_own": VALUE + 1}),
        ("benefit", {"campaign": bytes(32)}),
        ("benefit", {"ref": bytes(32)}),
        ("campaign", {"amount": VALUE + 1}),
        ("campaign", {"per_person_cap": 1}),
        ("campaign", {"ends_at": 2**40}),
        ("campaign", {"ref": bytes(32)}),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_nothing_of_another_signed_thing_can_be_changed_on_its_way(
    onchain: LedgerFixture, mallory: Any, till: Any, signed_as: str, change: dict[str, Any]
) -> None:
    shop = onchain.shop("shop", key_kind=P256, money=500_00)
    if signed_as == "redemption":
        signed, method = onchain.redemption(shop, VALUE), onchain.ledger.requestRedemption
    elif signed_as == "campaign":
        signed, method = onchain.campaign(shop, VALUE), onchain.ledger.openCampaign
    else:
        campaign = onchain.open_campaign(shop, 100_00)
        signed, method = onchain.benefit(shop, till, VALUE, campaign), onchain.ledger.payWithBenefit
    change = {name: mallory.address if value == "mallory" else value for name, value in change.items()}
    forged = Signed(signed.message.changed(**change), signed.envelope)
    found = refusal(method, *forged.arguments(), sender=mallory)
    assert found == ("BadSignature", shop.address.lower())
    assert refusal(method, *signed.arguments(), sender=mallory) is None


def test_an_execution_that_time_permits_has_one_outcome(
    onchain: LedgerFixture, carol: Any, mallory: Any
) -> None:
    """A recovery that is due and a campaign that is over: whoever sends it decides nothing."""
    shop = onchain.shop("funder", money=200_00)
    campaign = onchain.open_campaign(shop, 150_00, ends_at=chain.time() + 7200)
    new = SigningKey("carol's new telephone", P256)
    registrar = {"from": onchain.officers["REGISTRAR"]}
    onchain.ledger.proposeRecovery(carol.address, new.address, P256, GROUND, registrar)
    number = onchain.ledger.recoveryOf(carol.address)[0]
    chain.sleep(3 * 3600)
    chain.mine()
    states = set()
    for sender in (onchain.relay, mallory):
        with undone():
            send(onchain, sender, onchain.ledger.executeRecovery, carol.address, number)
            send(onchain, sender, onchain.ledger.closeCampaign, campaign)
            states.add(stored(onchain))
            assert onchain.balance(shop) == 200_00
            found = refusal(onchain.ledger.executeRecovery, carol.address, number, sender=sender)
            assert found == ("RecoveryNotPending", carol.address.lower(), number)
            assert refusal(onchain.ledger.closeCampaign, campaign, sender=sender)[0] == "CampaignNotOpen"
    assert len(states) == 1
