"""Whoever sees a signed thing on its way and sends it first gains nothing and breaks nothing.

A stranger sends it in another wrapping, with another payee, amount, reference or end, as something else, or
before its owner does. The outcome is the one that was signed, once; compared by all the ledger stores
(outcomes.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from brownie import accounts, chain
from eth_abi import encode
from eth_utils import keccak
from outcomes import send, skips_of, stored, undone
from signing import KINDS, P256, SECP256K1, BenefitPayment, Payment, Redemption, SigningKey
from town import GROUND, MERCHANT, PROFESSIONAL, Signed, Town, columns, packed, refusal

TRANSFER = (
    "TransferWithAuthorization(address from,address to,uint256 value,"
    "uint256 validAfter,uint256 validBefore,bytes32 nonce)"
)
RECEIVE = TRANSFER.replace("Transfer", "Receive")
CANCEL = "CancelAuthorization(address authorizer,bytes32 nonce)"
PERMIT = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
VETO = "RecoveryVeto(address account,uint256 number)"
AUTHORIZATION_TYPES = ["address", "address", "uint256", "uint256", "uint256", "bytes32"]
WRAPPINGS = ("pay", "settle", "settlePacked")
VALUE = 12_50
NONCE = 7


def hash_of(type_text: str, types: list[str], values: list[Any]) -> bytes:
    """EIP-712 hashStruct."""
    return keccak(encode(["bytes32", *types], [keccak(text=type_text), *values]))


def wrapped(town: Town, wrapping: str, signed: Signed) -> tuple[Any, ...]:
    """Method and arguments that carry a payment."""
    if wrapping == "pay":
        return town.ledger.pay, *signed.arguments()
    if wrapping == "settle":
        return town.ledger.settle, *columns([signed])
    return town.ledger.settlePacked, packed([signed])


def refused(town: Town, wrapping: str, signed: Signed) -> str | None:
    """The error's name by which a payment so wrapped would be refused or skipped by a stranger, or None."""
    method, *arguments = wrapped(town, wrapping, signed)
    if wrapping == "pay":
        found = refusal(method, *arguments, sender=town.stranger)
        return None if found is None else str(found[0])
    with undone():
        skips = skips_of(send(town, town.stranger, method, *arguments))
    return skips[0][1] if skips else None


@pytest.fixture(scope="module")
def carol(town: Town) -> SigningKey:
    """A verified resident with a secp256k1 key and 100 euros."""
    return town.person("carol", key_kind=SECP256K1, money=100_00)


@pytest.fixture(scope="module")
def mallory(town: Town) -> Any:
    """The stranger is a member too, so that money could come to her."""
    town.ledger.enrol(town.stranger, MERCHANT, PROFESSIONAL, 0, 0, {"from": town.officers["REGISTRAR"]})
    return town.stranger


@pytest.fixture(scope="module")
def till(town: Town) -> Any:
    """A merchant whose key the node holds, to collect what is for the payee alone."""
    town.ledger.enrol(accounts[10], MERCHANT, PROFESSIONAL, 0, 0, {"from": town.officers["REGISTRAR"]})
    return accounts[10]


# ---- payments


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("theirs", WRAPPINGS)
def test_a_payment_sent_first_by_another_is_the_same_payment_once(
    town: Town, bakery: Any, theirs: str, kind: int
) -> None:
    payer = town.person(f"payer {kind}", key_kind=kind, money=50_00)
    signed = town.payment(payer, bakery, VALUE)
    with undone():
        send(town, town.relay, town.ledger.pay, *signed.arguments())
        alone = stored(town)
    method, *arguments = wrapped(town, theirs, signed)
    send(town, town.stranger, method, *arguments)
    assert stored(town) == alone
    for ours in WRAPPINGS:
        assert refused(town, ours, signed) == "NonceUsed"
    town.settle([signed])
    assert stored(town) == alone


@pytest.mark.parametrize("theirs", WRAPPINGS)
@pytest.mark.parametrize("change", ["payer", "payee", "value", "ref", "valid_before", "nonce"])
def test_nothing_of_a_payment_can_be_changed_on_its_way(
    town: Town, carol: Any, alice: Any, bakery: Any, mallory: Any, theirs: str, change: str
) -> None:
    signed = town.payment(carol, bakery, VALUE)
    changes = {
        "payer": alice.address,
        "payee": mallory.address,
        "value": VALUE + 1,
        "ref": town.ref(),
        "valid_before": signed.message.valid_before + 1,
        "nonce": signed.message.nonce + 1,
    }
    forged = Signed(signed.message.changed(**{change: changes[change]}), signed.envelope)
    assert refused(town, theirs, forged) == "BadSignature"
    method, *arguments = wrapped(town, theirs, forged)
    if theirs != "pay":
        before = stored(town)
        send(town, mallory, method, *arguments)
        assert stored(town) == before
    assert refused(town, theirs, signed) is None


