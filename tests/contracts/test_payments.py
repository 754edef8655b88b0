"""Signed payments, alone and in batches: once, exactly as signed, a bad one never hurts its neighbours."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import Contract, accounts, chain, web3
from ledger_fixture import (
    DECLARED,
    STOP_PAYMENTS,
    TRANSACTION_GAS_CAP,
    VISITOR,
    LedgerFixture,
    Signed,
    arrays,
    mine_at,
    packed,
    refusal,
    skipped,
    undone,
)
from outcomes import use_up_nonce
from signing import KINDS, P256, PASSKEY, SECP256K1, Domain, SigningKey

from scripts.ledger.build import merged_abi

MAX_BATCH = 200
PACKED, ARRAYS = "packed", "arrays"
FORMS = (PACKED, ARRAYS)


def send(onchain: LedgerFixture, form: str, batch: list[Signed]) -> Any:
    """The batch in one of its two forms."""
    return onchain.settle(batch) if form == PACKED else onchain.settle_arrays(batch)


def is_narrow(signed: Signed) -> bool:
    """Whether the payment's numbers fit the packed form's fields."""
    message = signed.message
    return message.value < 2**48 and message.valid_before < 2**40 and message.nonce < 2**40


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_key_pays(onchain: LedgerFixture, bakery: Any, kind: int) -> None:
    payer = onchain.person(f"payer {kind}", key_kind=kind, money=50_00)
    signed = onchain.payment(payer, bakery, 3_20)
    assert str(onchain.ledger.paymentDigest(signed.message.fields())) == (
        "0x" + onchain.domain.digest(signed.message.struct_hash()).hex()
    )
    events = onchain.pay(signed).events
    assert events["Transfer"] == {"from": payer.address, "to": bakery.address, "value": 3_20}
    assert events["PaymentSettled"] == {"ref": "0x" + signed.message.ref.hex(), "nonce": 0}
    assert [event.name for event in events] == ["Transfer", "PaymentSettled"]
    assert (onchain.balance(payer), onchain.balance(bakery)) == (46_80, 3_20)


def test_the_domain_is_the_documented_one(onchain: LedgerFixture) -> None:
    separator = onchain.domain.separator()
    assert str(onchain.ledger.DOMAIN_SEPARATOR()) == "0x" + separator.hex()
    fields, name, version, chain_id, contract, salt, extensions = onchain.ledger.eip712Domain()
    assert (str(fields), name, version) == ("0x0f", onchain.domain.name, "1")
    assert (chain_id, contract) == (web3.eth.chain_id, onchain.ledger.address)
    assert (int(str(salt), 16), list(extensions)) == (0, [])


def test_a_payment_happens_once(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    signed = onchain.payment(alice, bakery, 3_20)
    onchain.pay(signed)
    assert onchain.refused_payment(signed) == ("NonceUsed", alice.address.lower(), 0)
    assert skipped(onchain.settle([signed, signed])) == [(0, "NonceUsed"), (1, "NonceUsed")]
    assert onchain.balance(bakery) == 3_20


@pytest.mark.parametrize("form", FORMS)
def test_twice_in_one_batch_is_paid_once(onchain: LedgerFixture, alice: Any, bakery: Any, form: str) -> None:
    signed = onchain.payment(alice, bakery, 3_20)
    transaction = send(onchain, form, [signed, signed])
    assert skipped(transaction) == [(1, "NonceUsed")]
    assert onchain.balance(bakery) == 3_20


def test_counting_is_by_nonce_not_by_bytes(onchain: LedgerFixture, bakery: Any) -> None:
    """Another valid signature over the same payment, as a passkey always makes, pays nothing more."""
    payer = onchain.person("payer", key_kind=PASSKEY, money=50_00)
    signed = onchain.payment(payer, bakery, 3_20)
    digest = onchain.domain.digest(signed.message.struct_hash())
    again = Signed(signed.message, payer.sign(digest, flags=0x1D))
    assert again.envelope != signed.envelope
    onchain.pay(signed)
    assert onchain.refused_payment(again) == ("NonceUsed", payer.address.lower(), 0)


@pytest.mark.parametrize(
    "change",
    [
        {"value": 3_21},
        {"ref": b"\x01" * 32},
        {"nonce": 1},
        {"valid_before": 2**40 - 1},
        {"payee": "mallory"},
        {"payer": "bob"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_payment_is_a_forgery(
    onchain: LedgerFixture, alice: Any, bob: Any, bakery: Any, change: Any
) -> None:
    mallory = onchain.shop("mallory")
    named = {"mallory": mallory.address, "bob": bob.address}
    signed = onchain.payment(alice, bakery, 3_20)
    message = signed.message.changed(**{key: named.get(value, value) for key, value in change.items()})
    forged = Signed(message, signed.envelope)
    assert onchain.refused_payment(forged) == ("BadSignature", message.payer.lower())
    assert skipped(onchain.settle([forged, signed])) == [(0, "BadSignature")]
    assert onchain.balance(bakery) == 3_20


def test_a_signature_is_worthless_on_another_chain_or_ledger(
    onchain: LedgerFixture, alice: Any, bakery: Any
) -> None:
    here = onchain.domain
    elsewhere = (
        Domain(here.name, here.chain_id + 1, here.ledger),
        Domain(here.name, here.chain_id, accounts[9].address),
        Domain(here.name + " bis", here.chain_id, here.ledger),
        Domain(here.name, here.chain_id, here.ledger, version="2"),
    )
    for domain in elsewhere:
        message = onchain.payment(alice, bakery, 3_20).message
        foreign = Signed(message, alice.sign(domain.digest(message.struct_hash())))
        assert onchain.refused_payment(foreign) == ("BadSignature", alice.address.lower())


def test_the_domain_follows_the_chain_id(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    """A copy of the chain under another id refuses at once what was signed here: nothing is cached."""
    signed = onchain.payment(alice, bakery, 3_20)
    here = web3.eth.chain_id
    web3.provider.make_request("anvil_setChainId", [here + 1])
    try:
        assert onchain.refused_payment(signed) == ("BadSignature", alice.address.lower())
    finally:
        web3.provider.make_request("anvil_setChainId", [here])
    assert onchain.refused_payment(signed) is None


def test_a_second_ledger_refuses_the_first_ones_payments(
    onchain: LedgerFixture, alice: Any, bakery: Any
) -> None:
    from brownie import LedgerProxy

    from scripts.deploy import create

    initialization = onchain.ledger.initialize.encode_input(
        onchain.deployment["access_manager"], "Alba", "ALB"
    )
    proxy = create(accounts[0], LedgerProxy, onchain.deployment["implementation"], initialization)
    other = Contract.from_abi("Other", proxy.address, merged_abi(), persist=False)
    signed = onchain.payment(alice, bakery, 3_20)
    refused = refusal(other.pay, *signed.arguments(), sender=onchain.relay)
    assert refused == ("BadSignature", alice.address.lower())


def test_a_payment_is_dead_from_its_last_second_on(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    signed = onchain.payment(alice, bakery, 3_20, valid_before=chain.time() + 60)
    mine_at(signed.message.valid_before - 1)
    assert onchain.refused_payment(signed) is None
    mine_at(signed.message.valid_before)
    assert onchain.refused_payment(signed) == ("Expired", signed.message.valid_before)


def test_a_payment_of_nothing_is_refused(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    assert onchain.refused_payment(onchain.payment(alice, bakery, 0)) == ("ZeroValue",)


def test_the_signature_is_judged_before_anything_else(onchain: LedgerFixture, alice: Any) -> None:
    """So that every other reason is about something the payer has truly signed."""
    unsigned = Signed(onchain.payment(alice, onchain.stranger, 0, valid_before=1).message, b"")
    assert onchain.refused_payment(unsigned) == ("BadSignature", alice.address.lower())


def test_an_empty_batch_settles_nothing(onchain: LedgerFixture) -> None:
    assert refusal(onchain.ledger.settle, [], [], sender=onchain.relay) is None


def test_a_batch_is_bounded_and_its_columns_are_equal(
    onchain: LedgerFixture, alice: Any, bakery: Any
) -> None:
    signed = onchain.payment(alice, bakery, 1)
    messages, envelopes = arrays([signed])
    settle = onchain.ledger.settle
    refused = refusal(settle, messages * (MAX_BATCH + 1), envelopes * (MAX_BATCH + 1), sender=onchain.relay)
    assert refused == ("TooManyItems", MAX_BATCH + 1, MAX_BATCH)
    assert refusal(settle, messages * 2, envelopes, sender=onchain.relay) == ("LengthMismatch", 2, 1)


def poison(onchain: LedgerFixture, bakery: Any) -> list[tuple[str, Signed]]:
    """One bad item for each reason a payment can be skipped, with that reason's name."""
    rich = onchain.person("rich", money=2_900_00)
    poor = onchain.person("poor", money=10_00)
    declared = onchain.person("declared", tier=DECLARED, money=900_00)
    tourist = onchain.person("tourist", tier=VISITOR, money=100_00)
    frozen = onchain.person("frozen", money=10_00)
    closed = onchain.person("closed", money=10_00)
    expired = onchain.person("expired", money=10_00)
    spent = onchain.person("spent", tier=DECLARED, money=1_000_00)
    nobody = SigningKey("nobody", P256)
    onchain.freeze(frozen, False, True)
    onchain.freeze(closed, True, False)
    onchain.expire(expired)
    for _ in range(2):
        onchain.pay(onchain.payment(declared, bakery, 250_00))
    officer = {"from": onchain.officers["GOVERNOR"]}
    onchain.ledger.setTierLimits(DECLARED, (1_000_00, 250_00, 500_00, 500_00), officer)
    onchain.pay(onchain.payment(spent, bakery, 250_00))
    chain.sleep(86_400)
    chain.mine()
    onchain.pay(onchain.payment(spent, bakery, 250_00))
    stale = onchain.payment(rich, bakery, 1, valid_before=chain.time() - 1)
    used = onchain.payment(rich, bakery, 1)
    onchain.pay(used)
    fresh = iter(range(100, 200))
    return [
        ("BadSignature", Signed(used.message, b"\x02" * 129)),
        ("Expired", stale),
        ("NonceUsed", used),
        ("ZeroValue", onchain.payment(rich, bakery, 0, nonce=next(fresh))),
        ("ERC20InvalidReceiver", onchain.payment(rich, onchain.ledger, 1, nonce=next(fresh))),
        ("SamePayerPayee", onchain.payment(rich, rich, 1, nonce=next(fresh))),
        ("NotMember", onchain.payment(rich, nobody, 1, nonce=next(fresh))),
        ("NotMember", onchain.payment(nobody, bakery, 1)),
        ("IdentityExpired", onchain.payment(expired, bakery, 1)),
        ("IdentityExpired", onchain.payment(rich, expired, 1, nonce=next(fresh))),
        ("FrozenOutgoing", onchain.payment(frozen, bakery, 1)),
        ("FrozenIncoming", onchain.payment(rich, closed, 1, nonce=next(fresh))),
        ("VisitorToPerson", onchain.payment(tourist, rich, 1)),
        ("ERC20InsufficientBalance", onchain.payment(poor, bakery, 10_01)),
        ("ERC20InsufficientBalance", onchain.payment(poor, bakery, 2**256 - 1, nonce=1)),
        ("PaymentLimit", onchain.payment(rich, bakery, 1_000_01, nonce=next(fresh))),
        ("WindowLimit", onchain.payment(spent, bakery, 1)),
        ("HoldingLimit", onchain.payment(rich, tourist, 50_01, nonce=next(fresh))),
    ]


