"""Signed payments, alone and in batches: once, exactly as signed, a bad one never hurts its neighbours."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import Contract, accounts, chain, web3
from signing import KINDS, P256, PASSKEY, SECP256K1, Domain, SigningKey
from town import (
    DECLARED,
    RESIDENT,
    STOP_PAYMENTS,
    TRANSACTION_GAS_CAP,
    VISITOR,
    Signed,
    Town,
    columns,
    mine_at,
    packed,
    refusal,
    skipped,
)

from scripts.ledger.build import merged_abi

MAX_BATCH = 200
PACKED, COLUMNS = "packed", "columns"
FORMS = (PACKED, COLUMNS)


def send(town: Town, form: str, batch: list[Signed]) -> Any:
    """The batch in one of its two forms."""
    return town.settle(batch) if form == PACKED else town.settle_columns(batch)


def is_narrow(signed: Signed) -> bool:
    """Whether the payment's numbers fit the packed form's fields."""
    message = signed.message
    return message.value < 2**48 and message.valid_before < 2**40 and message.nonce < 2**40


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_key_pays(town: Town, bakery: Any, kind: int) -> None:
    payer = town.person(f"payer {kind}", key_kind=kind, money=50_00)
    signed = town.payment(payer, bakery, 3_20)
    assert str(town.ledger.paymentDigest(signed.message.fields())) == (
        "0x" + town.domain.digest(signed.message.struct_hash()).hex()
    )
    events = town.pay(signed).events
    assert events["Transfer"] == {"from": payer.address, "to": bakery.address, "value": 3_20}
    assert events["PaymentSettled"] == {"ref": "0x" + signed.message.ref.hex(), "nonce": 0}
    assert [event.name for event in events] == ["Transfer", "PaymentSettled"]
    assert (town.balance(payer), town.balance(bakery)) == (46_80, 3_20)


def test_the_domain_is_the_documented_one(town: Town) -> None:
    separator = town.domain.separator()
    assert str(town.ledger.DOMAIN_SEPARATOR()) == "0x" + separator.hex()
    fields, name, version, chain_id, contract, salt, extensions = town.ledger.eip712Domain()
    assert (str(fields), name, version) == ("0x0f", town.domain.name, "1")
    assert (chain_id, contract) == (web3.eth.chain_id, town.ledger.address)
    assert (int(str(salt), 16), list(extensions)) == (0, [])


def test_a_payment_happens_once(town: Town, alice: Any, bakery: Any) -> None:
    signed = town.payment(alice, bakery, 3_20)
    town.pay(signed)
    assert town.refused_payment(signed) == ("NonceUsed", alice.address.lower(), 0)
    assert skipped(town.settle([signed, signed])) == [(0, "NonceUsed"), (1, "NonceUsed")]
    assert town.balance(bakery) == 3_20


@pytest.mark.parametrize("form", FORMS)
def test_twice_in_one_batch_is_paid_once(town: Town, alice: Any, bakery: Any, form: str) -> None:
    signed = town.payment(alice, bakery, 3_20)
    transaction = send(town, form, [signed, signed])
    assert skipped(transaction) == [(1, "NonceUsed")]
    assert town.balance(bakery) == 3_20


def test_counting_is_by_nonce_not_by_bytes(town: Town, bakery: Any) -> None:
    """Another valid signature over the same payment, as a passkey always makes, pays nothing more."""
    payer = town.person("payer", key_kind=PASSKEY, money=50_00)
    signed = town.payment(payer, bakery, 3_20)
    digest = town.domain.digest(signed.message.struct_hash())
    again = Signed(signed.message, payer.sign(digest, flags=0x1D))
    assert again.envelope != signed.envelope
    town.pay(signed)
    assert town.refused_payment(again) == ("NonceUsed", payer.address.lower(), 0)


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
def test_a_changed_payment_is_a_forgery(town: Town, alice: Any, bob: Any, bakery: Any, change: Any) -> None:
    mallory = town.shop("mallory")
    named = {"mallory": mallory.address, "bob": bob.address}
    signed = town.payment(alice, bakery, 3_20)
    message = signed.message.changed(**{key: named.get(value, value) for key, value in change.items()})
    forged = Signed(message, signed.envelope)
    assert town.refused_payment(forged) == ("BadSignature", message.payer.lower())
    assert skipped(town.settle([forged, signed])) == [(0, "BadSignature")]
    assert town.balance(bakery) == 3_20


def test_a_signature_is_worthless_on_another_chain_or_ledger(town: Town, alice: Any, bakery: Any) -> None:
    here = town.domain
    elsewhere = (
        Domain(here.name, here.chain_id + 1, here.ledger),
        Domain(here.name, here.chain_id, accounts[9].address),
        Domain(here.name + " bis", here.chain_id, here.ledger),
        Domain(here.name, here.chain_id, here.ledger, version="2"),
    )
    for domain in elsewhere:
        message = town.payment(alice, bakery, 3_20).message
        foreign = Signed(message, alice.sign(domain.digest(message.struct_hash())))
        assert town.refused_payment(foreign) == ("BadSignature", alice.address.lower())


def test_the_domain_follows_the_chain_id(town: Town, alice: Any, bakery: Any) -> None:
    """A copy of the chain under another id refuses at once what was signed here: nothing is cached."""
    signed = town.payment(alice, bakery, 3_20)
    here = web3.eth.chain_id
    web3.provider.make_request("anvil_setChainId", [here + 1])
    try:
        assert town.refused_payment(signed) == ("BadSignature", alice.address.lower())
    finally:
        web3.provider.make_request("anvil_setChainId", [here])
    assert town.refused_payment(signed) is None


def test_a_second_ledger_refuses_the_first_ones_payments(town: Town, alice: Any, bakery: Any) -> None:
    from brownie import LedgerProxy

    from scripts.deploy import create

    initialization = town.ledger.initialize.encode_input(town.deployment["access_manager"], "Alba", "ALB")
    proxy = create(accounts[0], LedgerProxy, town.deployment["implementation"], initialization)
    other = Contract.from_abi("Other", proxy.address, merged_abi(), persist=False)
    signed = town.payment(alice, bakery, 3_20)
    refused = refusal(other.pay, *signed.arguments(), sender=town.relay)
    assert refused == ("BadSignature", alice.address.lower())


def test_a_payment_is_dead_from_its_last_second_on(town: Town, alice: Any, bakery: Any) -> None:
    signed = town.payment(alice, bakery, 3_20, valid_before=chain.time() + 60)
    mine_at(signed.message.valid_before - 1)
    assert town.refused_payment(signed) is None
    mine_at(signed.message.valid_before)
    assert town.refused_payment(signed) == ("Expired", signed.message.valid_before)


def test_a_payment_of_nothing_is_refused(town: Town, alice: Any, bakery: Any) -> None:
    assert town.refused_payment(town.payment(alice, bakery, 0)) == ("ZeroValue",)


def test_the_signature_is_judged_before_anything_else(town: Town, alice: Any) -> None:
    """So that every other reason is about something the payer has truly signed."""
    unsigned = Signed(town.payment(alice, town.stranger, 0, valid_before=1).message, b"")
    assert town.refused_payment(unsigned) == ("BadSignature", alice.address.lower())


def test_an_empty_batch_settles_nothing(town: Town) -> None:
    assert refusal(town.ledger.settle, [], [], sender=town.relay) is None


def test_a_batch_is_bounded_and_its_columns_are_equal(town: Town, alice: Any, bakery: Any) -> None:
    signed = town.payment(alice, bakery, 1)
    messages, envelopes = columns([signed])
    settle = town.ledger.settle
    refused = refusal(settle, messages * (MAX_BATCH + 1), envelopes * (MAX_BATCH + 1), sender=town.relay)
    assert refused == ("TooManyItems", MAX_BATCH + 1, MAX_BATCH)
    assert refusal(settle, messages * 2, envelopes, sender=town.relay) == ("LengthMismatch", 2, 1)


def poison(town: Town, bakery: Any) -> list[tuple[str, Signed]]:
    """One bad item for each reason a payment can be skipped, with that reason's name."""
    rich = town.person("rich", money=2_900_00)
    poor = town.person("poor", money=10_00)
    declared = town.person("declared", tier=DECLARED, money=900_00)
    tourist = town.person("tourist", tier=VISITOR, money=100_00)
    frozen = town.person("frozen", money=10_00)
    closed = town.person("closed", money=10_00)
    expired = town.person("expired", money=10_00)
    spent = town.person("spent", tier=DECLARED, money=1_000_00)
    nobody = SigningKey("nobody", P256)
    town.freeze(frozen, False, True)
    town.freeze(closed, True, False)
    registrar = {"from": town.officers["REGISTRAR"]}
    town.ledger.setMember(expired.address, RESIDENT, 3, 0, 1, registrar)
    for _ in range(2):
        town.pay(town.payment(declared, bakery, 250_00))
    officer = {"from": town.officers["GOVERNOR"]}
    town.ledger.setTierLimits(DECLARED, (1_000_00, 250_00, 500_00, 500_00), officer)
    town.pay(town.payment(spent, bakery, 250_00))
    chain.sleep(86_400)
    chain.mine()
    town.pay(town.payment(spent, bakery, 250_00))
    stale = town.payment(rich, bakery, 1, valid_before=chain.time() - 1)
    used = town.payment(rich, bakery, 1)
    town.pay(used)
    fresh = iter(range(100, 200))
    return [
        ("BadSignature", Signed(used.message, b"\x02" * 129)),
        ("Expired", stale),
        ("NonceUsed", used),
        ("ZeroValue", town.payment(rich, bakery, 0, nonce=next(fresh))),
        ("ReceiverInvalid", town.payment(rich, town.ledger, 1, nonce=next(fresh))),
        ("SamePayerPayee", town.payment(rich, rich, 1, nonce=next(fresh))),
        ("NotMember", town.payment(rich, nobody, 1, nonce=next(fresh))),
        ("NotMember", town.payment(nobody, bakery, 1)),
        ("IdentityExpired", town.payment(expired, bakery, 1)),
        ("IdentityExpired", town.payment(rich, expired, 1, nonce=next(fresh))),
        ("FrozenOutgoing", town.payment(frozen, bakery, 1)),
        ("FrozenIncoming", town.payment(rich, closed, 1, nonce=next(fresh))),
        ("VisitorToPerson", town.payment(tourist, rich, 1)),
        ("InsufficientBalance", town.payment(poor, bakery, 10_01)),
        ("InsufficientBalance", town.payment(poor, bakery, 2**256 - 1)),
        ("PaymentLimit", town.payment(rich, bakery, 1_000_01, nonce=next(fresh))),
        ("WindowLimit", town.payment(spent, bakery, 1)),
        ("HoldingLimit", town.payment(rich, tourist, 50_01, nonce=next(fresh))),
    ]


