"""Campaigns: escrowed by a funder, spent first by whom and where the terms say, the rest given back."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import chain
from eth_utils import keccak
from signing import KINDS, SigningKey
from town import (
    ASSOCIATION,
    DAY_S,
    DECLARED,
    MERCHANT,
    PROFESSIONAL,
    RESIDENT,
    STOP_PAYMENTS,
    VERIFIED,
    VISITOR,
    Signed,
    Town,
    columns,
    mine_at,
    refusal,
    selector,
    skipped_benefits,
)

BOOKS, SPORT, FOOD = 47, 93, 10
NOTHING = bytes(32)
FUNDS = 1_000_00


@pytest.fixture(scope="module")
def region(town: Town) -> Any:
    """The funder: an association with 5 000 euros."""
    return town.person("the region", ASSOCIATION, PROFESSIONAL, money=5_000_00)


@pytest.fixture(scope="module")
def library(town: Town) -> Any:
    """A bookshop."""
    return town.person("a bookshop", MERCHANT, PROFESSIONAL, sector=BOOKS)


@pytest.fixture
def open_to_all(town: Town, region: Any) -> bytes:
    """A campaign of 1 000 euros that pays all of anybody's payment to any shop."""
    return town.open_campaign(region, FUNDS)


def escrow(town: Town) -> int:
    """Cents in escrow."""
    return town.balance(town.ledger.campaignEscrow())


def sectors(*codes: int) -> int:
    """Sectors as the terms carry them."""
    return sum(code << 16 * place for place, code in enumerate(codes))


def test_opening_moves_the_funders_money_into_escrow(town: Town, region: Any) -> None:
    supply = town.ledger.totalSupply()
    signed = town.campaign(region, FUNDS, per_person_cap=50_00, payee_sectors=sectors(BOOKS, SPORT))
    events = town.ledger.openCampaign(*signed.arguments(), {"from": town.stranger}).events
    terms = signed.message
    moved = {"from": region.address, "to": town.ledger.campaignEscrow(), "value": FUNDS}
    assert events["Transfer"] == moved
    opened = events["CampaignOpened"]
    assert (str(opened["ref"]), opened["funder"], opened["value"]) == (
        "0x" + terms.ref.hex(),
        region.address,
        FUNDS,
    )
    assert opened["terms"][1] == FUNDS
    assert (escrow(town), town.balance(region), town.ledger.totalSupply()) == (FUNDS, 4_000_00, supply)
    view = town.ledger.campaignOf(terms.ref)
    assert (view["funder"], view["funded"], view["spent"], view["closed"]) == (
        region.address,
        FUNDS,
        0,
        False,
    )
    assert (view["perPersonCap"], view["payeeSectors"]) == (50_00, sectors(BOOKS, SPORT))


def test_the_campaign_pays_first_and_the_payer_the_rest(
    town: Town, alice: Any, bakery: Any, region: Any
) -> None:
    campaign = town.open_campaign(region, FUNDS, per_person_cap=30_00)
    signed = town.benefit(alice, bakery, 50_00, campaign)
    transaction = town.pay_benefit(signed)
    ref = "0x" + signed.message.ref.hex()
    transfers = [dict(event) for event in transaction.events["Transfer"]]
    assert transfers == [
        {"from": alice.address, "to": bakery.address, "value": 20_00},
        {"from": town.ledger.campaignEscrow(), "to": bakery.address, "value": 30_00},
    ]
    spent = transaction.events["BenefitSpent"]
    assert (spent["payer"], spent["payee"], spent["value"], str(spent["ref"])) == (
        alice.address,
        bakery.address,
        30_00,
        ref,
    )
    settled = transaction.events["BenefitPaymentSettled"]
    assert (settled["value"], str(settled["campaign"]), str(settled["ref"])) == (
        20_00,
        "0x" + campaign.hex(),
        ref,
    )
    assert (town.balance(alice), town.balance(bakery), escrow(town)) == (980_00, 50_00, FUNDS - 30_00)
    assert town.ledger.accountOf(alice.address)["spentToday"] == 20_00
    assert town.ledger.benefitSpentBy(campaign, alice.address) == 30_00
    assert town.ledger.benefitFor(campaign, alice.address, bakery.address, 1_00)[0] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_key_spends_a_benefit(town: Town, bakery: Any, open_to_all: bytes, kind: int) -> None:
    person = town.person(f"penniless {kind}", key_kind=kind)
    signed = town.benefit(person, bakery, 5_00, open_to_all, max_own=0)
    digest = town.domain.digest(signed.message.struct_hash())
    assert str(town.ledger.benefitDigest(signed.message.fields())) == "0x" + digest.hex()
    town.pay_benefit(signed)
    assert (town.balance(person), town.balance(bakery)) == (0, 5_00)
    assert town.refused_benefit(signed) == ("NonceUsed", person.address.lower(), 0)