@pytest.mark.parametrize("form", FORMS)
def test_poison_items_are_skipped_with_their_reason_and_the_others_settle(
    onchain: LedgerFixture, alice: Any, bakery: Any, form: str
) -> None:
    bad = [(reason, item) for reason, item in poison(onchain, bakery) if form == ARRAYS or is_narrow(item)]
    batch, expected = [], []
    for number, (reason, item) in enumerate(bad):
        expected.append((len(batch), reason))
        batch += [item, onchain.payment(alice, bakery, 1_00, nonce=number)]
    before = onchain.balance(bakery)
    transaction = send(onchain, form, batch)
    assert skipped(transaction) == expected
    assert len(transaction.events["PaymentSettled"]) == len(bad)
    assert onchain.balance(bakery) == before + len(bad) * 1_00
    for event, (_, item) in zip(transaction.events["PaymentSkipped"], bad, strict=True):
        assert (event["from"], str(event["ref"])) == (item.message.payer, "0x" + item.message.ref.hex())


def test_alone_a_poison_item_is_refused_for_the_same_reason(onchain: LedgerFixture, bakery: Any) -> None:
    for reason, item in poison(onchain, bakery):
        refused = onchain.refused_payment(item)
        assert refused is not None
        assert refused[0] == reason


@pytest.mark.parametrize("form", FORMS)
def test_the_daily_limit_also_holds_inside_a_batch(onchain: LedgerFixture, bakery: Any, form: str) -> None:
    declared = onchain.person("declared", tier=DECLARED, money=900_00)
    batch = [onchain.payment(declared, bakery, 200_00, nonce=nonce) for nonce in range(4)]
    assert skipped(send(onchain, form, batch)) == [(2, "DailyLimit"), (3, "DailyLimit")]