@pytest.mark.parametrize("form", FORMS)
def test_poison_items_are_skipped_with_their_reason_and_the_others_settle(
    town: Town, alice: Any, bakery: Any, form: str
) -> None:
    bad = [(reason, item) for reason, item in poison(town, bakery) if form == COLUMNS or is_narrow(item)]
    batch, expected = [], []
    for number, (reason, item) in enumerate(bad):
        expected.append((len(batch), reason))
        batch += [item, town.payment(alice, bakery, 1_00, nonce=number)]
    before = town.balance(bakery)
    transaction = send(town, form, batch)
    assert skipped(transaction) == expected
    assert len(transaction.events["PaymentSettled"]) == len(bad)
    assert town.balance(bakery) == before + len(bad) * 1_00
    for event, (_, item) in zip(transaction.events["PaymentSkipped"], bad, strict=True):
        assert (event["from"], str(event["ref"])) == (item.message.payer, "0x" + item.message.ref.hex())


def test_alone_a_poison_item_is_refused_for_the_same_reason(town: Town, bakery: Any) -> None:
    for reason, item in poison(town, bakery):
        refused = town.refused_payment(item)
        assert refused is not None
        assert refused[0] == reason


@pytest.mark.parametrize("form", FORMS)
def test_the_daily_limit_also_holds_inside_a_batch(town: Town, bakery: Any, form: str) -> None:
    declared = town.person("declared", tier=DECLARED, money=900_00)
    batch = [town.payment(declared, bakery, 200_00, nonce=nonce) for nonce in range(4)]
    assert skipped(send(town, form, batch)) == [(2, "DailyLimit"), (3, "DailyLimit")]