def test_a_share_is_a_bonus_on_each_payment(town: Town, alice: Any, bakery: Any, region: Any) -> None:
    campaign = town.open_campaign(region, FUNDS, share_basis_points=2_000)
    town.pay_benefit(town.benefit(alice, bakery, 9_99, campaign))
    # A fifth of 9.99, rounded in the campaign's favour.
    assert town.ledger.campaignOf(campaign)["spent"] == 1_99
    assert town.balance(alice) == 1_000_00 - 8_00


def test_an_empty_campaign_pays_nothing_and_stops_cleanly(
    town: Town, alice: Any, bakery: Any, region: Any
) -> None:
    campaign = town.open_campaign(region, 10_00)
    town.pay_benefit(town.benefit(alice, bakery, 15_00, campaign))
    transaction = town.pay_benefit(town.benefit(alice, bakery, 5_00, campaign))
    assert "BenefitSpent" not in transaction.events
    assert (town.balance(bakery), escrow(town)) == (20_00, 0)
    view = town.ledger.campaignOf(campaign)
    assert (view["funded"], view["spent"]) == (10_00, 10_00)


def test_the_payer_bounds_their_own_part(town: Town, alice: Any, bakery: Any, region: Any) -> None:
    campaign = town.open_campaign(region, 10_00)
    refused = town.refused_benefit(town.benefit(alice, bakery, 15_00, campaign, max_own=4_99))
    assert refused == ("OwnShareExceeded", 5_00, 4_99)
    assert town.refused_benefit(town.benefit(alice, bakery, 15_00, campaign, max_own=5_00)) is None


def test_two_campaigns_do_not_touch_each_others_money(
    town: Town, alice: Any, bakery: Any, region: Any
) -> None:
    small, large = town.open_campaign(region, 10_00), town.open_campaign(region, 100_00)
    town.pay_benefit(town.benefit(alice, bakery, 30_00, small))
    assert town.ledger.campaignOf(small)["spent"] == 10_00
    assert (town.ledger.campaignOf(large)["spent"], escrow(town)) == (0, 100_00)


@pytest.mark.parametrize(
    ("tiers", "tier", "accepted"),
    [(0, DECLARED, True), (1 << VERIFIED, VERIFIED, True), (1 << VERIFIED, DECLARED, False)],
)
def test_payers_by_tier(town: Town, bakery: Any, region: Any, tiers: int, tier: int, accepted: bool) -> None:
    campaign = town.open_campaign(region, FUNDS, payer_tiers=tiers)
    person = town.person(f"payer of tier {tier}", tier=tier)
    refused = town.refused_benefit(town.benefit(person, bakery, 1_00, campaign))
    expected = None if accepted else ("PayerNotEligible", campaign, person.address.lower())
    assert refused == expected


@pytest.mark.parametrize(
    ("codes", "sector", "accepted"),
    [
        ((), 0, True),
        ((BOOKS,), BOOKS, True),
        ((SPORT, BOOKS), BOOKS, True),
        ((BOOKS,), FOOD, False),
        ((BOOKS,), 0, False),
        (tuple(range(100, 116)), 115, True),
    ],
)
def test_payees_by_sector(
    town: Town, alice: Any, region: Any, codes: tuple[int, ...], sector: int, accepted: bool
) -> None:
    campaign = town.open_campaign(region, FUNDS, payee_sectors=sectors(*codes))
    shop = town.person(f"shop in {sector} {codes}", MERCHANT, PROFESSIONAL, sector=sector)
    refused = town.refused_benefit(town.benefit(alice, shop, 1_00, campaign))
    assert refused == (None if accepted else ("PayeeNotEligible", campaign, shop.address.lower()))


def test_a_resident_is_never_the_payee(town: Town, alice: Any, bob: Any, open_to_all: bytes) -> None:
    """Friends would turn a benefit into cash among themselves."""
    refused = town.refused_benefit(town.benefit(alice, bob, 1_00, open_to_all))
    assert refused == ("PayeeNotEligible", open_to_all, bob.address.lower())


