"""Campaigns: escrowed by a funder, spent first by whom and where the terms say, the rest given back."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import chain
from campaigns import BOOKS, FOOD, FUNDS, NOTHING, SPORT, escrow, sectors
from ledger_fixture import (
    DAY_S,
    DECLARED,
    GROUND,
    MERCHANT,
    PROFESSIONAL,
    VERIFIED,
    LedgerFixture,
    mine_at,
    refusal,
    selector,
)
from signing import KINDS


def test_opening_moves_the_funders_money_into_escrow(onchain: LedgerFixture, region: Any) -> None:
    supply = onchain.ledger.totalSupply()
    signed = onchain.campaign(region, FUNDS, per_person_cap=50_00, payee_sectors=sectors(BOOKS, SPORT))
    events = onchain.ledger.openCampaign(*signed.arguments(), {"from": onchain.stranger}).events
    terms = signed.message
    moved = {"from": region.address, "to": onchain.ledger.campaignEscrow(), "value": FUNDS}
    assert events["Transfer"] == moved
    opened = events["CampaignOpened"]
    assert (str(opened["ref"]), opened["funder"], opened["value"]) == (
        "0x" + terms.ref.hex(),
        region.address,
        FUNDS,
    )
    assert opened["terms"][1] == FUNDS
    assert (escrow(onchain), onchain.balance(region), onchain.ledger.totalSupply()) == (
        FUNDS,
        4_000_00,
        supply,
    )
    view = onchain.ledger.campaignOf(terms.ref)
    assert (view["funder"], view["funded"], view["spent"], view["closed"]) == (
        region.address,
        FUNDS,
        0,
        False,
    )
    assert (view["perPersonCap"], view["payeeSectors"]) == (50_00, sectors(BOOKS, SPORT))


def test_the_campaign_pays_first_and_the_payer_the_rest(
    onchain: LedgerFixture, alice: Any, bakery: Any, region: Any
) -> None:
    campaign = onchain.open_campaign(region, FUNDS, per_person_cap=30_00)
    signed = onchain.benefit(alice, bakery, 50_00, campaign)
    transaction = onchain.pay_benefit(signed)
    ref = "0x" + signed.message.ref.hex()
    transfers = [dict(event) for event in transaction.events["Transfer"]]
    assert transfers == [
        {"from": alice.address, "to": bakery.address, "value": 20_00},
        {"from": onchain.ledger.campaignEscrow(), "to": bakery.address, "value": 30_00},
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
    assert (onchain.balance(alice), onchain.balance(bakery), escrow(onchain)) == (
        980_00,
        50_00,
        FUNDS - 30_00,
    )
    assert onchain.ledger.accountOf(alice.address)["spentToday"] == 20_00
    assert onchain.ledger.benefitSpentBy(campaign, alice.address) == 30_00
    assert onchain.ledger.benefitFor(campaign, alice.address, bakery.address, 1_00)[0] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_key_spends_a_benefit(
    onchain: LedgerFixture, bakery: Any, open_to_all: bytes, kind: int
) -> None:
    person = onchain.person(f"penniless {kind}", key_kind=kind)
    signed = onchain.benefit(person, bakery, 5_00, open_to_all, max_own=0)
    digest = onchain.domain.digest(signed.message.struct_hash())
    assert str(onchain.ledger.benefitDigest(signed.message.fields())) == "0x" + digest.hex()
    onchain.pay_benefit(signed)
    assert (onchain.balance(person), onchain.balance(bakery)) == (0, 5_00)
    assert onchain.refused_benefit(signed) == ("NonceUsed", person.address.lower(), 0)


def test_a_share_is_a_bonus_on_each_payment(
    onchain: LedgerFixture, alice: Any, bakery: Any, region: Any
) -> None:
    campaign = onchain.open_campaign(region, FUNDS, share_basis_points=2_000)
    onchain.pay_benefit(onchain.benefit(alice, bakery, 9_99, campaign))
    # A fifth of 9.99, rounded in the campaign's favour.
    assert onchain.ledger.campaignOf(campaign)["spent"] == 1_99
    assert onchain.balance(alice) == 1_000_00 - 8_00


def test_an_empty_campaign_pays_nothing_and_stops_cleanly(
    onchain: LedgerFixture, alice: Any, bakery: Any, region: Any
) -> None:
    campaign = onchain.open_campaign(region, 10_00)
    onchain.pay_benefit(onchain.benefit(alice, bakery, 15_00, campaign))
    transaction = onchain.pay_benefit(onchain.benefit(alice, bakery, 5_00, campaign))
    assert "BenefitSpent" not in transaction.events
    assert (onchain.balance(bakery), escrow(onchain)) == (20_00, 0)
    view = onchain.ledger.campaignOf(campaign)
    assert (view["funded"], view["spent"]) == (10_00, 10_00)


def test_the_payer_bounds_their_own_part(
    onchain: LedgerFixture, alice: Any, bakery: Any, region: Any
) -> None:
    campaign = onchain.open_campaign(region, 10_00)
    refused = onchain.refused_benefit(onchain.benefit(alice, bakery, 15_00, campaign, max_own=4_99))
    assert refused == ("OwnShareExceeded", 5_00, 4_99)
    assert onchain.refused_benefit(onchain.benefit(alice, bakery, 15_00, campaign, max_own=5_00)) is None


def test_two_campaigns_do_not_touch_each_others_money(
    onchain: LedgerFixture, alice: Any, bakery: Any, region: Any
) -> None:
    small, large = onchain.open_campaign(region, 10_00), onchain.open_campaign(region, 100_00)
    onchain.pay_benefit(onchain.benefit(alice, bakery, 30_00, small))
    assert onchain.ledger.campaignOf(small)["spent"] == 10_00
    assert (onchain.ledger.campaignOf(large)["spent"], escrow(onchain)) == (0, 100_00)


@pytest.mark.parametrize(
    ("tiers", "tier", "accepted"),
    [(0, DECLARED, True), (1 << VERIFIED, VERIFIED, True), (1 << VERIFIED, DECLARED, False)],
)
def test_payers_by_tier(
    onchain: LedgerFixture, bakery: Any, region: Any, tiers: int, tier: int, accepted: bool
) -> None:
    campaign = onchain.open_campaign(region, FUNDS, payer_tiers=tiers)
    person = onchain.person(f"payer of tier {tier}", tier=tier)
    refused = onchain.refused_benefit(onchain.benefit(person, bakery, 1_00, campaign))
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
    onchain: LedgerFixture, alice: Any, region: Any, codes: tuple[int, ...], sector: int, accepted: bool
) -> None:
    campaign = onchain.open_campaign(region, FUNDS, payee_sectors=sectors(*codes))
    shop = onchain.person(f"shop in {sector} {codes}", MERCHANT, PROFESSIONAL, sector=sector)
    refused = onchain.refused_benefit(onchain.benefit(alice, shop, 1_00, campaign))
    assert refused == (None if accepted else ("PayeeNotEligible", campaign, shop.address.lower()))


def test_a_resident_is_never_the_payee(
    onchain: LedgerFixture, alice: Any, bob: Any, open_to_all: bytes
) -> None:
    """Friends would turn a benefit into cash among themselves."""
    refused = onchain.refused_benefit(onchain.benefit(alice, bob, 1_00, open_to_all))
    assert refused == ("PayeeNotEligible", open_to_all, bob.address.lower())


@pytest.mark.parametrize("side", ["payers", "payees"])
def test_lists(onchain: LedgerFixture, alice: Any, bakery: Any, region: Any, side: str) -> None:
    campaign = onchain.open_campaign(region, FUNDS, **{f"{side}_listed": True})
    account = alice if side == "payers" else bakery
    error = "PayerNotEligible" if side == "payers" else "PayeeNotEligible"
    signed = onchain.benefit(alice, bakery, 1_00, campaign)
    assert onchain.refused_benefit(signed) == (error, campaign, account.address.lower())
    registrar = {"from": onchain.officers["REGISTRAR"]}
    for wrong_side in (True, False):
        put_on = onchain.ledger.listForCampaign(campaign, [account.address], wrong_side, True, registrar)
        assert put_on.events["CampaignListed"]["asPayer"] is wrong_side
        right = wrong_side is (side == "payers")
        assert (onchain.refused_benefit(signed) is None) is right
        onchain.ledger.listForCampaign(campaign, [account.address], wrong_side, False, registrar)
        assert onchain.ledger.campaignListing(campaign, account.address) == (False, False)


def test_what_cannot_be_listed(onchain: LedgerFixture, alice: Any, open_to_all: bytes) -> None:
    registrar, listing = onchain.officers["REGISTRAR"], onchain.ledger.listForCampaign
    stranger = onchain.stranger.address
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


def test_dates(onchain: LedgerFixture, alice: Any, bakery: Any, region: Any) -> None:
    now = chain.time()
    campaign = onchain.open_campaign(region, FUNDS, starts_at=now + 500, ends_at=now + 1_000)
    signed = onchain.benefit(alice, bakery, 1_00, campaign)
    assert onchain.refused_benefit(signed) == ("CampaignNotOpen", campaign)
    mine_at(now + 500)
    assert onchain.refused_benefit(signed) is None
    mine_at(now + 1_000)
    assert onchain.refused_benefit(signed) == ("CampaignNotOpen", campaign)
    assert onchain.refused_benefit(onchain.benefit(alice, bakery, 1_00, NOTHING)) == (
        "CampaignNotOpen",
        NOTHING,
    )


def test_a_halted_campaign_pays_nobody_and_gives_nothing_back(
    onchain: LedgerFixture, alice: Any, bakery: Any, region: Any
) -> None:
    """Escrowed money of a frozen funder must not flow on: compliance halts it, at once and with an end."""
    ledger, officer = onchain.ledger, onchain.officers["COMPLIANCE"]
    ends_at = chain[-1].timestamp + 1_000
    campaign = onchain.open_campaign(region, FUNDS, ends_at=ends_at)
    onchain.freeze(region, True, True)
    signed = onchain.benefit(alice, bakery, 1_00, campaign, valid_before=ends_at)
    assert onchain.refused_benefit(signed) is None
    until = ends_at + 100
    events = ledger.haltCampaign(campaign, until, GROUND, {"from": officer}).events
    assert events["CampaignHalted"] == {
        "campaign": "0x" + campaign.hex(),
        "until": until,
        "groundHash": "0x" + GROUND.hex(),
    }
    assert ledger.campaignHaltedUntil(campaign) == until
    assert onchain.refused_benefit(signed) == ("CampaignNotOpen", campaign)
    assert ledger.benefitFor(campaign, alice.address, bakery.address, 1)[1] == selector("CampaignNotOpen")
    assert escrow(onchain) == FUNDS
    ledger.releaseCampaign(campaign, GROUND, {"from": officer})
    assert onchain.refused_benefit(signed) is None
    ledger.haltCampaign(campaign, until, GROUND, {"from": officer})
    mine_at(until - 1)
    refused = refusal(ledger.closeCampaign, campaign, sender=onchain.stranger, block="latest")
    assert refused == ("CampaignOnHalt", campaign, until)
    mine_at(until)
    assert refusal(ledger.closeCampaign, campaign, sender=onchain.stranger, block="latest") is None


def test_a_halt_ends_and_another_campaign_goes_on(
    onchain: LedgerFixture, alice: Any, bakery: Any, region: Any
) -> None:
    ledger, officer = onchain.ledger, onchain.officers["COMPLIANCE"]
    halted, other = onchain.open_campaign(region, 10_00), onchain.open_campaign(region, 10_00)
    until = chain[-1].timestamp + 100
    signed, beside = (onchain.benefit(alice, bakery, 1_00, ref) for ref in (halted, other))
    ledger.haltCampaign(halted, until, GROUND, {"from": officer})
    pay = ledger.payWithBenefit
    mine_at(until - 1)
    assert refusal(pay, *signed.arguments(), sender=onchain.relay, block="latest") is not None
    assert refusal(pay, *beside.arguments(), sender=onchain.relay, block="latest") is None
    mine_at(until)
    assert refusal(pay, *signed.arguments(), sender=onchain.relay, block="latest") is None


def test_what_is_no_halt(onchain: LedgerFixture, open_to_all: bytes) -> None:
    officer, halt = onchain.officers["COMPLIANCE"], onchain.ledger.haltCampaign
    now = chain[-1].timestamp
    longest = now + 90 * DAY_S
    for until, taken in ((now, False), (now + 1, True), (longest, True), (longest + 1, False)):
        refused = refusal(halt, open_to_all, until, GROUND, sender=officer, block="latest")
        assert refused == (None if taken else ("InvalidHalt", open_to_all, until))
    for method, arguments in ((halt, (now + 1, GROUND)), (onchain.ledger.releaseCampaign, (GROUND,))):
        assert refusal(method, NOTHING, *arguments, sender=officer) == ("CampaignNotOpen", NOTHING)


def test_the_rest_goes_back_after_the_end_and_once(
    onchain: LedgerFixture, alice: Any, bakery: Any, region: Any
) -> None:
    ends_at = chain.time() + 1_000
    campaign = onchain.open_campaign(region, FUNDS, ends_at=ends_at)
    onchain.pay_benefit(onchain.benefit(alice, bakery, 100_00, campaign))
    close = onchain.ledger.closeCampaign
    assert refusal(close, campaign, sender=onchain.stranger) == ("CampaignNotOver", campaign, ends_at)
    mine_at(ends_at)
    onchain.stop(7)
    onchain.freeze(region, True, True)
    events = close(campaign, {"from": onchain.stranger}).events
    assert events["Transfer"] == {
        "from": onchain.ledger.campaignEscrow(),
        "to": region.address,
        "value": 900_00,
    }
    assert events["CampaignClosed"] == {
        "ref": "0x" + campaign.hex(),
        "funder": region.address,
        "value": 900_00,
    }
    assert (onchain.balance(region), escrow(onchain)) == (4_900_00, 0)
    assert refusal(close, campaign, sender=onchain.stranger) == ("CampaignNotOpen", campaign)
    assert refusal(close, NOTHING, sender=onchain.stranger) == ("CampaignNotOpen", NOTHING)


def test_a_spent_campaign_closes_without_a_movement(
    onchain: LedgerFixture, alice: Any, bakery: Any, region: Any
) -> None:
    ends_at = chain.time() + 1_000
    campaign = onchain.open_campaign(region, 10_00, ends_at=ends_at)
    onchain.pay_benefit(onchain.benefit(alice, bakery, 10_00, campaign))
    mine_at(ends_at)
    events = onchain.ledger.closeCampaign(campaign, {"from": onchain.relay}).events
    assert "Transfer" not in events
    assert events["CampaignClosed"]["value"] == 0