@pytest.mark.parametrize("form", FORMS)
def test_while_payments_are_stopped_a_batch_skips_everything(
    town: Town, alice: Any, bakery: Any, form: str
) -> None:
    town.stop(STOP_PAYMENTS)
    batch = [town.payment(alice, bakery, 1_00, nonce=nonce) for nonce in range(3)]
    assert skipped(send(town, form, batch)) == [(index, "PaymentsStopped") for index in range(3)]
    town.ledger.resume(STOP_PAYMENTS, {"from": town.officers["GOVERNOR"]})
    assert skipped(send(town, form, batch)) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_batch_of_two_hundred_of_all_kinds_fits_in_a_transaction(
    town: Town, bakery: Any, form: str
) -> None:
    payers = [town.person(f"payer {kind}", key_kind=kind, money=900_00) for kind in KINDS]
    batch = []
    for number in range(MAX_BATCH):
        payer = payers[number % len(payers)]
        batch.append(town.payment(payer, bakery, 1_00, nonce=number // len(payers)))
    transaction = send(town, form, batch)
    assert skipped(transaction) == []
    assert town.balance(bakery) == MAX_BATCH * 1_00
    assert transaction.gas_used < TRANSACTION_GAS_CAP


@pytest.mark.parametrize("form", FORMS)
def test_a_batch_leaves_what_the_same_payments_one_by_one_leave(
    town: Town, alice: Any, bakery: Any, form: str
) -> None:
    carol = town.person("carol", key_kind=SECP256K1, money=30_00)
    batch = [
        town.payment(alice, carol, 20_00),
        town.payment(carol, bakery, 45_00),
        town.payment(carol, bakery, 45_00, nonce=1),
        town.payment(bakery, alice, 5_00),
    ]
    everybody = (alice, bakery, carol)

    def state() -> list[Any]:
        accounts_now = [tuple(town.ledger.accountOf(person.address)) for person in everybody]
        return [
            *accounts_now,
            town.ledger.totalSupply(),
            *(town.ledger.nextNonce(p.address) for p in everybody),
        ]

    assert skipped(send(town, form, batch)) == [(2, "InsufficientBalance")]
    together = state()
    chain.undo()  # the batch, and Brownie's memory of it
    for index, signed in enumerate(batch):
        if index == 2:
            assert town.refused_payment(signed) is not None
        else:
            town.pay(signed)
    assert state() == together


def test_who_sends_the_batch_does_not_matter(town: Town, alice: Any, bakery: Any) -> None:
    signed = town.payment(alice, bakery, 1_00)
    later = town.payment(alice, bakery, 1_00, nonce=signed.message.nonce + 1)
    for transaction in (
        town.ledger.settlePacked(packed([signed]), {"from": town.stranger}),
        town.ledger.settle(*columns([later]), {"from": town.stranger}),
    ):
        assert skipped(transaction) == []