@pytest.mark.parametrize("side", ["payers", "payees"])
def test_lists(town: Town, alice: Any, bakery: Any, region: Any, side: str) -> None:
    campaign = town.open_campaign(region, FUNDS, **{f"{side}_listed": True})
    account = alice if side == "payers" else bakery
    error = "PayerNotEligible" if side == "payers" else "PayeeNotEligible"
    signed = town.benefit(alice, bakery, 1_00, campaign)
    assert town.refused_benefit(signed) == (error, campaign, account.address.lower())
    registrar = {"from": town.officers["REGISTRAR"]}
    for wrong_side in (True, False):
        put_on = town.ledger.listForCampaign(campaign, [account.address], wrong_side, True, registrar)
        assert put_on.events["CampaignListed"]["asPayer"] is wrong_side
        right = wrong_side is (side == "payers")
        assert (town.refused_benefit(signed) is None) is right
        town.ledger.listForCampaign(campaign, [account.address], wrong_side, False, registrar)
        assert town.ledger.campaignListing(campaign, account.address) == (False, False)


def test_what_cannot_be_listed(town: Town, alice: Any, open_to_all: bytes) -> None:
    registrar, listing = town.officers["REGISTRAR"], town.ledger.listForCampaign
    stranger = town.stranger.address
    assert refusal(listing, open_to_all, [stranger], True, True, sender=registrar) == (
        "NotMember",
        stranger.lower(),
    )
    assert refusal(listing, NOTHING, [alice.address], True, True, sender=registrar) == (
        "CampaignNotOpen",
        NOTHING,
    )
    crowd = [alice.address] * 201
    assert refusal(listing, open_to_all, crowd, True, True, sender=registrar) == ("TooManyItems", 201, 200)


def test_dates(town: Town, alice: Any, bakery: Any, region: Any) -> None:
    now = chain.time()
    campaign = town.open_campaign(region, FUNDS, starts_at=now + 500, ends_at=now + 1_000)
    signed = town.benefit(alice, bakery, 1_00, campaign)
    assert town.refused_benefit(signed) == ("CampaignNotOpen", campaign)
    mine_at(now + 500)
    assert town.refused_benefit(signed) is None
    mine_at(now + 1_000)
    assert town.refused_benefit(signed) == ("CampaignNotOpen", campaign)
    assert town.refused_benefit(town.benefit(alice, bakery, 1_00, NOTHING)) == ("CampaignNotOpen", NOTHING)


def test_the_rest_goes_back_after_the_end_and_once(town: Town, alice: Any, bakery: Any, region: Any) -> None:
    ends_at = chain.time() + 1_000
    campaign = town.open_campaign(region, FUNDS, ends_at=ends_at)
    town.pay_benefit(town.benefit(alice, bakery, 100_00, campaign))
    close = town.ledger.closeCampaign
    assert refusal(close, campaign, sender=town.stranger) == ("CampaignNotOver", campaign, ends_at)
    mine_at(ends_at)
    town.stop(7)
    town.freeze(region, True, True)
    events = close(campaign, {"from": town.stranger}).events
    assert events["Transfer"] == {
        "from": town.ledger.campaignEscrow(),
        "to": region.address,
        "value": 900_00,
    }
    assert events["CampaignClosed"] == {
        "ref": "0x" + campaign.hex(),
        "funder": region.address,
        "value": 900_00,
    }
    assert (town.balance(region), escrow(town)) == (4_900_00, 0)
    assert refusal(close, campaign, sender=town.stranger) == ("CampaignNotOpen", campaign)
    assert refusal(close, NOTHING, sender=town.stranger) == ("CampaignNotOpen", NOTHING)


def test_a_spent_campaign_closes_without_a_movement(town: Town, alice: Any, bakery: Any, region: Any) -> None:
    ends_at = chain.time() + 1_000
    campaign = town.open_campaign(region, 10_00, ends_at=ends_at)
    town.pay_benefit(town.benefit(alice, bakery, 10_00, campaign))
    mine_at(ends_at)
    events = town.ledger.closeCampaign(campaign, {"from": town.relay}).events
    assert "Transfer" not in events
    assert events["CampaignClosed"]["value"] == 0


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"amount": 0}, "ZeroValue"),
        ({"amount": 5_000_01}, "InsufficientBalance"),
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
def test_terms_have_bounds(town: Town, region: Any, changes: dict[str, Any], error: str) -> None:
    amount = changes.pop("amount", FUNDS)
    signed = town.campaign(region, amount, **changes)
    refused = refusal(town.ledger.openCampaign, *signed.arguments(), sender=town.relay)
    assert refused is not None
    assert refused[0] == error