@pytest.mark.parametrize("form", ["settle", "settlePacked"])
def test_a_batch_whose_items_were_sent_before_skips_those_and_pays_the_rest(
    town: Town, carol: Any, alice: Any, bakery: Any, form: str
) -> None:
    batch = [town.payment((carol, alice)[n % 2], bakery, 1_00 + n, nonce=n) for n in range(6)]
    arguments = columns(batch) if form == "settle" else (packed(batch),)
    method = getattr(town.ledger, form)
    with undone():
        send(town, town.relay, method, *arguments)
        undisturbed = stored(town)
    send(town, town.stranger, town.ledger.pay, *batch[1].arguments())
    send(town, town.stranger, town.ledger.settlePacked, packed([batch[2], batch[4]]))
    receipt = send(town, town.relay, method, *arguments)
    assert skips_of(receipt) == [(index, "NonceUsed") for index in (1, 2, 4)]
    assert town.balance(bakery) == sum(signed.message.value for signed in batch)
    assert stored(town) == undisturbed


def test_of_two_things_signed_under_one_nonce_one_happens(town: Town, carol: Any, bakery: Any) -> None:
    """A payment and an authorization: whoever chooses the order chooses which, and never both."""
    payment = town.payment(carol, bakery, VALUE, nonce=NONCE)
    bare = [carol.address, bakery.address, VALUE, 0, chain.time() + 3600, NONCE.to_bytes(32, "big")]
    vrs = carol.vrs(town.domain.digest(hash_of(TRANSFER, AUTHORIZATION_TYPES, bare)))
    transfer = town.ledger.transferWithAuthorization
    with undone():
        send(town, town.stranger, town.ledger.pay, *payment.arguments())
        assert refusal(transfer, *bare, *vrs, sender=town.stranger)[0] == "NonceUsed"
        assert town.balance(bakery) == VALUE
    transfer(*bare, *vrs, {"from": town.stranger})
    assert refused(town, "pay", payment) == "NonceUsed"
    assert town.balance(bakery) == VALUE


# ---- one signature, one meaning


@dataclass(frozen=True)
class Meaning:
    """What is signed, and the calls that could carry the signature: each takes an envelope."""

    struct_hash: bytes
    calls: tuple[Callable[[bytes], tuple[Any, ...]], ...]
    sender: Any


def vrs_of(envelope: bytes) -> tuple[int, bytes, bytes]:
    """A secp256k1 envelope as EIP-3009 and EIP-2612 take it."""
    return envelope[65], envelope[1:33], envelope[33:65]


def meanings(town: Town, shop: SigningKey, till: Any, campaign: bytes) -> dict[str, Meaning]:
    """Everything a member can sign, as alike as the types allow: one account, amount, nonce, end, ref."""
    ledger, relay, end, ref = town.ledger, town.stranger, chain.time() + 3600, town.ref()
    nonce = NONCE.to_bytes(32, "big")
    payment = Payment(shop.address, till.address, VALUE, ref, end, NONCE)
    redemption = Redemption(shop.address, VALUE, ref, ref, end, NONCE)
    terms = town.campaign(shop, VALUE, ref=ref, valid_before=end, nonce=NONCE).message
    benefit = BenefitPayment(shop.address, till.address, VALUE, ref, end, NONCE, campaign, VALUE)
    bare = [shop.address, till.address, VALUE, 0, end, nonce]
    number = ledger.recoveryOf(shop.address)[0]
    permit = [shop.address, till.address, VALUE, 0, end]
    permit_types = ["address", "address", "uint256", "uint256", "uint256"]

    def authorization(type_text: str, method: Any, sender: Any) -> Meaning:
        struct_hash = hash_of(type_text, AUTHORIZATION_TYPES, bare)
        by_vrs = lambda envelope: (method, *bare, *vrs_of(envelope))  # noqa: E731
        by_bytes = lambda envelope: (method, *bare, envelope)  # noqa: E731
        by_rsv = lambda envelope: (method, *bare, envelope[1:])  # noqa: E731
        return Meaning(struct_hash, (by_vrs, by_bytes, by_rsv), sender)

    def message(method: Any, signed: Any) -> Meaning:
        return Meaning(signed.struct_hash(), (lambda envelope: (method, signed.fields(), envelope),), relay)

    cancel = hash_of(CANCEL, ["address", "bytes32"], [shop.address, nonce])
    veto = hash_of(VETO, ["address", "uint256"], [shop.address, number])
    object_to = lambda envelope: (ledger.vetoRecovery, shop.address, number, envelope)  # noqa: E731
    return {
        "payment": message(ledger.pay, payment),
        "transfer": authorization(TRANSFER, ledger.transferWithAuthorization, relay),
        "receive": authorization(RECEIVE, ledger.receiveWithAuthorization, till),
        "cancel": Meaning(
            cancel,
            (
                lambda envelope: (ledger.cancelAuthorization, shop.address, nonce, *vrs_of(envelope)),
                lambda envelope: (ledger.cancelAuthorization, shop.address, nonce, envelope),
            ),
            relay,
        ),
        "permit": Meaning(
            hash_of(PERMIT, permit_types, permit),
            (lambda envelope: (ledger.permit, *permit[:3], end, *vrs_of(envelope)),),
            relay,
        ),
        "redemption": message(ledger.requestRedemption, redemption),
        "campaign": message(ledger.openCampaign, terms),
        "benefit": message(ledger.payWithBenefit, benefit),
        "veto": Meaning(veto, (object_to,), relay),
    }


