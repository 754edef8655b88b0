"""What campaigns refuse: terms out of bounds, funders who may not, forgeries, and ways around a rule."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import chain
from campaigns import FUNDS, escrow
from eth_utils import keccak
from ledger_fixture import (
    DAY_S,
    DECLARED,
    MERCHANT,
    PROFESSIONAL,
    STOP_PAYMENTS,
    VISITOR,
    LedgerFixture,
    Signed,
    arrays,
    refusal,
    selector,
    skipped_benefits,
)
from signing import SigningKey


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"amount": 0}, "ZeroValue"),
        ({"amount": 5_000_01}, "ERC20InsufficientBalance"),
        ({"share_basis_points": 0}, "InvalidCampaign"),
        ({"share_basis_points": 10_001}, "InvalidCampaign"),
        ({"per_person_cap": 2**64}, "InvalidCampaign"),
        ({"payer_tiers": 1}, "InvalidCampaign"),
        ({"payer_tiers": 32}, "InvalidCampaign"),
        ({"ends_at": 1}, "InvalidCampaign"),
        ({"ends_at": 2**60}, "InvalidCampaign"),
        ({"starts_at": 2**60}, "InvalidCampaign"),
        ({"valid_before": 1}, "Expired"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_terms_have_bounds(onchain: LedgerFixture, region: Any, changes: dict[str, Any], error: str) -> None:
    amount = changes.pop("amount", FUNDS)
    signed = onchain.campaign(region, amount, **changes)
    refused = refusal(onchain.ledger.openCampaign, *signed.arguments(), sender=onchain.relay)
    assert refused is not None
    assert refused[0] == error


@pytest.mark.parametrize("state", ["resident", "frozen", "expired", "stopped", "stranger"])
def test_who_may_fund(onchain: LedgerFixture, region: Any, state: str) -> None:
    funder, error = region, "NotProfessional"
    if state == "resident":
        funder = onchain.person("a rich resident", money=1_000_00)
    elif state == "frozen":
        onchain.freeze(region, False, True)
        error = "FrozenOutgoing"
    elif state == "expired":
        onchain.expire(region)
        error = "IdentityExpired"
    elif state == "stopped":
        onchain.stop(STOP_PAYMENTS)
        error = "PaymentsStopped"
    else:
        funder, error = SigningKey("nobody known", 2), "NotMember"
    signed = onchain.campaign(funder, 1_00)
    refused = refusal(onchain.ledger.openCampaign, *signed.arguments(), sender=onchain.relay)
    assert refused is not None
    assert refused[0] == error


def test_a_campaign_is_opened_once_and_only_as_signed(
    onchain: LedgerFixture, region: Any, alice: Any
) -> None:
    signed = onchain.campaign(region, 10_00)
    digest = onchain.domain.digest(signed.message.struct_hash())
    assert str(onchain.ledger.campaignDigest(signed.message.fields())) == "0x" + digest.hex()
    other: dict[str, Any] = {
        "funder": alice.address,
        "amount": 10_01,
        "ref": b"\x01" * 32,
        "starts_at": 0,
        "ends_at": signed.message.ends_at + 1,
        "per_person_cap": 1,
        "share_basis_points": 1,
        "payer_tiers": 2,
        "payee_sectors": 1,
        "payers_listed": True,
        "payees_listed": True,
        "valid_before": 2**40,
        "nonce": 9,
    }
    assert set(other) == set(vars(signed.message))
    for name, value in other.items():
        forged = Signed(signed.message.changed(**{name: value}), signed.envelope)
        refused = refusal(onchain.ledger.openCampaign, *forged.arguments(), sender=onchain.relay)
        assert refused is not None, name
        assert refused[0] == "BadSignature", name
    onchain.ledger.openCampaign(*signed.arguments(), {"from": onchain.relay})
    refused = refusal(onchain.ledger.openCampaign, *signed.arguments(), sender=onchain.relay)
    assert refused is not None
    assert refused[0] == "NonceUsed"
    again = onchain.campaign(region, 10_00, ref=signed.message.ref)
    refused = refusal(onchain.ledger.openCampaign, *again.arguments(), sender=onchain.relay)
    assert refused == ("ReferenceUsed", signed.message.ref)


@pytest.mark.parametrize(
    "change",
    [
        {"value": 2},
        {"ref": b"\x01" * 32},
        {"valid_before": 2**40},
        {"nonce": 7},
        {"campaign": b"\x02" * 32},
        {"max_own": 10**6},
        {"payee": "0x" + "11" * 20},
        {"payer": "0x" + "11" * 20},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_benefit_payment_is_a_forgery(
    onchain: LedgerFixture, alice: Any, bakery: Any, open_to_all: bytes, change: dict[str, Any]
) -> None:
    signed = onchain.benefit(alice, bakery, 1_00, open_to_all)
    forged = Signed(signed.message.changed(**change), signed.envelope)
    refused = onchain.refused_benefit(forged)
    assert refused is not None
    assert refused[0] == "BadSignature"


def test_a_plain_payments_signature_spends_no_benefit(
    onchain: LedgerFixture, alice: Any, bakery: Any, open_to_all: bytes
) -> None:
    signed = onchain.benefit(alice, bakery, 1_00, open_to_all)
    plain = onchain.payment(alice, bakery, 1_00, ref=signed.message.ref)
    stolen = Signed(signed.message, plain.envelope)
    assert onchain.refused_benefit(stolen) == ("BadSignature", alice.address.lower())
    onchain.pay_benefit(signed)
    assert onchain.refused_payment(plain) == ("NonceUsed", alice.address.lower(), 0)


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ("stopped", "PaymentsStopped"),
        ("payer frozen", "FrozenOutgoing"),
        ("payee frozen", "FrozenIncoming"),
        ("payer expired", "IdentityExpired"),
        ("payee expired", "IdentityExpired"),
        ("payer stranger", "NotMember"),
        ("too poor", "ERC20InsufficientBalance"),
        ("above the payment limit", "PaymentLimit"),
        ("nothing", "ZeroValue"),
        ("late", "Expired"),
        ("payee full", "HoldingLimit"),
    ],
)
def test_a_benefit_opens_no_way_around_a_rule(
    onchain: LedgerFixture, region: Any, state: str, error: str
) -> None:
    campaign = onchain.open_campaign(region, 10_00)
    payer = onchain.person(f"payer {state}", money=1_500_00)
    payee = onchain.person(f"payee {state}", MERCHANT, DECLARED if state == "payee full" else PROFESSIONAL)
    value, changed = 20_00, {}
    if state == "stopped":
        onchain.stop(STOP_PAYMENTS)
    elif state == "payer frozen":
        onchain.freeze(payer, False, True)
    elif state == "payee frozen":
        onchain.freeze(payee, True, False)
    elif state == "payer expired":
        onchain.expire(payer)
    elif state == "payee expired":
        onchain.expire(payee)
    elif state == "payer stranger":
        payer = SigningKey("unknown payer", 2)
    elif state == "too poor":
        payer = onchain.person("poor", money=5_00)
    elif state == "above the payment limit":
        value = 1_010_01
    elif state == "nothing":
        value = 0
    elif state == "late":
        changed = {"valid_before": chain.time() - 10}
    else:
        # Own part alone would fit under the holding limit; the whole does not.
        onchain.fund(payee, 985_00)
        value = 20_00
    refused = onchain.refused_benefit(onchain.benefit(payer, payee, value, campaign, **changed))
    assert refused is not None
    assert refused[0] == error


def test_a_rival_cannot_take_a_funders_reference(onchain: LedgerFixture, region: Any) -> None:
    """Who knows a reference on its way funds a campaign of a cent under it first."""
    rival = onchain.shop("rival", money=1)
    wanted = onchain.campaign(region, 10_00)
    stolen = onchain.campaign(rival, 1, ref=wanted.message.ref)
    open_campaign = onchain.ledger.openCampaign
    refused = refusal(open_campaign, *stolen.arguments(), sender=onchain.relay)
    assert refused == ("ReferenceNotOwn", rival.address.lower(), wanted.message.ref)
    assert refusal(open_campaign, *wanted.arguments(), sender=onchain.relay) is None


def test_a_batch_skips_what_one_by_one_would_refuse(
    onchain: LedgerFixture, alice: Any, bob: Any, bakery: Any, library: Any, region: Any
) -> None:
    campaign = onchain.open_campaign(region, 10_00, per_person_cap=6_00)
    good = onchain.benefit(alice, bakery, 6_00, campaign)
    batch = [
        good,
        good,
        onchain.benefit(bob, bakery, 6_00, campaign, max_own=1_99, nonce=0),
        onchain.benefit(bob, library, 4_00, campaign, max_own=0, nonce=1),
        Signed(good.message, good.envelope[:-1] + bytes([good.envelope[-1] ^ 1])),
        onchain.benefit(alice, bob, 1_00, campaign, nonce=1),
    ]
    assert onchain.ledger.settleWithBenefits.call(*arrays(batch), {"from": onchain.relay}) == 2
    transaction = onchain.ledger.settleWithBenefits(*arrays(batch), {"from": onchain.relay})
    assert skipped_benefits(transaction) == [
        (1, "NonceUsed"),
        (2, "OwnShareExceeded"),
        (4, "BadSignature"),
        (5, "PayeeNotEligible"),
    ]
    assert (onchain.balance(bakery), onchain.balance(library), onchain.balance(bob)) == (6_00, 4_00, 0)
    assert escrow(onchain) == 0


def test_a_batch_has_a_shape(onchain: LedgerFixture, alice: Any, bakery: Any, open_to_all: bytes) -> None:
    signed = onchain.benefit(alice, bakery, 1, open_to_all)
    send = onchain.ledger.settleWithBenefits
    messages, envelopes = arrays([signed] * 101)
    assert refusal(send, messages, envelopes, sender=onchain.relay) == ("TooManyItems", 101, 100)
    assert refusal(send, messages[:2], envelopes[:1], sender=onchain.relay) == ("LengthMismatch", 2, 1)


def test_the_escrow_is_nobodys(onchain: LedgerFixture, alice: Any, open_to_all: bytes) -> None:
    holder = onchain.ledger.campaignEscrow()
    assert escrow(onchain) == FUNDS
    registrar = onchain.officers["REGISTRAR"]
    refused = refusal(onchain.ledger.enrol, holder, MERCHANT, PROFESSIONAL, 0, 0, sender=registrar)
    assert refused is not None
    assert refused[0] == "InvalidMember"
    assert refusal(onchain.ledger.transfer, alice.address, 1, sender=holder) == ("NotMember", holder.lower())
    assert onchain.refused_payment(onchain.payment(alice, holder, 1)) == ("NotMember", holder.lower())
    assert onchain.ledger.canReceive(holder) is False


def test_the_question_is_answered_as_the_payment_would_be(
    onchain: LedgerFixture, alice: Any, bob: Any, bakery: Any, region: Any
) -> None:
    campaign = onchain.open_campaign(region, 10_00, share_basis_points=5_000, per_person_cap=4_00)
    ask = onchain.ledger.benefitFor
    assert ask(campaign, alice.address, bakery.address, 6_00) == (3_00, "0x00000000")
    assert ask(campaign, alice.address, bakery.address, 60_00) == (4_00, "0x00000000")
    assert ask(campaign, alice.address, bakery.address, 2**256 - 1)[0] == 4_00
    assert ask(campaign, alice.address, bob.address, 1) == (0, selector("PayeeNotEligible"))
    visitor = onchain.person("visitor with a benefit", tier=VISITOR)
    assert ask(campaign, visitor.address, bakery.address, 2_00)[0] == 1_00
    assert ask(keccak(text="none"), alice.address, bakery.address, 1)[1] == selector("CampaignNotOpen")


def test_money_is_not_kept_from_its_funder_for_ever(onchain: LedgerFixture, region: Any) -> None:
    now = chain.time()
    longest = onchain.campaign(region, 1_00, ends_at=now + 1_095 * DAY_S)
    assert refusal(onchain.ledger.openCampaign, *longest.arguments(), sender=onchain.relay) is None