@pytest.mark.parametrize("state", ["resident", "frozen", "expired", "stopped", "stranger"])
def test_who_may_fund(town: Town, region: Any, state: str) -> None:
    funder, error = region, "NotProfessional"
    registrar = {"from": town.officers["REGISTRAR"]}
    if state == "resident":
        funder = town.person("a rich resident", money=1_000_00)
    elif state == "frozen":
        town.freeze(region, False, True)
        error = "FrozenOutgoing"
    elif state == "expired":
        town.ledger.setMember(region.address, ASSOCIATION, PROFESSIONAL, 0, 1, registrar)
        error = "IdentityExpired"
    elif state == "stopped":
        town.stop(STOP_PAYMENTS)
        error = "PaymentsStopped"
    else:
        funder, error = SigningKey("nobody known", 2), "NotMember"
    signed = town.campaign(funder, 1_00)
    refused = refusal(town.ledger.openCampaign, *signed.arguments(), sender=town.relay)
    assert refused is not None
    assert refused[0] == error


def test_a_campaign_is_opened_once_and_only_as_signed(town: Town, region: Any, alice: Any) -> None:
    signed = town.campaign(region, 10_00)
    digest = town.domain.digest(signed.message.struct_hash())
    assert str(town.ledger.campaignDigest(signed.message.fields())) == "0x" + digest.hex()
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
        refused = refusal(town.ledger.openCampaign, *forged.arguments(), sender=town.relay)
        assert refused is not None, name
        assert refused[0] == "BadSignature", name
    town.ledger.openCampaign(*signed.arguments(), {"from": town.relay})
    refused = refusal(town.ledger.openCampaign, *signed.arguments(), sender=town.relay)
    assert refused is not None
    assert refused[0] == "NonceUsed"
    again = town.campaign(region, 10_00, ref=signed.message.ref)
    refused = refusal(town.ledger.openCampaign, *again.arguments(), sender=town.relay)
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
    town: Town, alice: Any, bakery: Any, open_to_all: bytes, change: dict[str, Any]
) -> None:
    signed = town.benefit(alice, bakery, 1_00, open_to_all)
    forged = Signed(signed.message.changed(**change), signed.envelope)
    refused = town.refused_benefit(forged)
    assert refused is not None
    assert refused[0] == "BadSignature"


def test_a_plain_payments_signature_spends_no_benefit(
    town: Town, alice: Any, bakery: Any, open_to_all: bytes
) -> None:
    signed = town.benefit(alice, bakery, 1_00, open_to_all)
    plain = town.payment(alice, bakery, 1_00, ref=signed.message.ref)
    stolen = Signed(signed.message, plain.envelope)
    assert town.refused_benefit(stolen) == ("BadSignature", alice.address.lower())
    town.pay_benefit(signed)
    assert town.refused_payment(plain) == ("NonceUsed", alice.address.lower(), 0)


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ("stopped", "PaymentsStopped"),
        ("payer frozen", "FrozenOutgoing"),
        ("payee frozen", "FrozenIncoming"),
        ("payer expired", "IdentityExpired"),
        ("payee expired", "IdentityExpired"),
        ("payer stranger", "NotMember"),
        ("too poor", "InsufficientBalance"),
        ("above the payment limit", "PaymentLimit"),
        ("nothing", "ZeroValue"),
        ("late", "Expired"),
        ("payee full", "HoldingLimit"),
    ],
)
def test_a_benefit_opens_no_way_around_a_rule(town: Town, region: Any, state: str, error: str) -> None:
    ledger = town.ledger
    campaign = town.open_campaign(region, 10_00)
    payer = town.person(f"payer {state}", money=1_500_00)
    payee = town.person(f"payee {state}", MERCHANT, DECLARED if state == "payee full" else PROFESSIONAL)
    registrar = {"from": town.officers["REGISTRAR"]}
    value, changed = 20_00, {}
    if state == "stopped":
        town.stop(STOP_PAYMENTS)
    elif state == "payer frozen":
        town.freeze(payer, False, True)
    elif state == "payee frozen":
        town.freeze(payee, True, False)
    elif state == "payer expired":
        ledger.setMember(payer.address, RESIDENT, VERIFIED, 0, 1, registrar)
    elif state == "payee expired":
        ledger.setMember(payee.address, MERCHANT, PROFESSIONAL, 0, 1, registrar)
    elif state == "payer stranger":
        payer = SigningKey("unknown payer", 2)
    elif state == "too poor":
        payer = town.person("poor", money=5_00)
    elif state == "above the payment limit":
        value = 1_010_01
    elif state == "nothing":
        value = 0
    elif state == "late":
        changed = {"valid_before": chain.time() - 10}
    else:
        # Own part alone would fit under the holding limit; the whole does not.
        town.fund(payee, 985_00)
        value = 20_00
    refused = town.refused_benefit(town.benefit(payer, payee, value, campaign, **changed))
    assert refused is not None
    assert refused[0] == error