MEANINGS = (
    "payment",
    "transfer",
    "receive",
    "cancel",
    "permit",
    "redemption",
    "campaign",
    "benefit",
    "veto",
)


# A permit's nonce is not among its arguments: once used, it is no signature of the next one.
USED_UP = {"permit": "BadSignature", "veto": "RecoveryNotPending"}


@pytest.fixture(scope="module")
def everything(town: Town, till: Any) -> tuple[SigningKey, dict[str, Meaning]]:
    """A merchant who may do all of it, in the moment when all of it is possible."""
    shop = town.shop("shop of all trades", key_kind=SECP256K1, money=1_000_00)
    campaign = town.open_campaign(shop, 500_00, nonce=0)
    new = SigningKey("the shop's new telephone", P256)
    registrar = {"from": town.officers["REGISTRAR"]}
    town.ledger.proposeRecovery(shop.address, new.address, P256, GROUND, registrar)
    return shop, meanings(town, shop, till, campaign)


@pytest.mark.parametrize("signed_as", MEANINGS)
def test_a_signature_means_one_thing_only(
    town: Town, everything: tuple[SigningKey, dict[str, Meaning]], signed_as: str
) -> None:
    """Each of nine signed things is accepted as what it is, and as nothing else, in every form."""
    shop, known = everything
    assert set(known) == set(MEANINGS)
    envelope = shop.sign(town.domain.digest(known[signed_as].struct_hash))
    for meaning, how in known.items():
        for call in how.calls:
            method, *arguments = call(envelope)
            found = refusal(method, *arguments, sender=how.sender)
            expected = None if meaning == signed_as else ("BadSignature", shop.address.lower())
            assert found == expected, (signed_as, meaning)


@pytest.mark.parametrize("signed_as", MEANINGS)
def test_a_signed_thing_has_its_effect_once_whoever_sends_it(
    town: Town, everything: tuple[SigningKey, dict[str, Meaning]], signed_as: str
) -> None:
    """By its owner's relay or by a stranger: the same state; then it is used up in every form."""
    shop, known = everything
    meaning = known[signed_as]
    envelope = shop.sign(town.domain.digest(meaning.struct_hash))
    states = set()
    before = stored(town)
    senders = [meaning.sender] if signed_as == "receive" else [town.relay, town.stranger]
    for sender in senders:
        for call in meaning.calls:
            method, *arguments = call(envelope)
            with undone():
                send(town, sender, method, *arguments)
                states.add(stored(town))
                for again in meaning.calls:
                    method, *arguments = again(envelope)
                    refused_again = refusal(method, *arguments, sender=sender)
                    assert refused_again is not None
                    assert refused_again[0] == USED_UP.get(signed_as, "NonceUsed")
    assert len(states) == 1
    assert before not in states


# ---- what is for one payee, what is withdrawn, what is permitted


def test_what_the_payee_must_collect_nobody_else_collects_or_sends(
    town: Town, carol: Any, till: Any, mallory: Any
) -> None:
    bare = [carol.address, till.address, VALUE, 0, chain.time() + 3600, keccak(text="collect")]
    vrs = carol.vrs(town.domain.digest(hash_of(RECEIVE, AUTHORIZATION_TYPES, bare)))
    envelope = b"\x01" + vrs[1] + vrs[2] + bytes([vrs[0]])
    receive = town.ledger.receiveWithAuthorization
    for signature in (vrs, (envelope,)):
        found = refusal(receive, *bare, *signature, sender=mallory)
        assert found == ("CallerNotPayee", mallory.address.lower(), till.address.lower())
        to_herself = [bare[0], mallory.address, *bare[2:]]
        found = refusal(receive, *to_herself, *signature, sender=mallory)
        assert found == ("BadSignature", carol.address.lower())
    receive(*bare, *vrs, {"from": till})
    assert (town.balance(till), town.balance(mallory)) == (VALUE, 0)