@pytest.mark.parametrize("form", FORMS)
def test_while_payments_are_stopped_a_batch_skips_everything(
    onchain: LedgerFixture, alice: Any, bakery: Any, form: str
) -> None:
    onchain.stop(STOP_PAYMENTS)
    batch = [onchain.payment(alice, bakery, 1_00, nonce=nonce) for nonce in range(3)]
    assert skipped(send(onchain, form, batch)) == [(index, "PaymentsStopped") for index in range(3)]
    onchain.ledger.resume(STOP_PAYMENTS, {"from": onchain.officers["GOVERNOR"]})
    assert skipped(send(onchain, form, batch)) == [(index, "NonceUsed") for index in range(3)]


@pytest.mark.parametrize("form", FORMS)
def test_a_batch_of_two_hundred_of_all_kinds_fits_in_a_transaction(
    onchain: LedgerFixture, bakery: Any, form: str
) -> None:
    payers = [onchain.person(f"payer {kind}", key_kind=kind, money=900_00) for kind in KINDS]
    batch = []
    for number in range(MAX_BATCH):
        payer = payers[number % len(payers)]
        batch.append(onchain.payment(payer, bakery, 1_00, nonce=number // len(payers)))
    transaction = send(onchain, form, batch)
    assert skipped(transaction) == []
    assert onchain.balance(bakery) == MAX_BATCH * 1_00
    assert transaction.gas_used < TRANSACTION_GAS_CAP


@pytest.mark.parametrize("form", FORMS)
def test_a_batch_leaves_what_the_same_payments_one_by_one_leave(
    onchain: LedgerFixture, alice: Any, bakery: Any, form: str
) -> None:
    carol = onchain.person("carol", key_kind=SECP256K1, money=30_00)
    batch = [
        onchain.payment(alice, carol, 20_00),
        onchain.payment(carol, bakery, 45_00),
        onchain.payment(carol, bakery, 45_00, nonce=1),
        onchain.payment(bakery, alice, 5_00),
    ]
    everybody = (alice, bakery, carol)

    def state() -> list[Any]:
        accounts_now = [tuple(onchain.ledger.accountOf(person.address)) for person in everybody]
        return [
            *accounts_now,
            onchain.ledger.totalSupply(),
            *(onchain.ledger.nextNonce(p.address) for p in everybody),
        ]

    with undone():
        assert skipped(send(onchain, form, batch)) == [(2, "ERC20InsufficientBalance")]
        together = state()
    for index, signed in enumerate(batch):
        if index == 2:
            assert onchain.refused_payment(signed) is not None
            use_up_nonce(onchain, signed.message.payer, signed.message.nonce)
        else:
            onchain.pay(signed)
    assert state() == together


def test_who_sends_the_batch_does_not_matter(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    signed = onchain.payment(alice, bakery, 1_00)
    later = onchain.payment(alice, bakery, 1_00, nonce=signed.message.nonce + 1)
    for transaction in (
        onchain.ledger.settlePacked(packed([signed]), {"from": onchain.stranger}),
        onchain.ledger.settle(*arrays([later]), {"from": onchain.stranger}),
    ):
        assert skipped(transaction) == []