def test_a_batch_skips_what_one_by_one_would_refuse(
    town: Town, alice: Any, bob: Any, bakery: Any, library: Any, region: Any
) -> None:
    campaign = town.open_campaign(region, 10_00, per_person_cap=6_00)
    good = town.benefit(alice, bakery, 6_00, campaign)
    batch = [
        good,
        good,
        town.benefit(bob, bakery, 6_00, campaign, max_own=1_99, nonce=0),
        town.benefit(bob, library, 4_00, campaign, max_own=0, nonce=0),
        Signed(good.message, good.envelope[:-1] + b"\x00"),
        town.benefit(alice, bob, 1_00, campaign, nonce=1),
    ]
    assert town.ledger.settleWithBenefits.call(*columns(batch), {"from": town.relay}) == 2
    transaction = town.ledger.settleWithBenefits(*columns(batch), {"from": town.relay})
    assert skipped_benefits(transaction) == [
        (1, "NonceUsed"),
        (2, "OwnShareExceeded"),
        (4, "BadSignature"),
        (5, "PayeeNotEligible"),
    ]
    assert (town.balance(bakery), town.balance(library), town.balance(bob)) == (6_00, 4_00, 0)
    assert escrow(town) == 0


def test_a_batch_has_a_shape(town: Town, alice: Any, bakery: Any, open_to_all: bytes) -> None:
    signed = town.benefit(alice, bakery, 1, open_to_all)
    send = town.ledger.settleWithBenefits
    messages, envelopes = columns([signed] * 101)
    assert refusal(send, messages, envelopes, sender=town.relay) == ("TooManyItems", 101, 100)
    assert refusal(send, messages[:2], envelopes[:1], sender=town.relay) == ("LengthMismatch", 2, 1)


def test_the_escrow_is_nobodys(town: Town, alice: Any, open_to_all: bytes) -> None:
    holder = town.ledger.campaignEscrow()
    assert escrow(town) == FUNDS
    registrar = town.officers["REGISTRAR"]
    refused = refusal(town.ledger.enrol, holder, MERCHANT, PROFESSIONAL, 0, 0, sender=registrar)
    assert refused is not None
    assert refused[0] == "InvalidMember"
    assert refusal(town.ledger.transfer, alice.address, 1, sender=holder) == ("NotMember", holder.lower())
    assert town.refused_payment(town.payment(alice, holder, 1)) == ("NotMember", holder.lower())
    assert town.ledger.canReceive(holder) is False


def test_the_question_is_answered_as_the_payment_would_be(
    town: Town, alice: Any, bob: Any, bakery: Any, region: Any
) -> None:
    campaign = town.open_campaign(region, 10_00, share_basis_points=5_000, per_person_cap=4_00)
    ask = town.ledger.benefitFor
    assert ask(campaign, alice.address, bakery.address, 6_00) == (3_00, "0x00000000")
    assert ask(campaign, alice.address, bakery.address, 60_00) == (4_00, "0x00000000")
    assert ask(campaign, alice.address, bakery.address, 2**256 - 1)[0] == 4_00
    assert ask(campaign, alice.address, bob.address, 1) == (0, selector("PayeeNotEligible"))
    visitor = town.person("visitor with a benefit", tier=VISITOR)
    assert ask(campaign, visitor.address, bakery.address, 2_00)[0] == 1_00
    assert ask(keccak(text="none"), alice.address, bakery.address, 1)[1] == selector("CampaignNotOpen")


def test_money_is_not_kept_from_its_funder_for_ever(town: Town, region: Any) -> None:
    now = chain.time()
    longest = town.campaign(region, 1_00, ends_at=now + 1_095 * DAY_S)
    assert refusal(town.ledger.openCampaign, *longest.arguments(), sender=town.relay) is None