@pytest.mark.parametrize("first", ["payment", "cancellation"])
def test_a_cancellation_and_its_payment_never_both_happen(
    town: Town, carol: Any, bakery: Any, first: str
) -> None:
    """A stranger can decide which comes first, as the payer could; a nonce is used once."""
    payment = town.payment(carol, bakery, VALUE, nonce=NONCE)
    nonce = NONCE.to_bytes(32, "big")
    vrs = carol.vrs(town.domain.digest(hash_of(CANCEL, ["address", "bytes32"], [carol.address, nonce])))
    cancel = town.ledger.cancelAuthorization
    if first == "payment":
        town.ledger.pay(*payment.arguments(), {"from": town.stranger})
        assert refusal(cancel, carol.address, nonce, *vrs, sender=town.relay)[0] == "NonceUsed"
    else:
        cancel(carol.address, nonce, *vrs, {"from": town.stranger})
        assert [refused(town, wrapping, payment) for wrapping in WRAPPINGS] == ["NonceUsed"] * 3
    assert town.balance(bakery) == (VALUE if first == "payment" else 0)
    assert town.ledger.authorizationState(carol.address, nonce) is True


def test_a_permit_sent_first_by_another_does_not_break_what_follows(
    town: Town, carol: Any, bakery: Any, mallory: Any
) -> None:
    """Who goes on after a refused permit finds the allowance there, and only the spender can use it."""
    end = chain.time() + 3600
    values = [carol.address, town.relay.address, 30_00, 0, end]
    types = ["address", "address", "uint256", "uint256", "uint256"]
    vrs = carol.vrs(town.domain.digest(hash_of(PERMIT, types, values)))
    ledger = town.ledger
    for place, other in ((1, mallory.address), (2, 30_01)):
        changed = [*values[:3], end]
        changed[place] = other
        assert refusal(ledger.permit, *changed, *vrs, sender=mallory)[0] == "BadSignature"
    ledger.permit(*values[:3], end, *vrs, {"from": mallory})
    assert refusal(ledger.permit, *values[:3], end, *vrs, sender=town.relay)[0] == "BadSignature"
    found = refusal(ledger.transferFrom, carol.address, mallory.address, 1, sender=mallory)
    assert found == ("InsufficientAllowance", carol.address.lower(), mallory.address.lower(), 0, 1)
    ledger.transferFrom(carol.address, bakery.address, 30_00, {"from": town.relay})
    assert town.balance(bakery) == 30_00


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
    town: Town, mallory: Any, till: Any, signed_as: str, change: dict[str, Any]
) -> None:
    shop = town.shop("shop", key_kind=P256, money=500_00)
    if signed_as == "redemption":
        signed, method = town.redemption(shop, VALUE), town.ledger.requestRedemption
    elif signed_as == "campaign":
        signed, method = town.campaign(shop, VALUE), town.ledger.openCampaign
    else:
        campaign = town.open_campaign(shop, 100_00)
        signed, method = town.benefit(shop, till, VALUE, campaign), town.ledger.payWithBenefit
    change = {name: mallory.address if value == "mallory" else value for name, value in change.items()}
    forged = Signed(signed.message.changed(**change), signed.envelope)
    found = refusal(method, *forged.arguments(), sender=mallory)
    assert found == ("BadSignature", shop.address.lower())
    assert refusal(method, *signed.arguments(), sender=mallory) is None


def test_an_execution_that_time_permits_has_one_outcome(town: Town, carol: Any, mallory: Any) -> None:
    """A recovery that is due and a campaign that is over: whoever sends it decides nothing."""
    shop = town.shop("funder", money=200_00)
    campaign = town.open_campaign(shop, 150_00, ends_at=chain.time() + 7200)
    new = SigningKey("carol's new telephone", P256)
    registrar = {"from": town.officers["REGISTRAR"]}
    town.ledger.proposeRecovery(carol.address, new.address, P256, GROUND, registrar)
    number = town.ledger.recoveryOf(carol.address)[0]
    chain.sleep(3 * 3600)
    chain.mine()
    states = set()
    for sender in (town.relay, mallory):
        with undone():
            send(town, sender, town.ledger.executeRecovery, carol.address, number)
            send(town, sender, town.ledger.closeCampaign, campaign)
            states.add(stored(town))
            assert town.balance(shop) == 200_00
            found = refusal(town.ledger.executeRecovery, carol.address, number, sender=sender)
            assert found == ("RecoveryNotPending", carol.address.lower(), number)
            assert refusal(town.ledger.closeCampaign, campaign, sender=sender)[0] == "CampaignNotOpen"
    assert len(states) == 1
