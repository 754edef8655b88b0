"""Bounds in time that test_bounds.py has not: days (UTC), payments, freezes of receivers, halts of campaigns.

Each is asked at the second before, at it, and after.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bounds import Bounded, Call, Scene, hold_to_the_second, set_scene
from brownie import accounts, web3
from ledger_fixture import DAY_S, GROUND, PROFESSIONAL, VERIFIED, VISITOR, LedgerFixture, mine_at, packed
from signing import P256, SECP256K1, SigningKey

SOON_S = 100
CENTS = 10_00
LONGEST_HALT_S = 90 * DAY_S
WINDOW_DAYS = 30
DAYS_LATER = 2
LONG_S = 40 * DAY_S


@pytest.fixture(scope="module")
def scene(onchain: LedgerFixture) -> Scene:
    return set_scene(onchain)


def midnight(scene: Scene, days: int = 1) -> int:
    """The first second of the UTC day that many days after the last block's."""
    return (scene.now // DAY_S + days) * DAY_S


def governor(scene: Scene) -> dict[str, Any]:
    return {"from": scene.onchain.officers["GOVERNOR"]}


def pay(scene: Scene, value: int = 1, payer: Any = None, payee: Any = None, **changed: Any) -> Call:
    changed.setdefault("valid_before", scene.now + LONG_S)
    signed = scene.onchain.payment(payer or scene.payer, payee or scene.shop, value, **changed)
    return scene.onchain.ledger.pay, *signed.arguments(), scene.onchain.relay


def redeem(scene: Scene, account: SigningKey, value: int) -> Call:
    signed = scene.onchain.redemption(account, value, valid_before=scene.now + LONG_S)
    return scene.onchain.ledger.requestRedemption, *signed.arguments(), scene.onchain.relay


def mint(scene: Scene, to: SigningKey, value: int = 1) -> Call:
    return scene.onchain.ledger.mint, to.address, value, scene.onchain.ref(), scene.onchain.officers["ISSUER"]


def done(call: Call) -> None:
    method, *arguments, sender = call
    method(*arguments, {"from": sender})


# ---- payments and freezes


def payment_ends(scene: Scene) -> Bounded:
    end = scene.now + SOON_S
    return end, pay(scene, valid_before=end), None, "Expired"


def payment_of_a_further_key_ends(scene: Scene) -> Bounded:
    """Judged by the full rules, never by the short check."""
    end, key = scene.now + SOON_S, SigningKey("further", P256)
    scene.onchain.add_signer(scene.payer, key, P256)
    return end, pay(scene, signer=key, valid_before=end), None, "Expired"


def payees_freeze_ends(scene: Scene) -> Bounded:
    until = scene.now + SOON_S
    scene.onchain.freeze(scene.shop, True, False, until)
    return until, pay(scene), "FrozenIncoming", None


def minted_to_a_frozen_account(scene: Scene) -> Bounded:
    until = scene.now + SOON_S
    scene.onchain.attest(scene.onchain.ledger.totalSupply() + 1)
    scene.onchain.freeze(scene.shop, True, False, until)
    return until, mint(scene, scene.shop), "FrozenIncoming", None


# ---- halts


def halt(scene: Scene, ref: bytes, until: int) -> Call:
    return scene.onchain.ledger.haltCampaign, ref, until, GROUND, scene.onchain.officers["COMPLIANCE"]


def halt_begins(scene: Scene) -> Bounded:
    until = scene.now + SOON_S
    return until, halt(scene, scene.onchain.open_campaign(scene.shop, 1_00), until), None, "InvalidHalt"


def longest_halt(scene: Scene) -> Bounded:
    moment = scene.now + SOON_S
    ref = scene.onchain.open_campaign(scene.shop, 1_00)
    return moment, halt(scene, ref, moment + LONGEST_HALT_S), "InvalidHalt", None


def halted_campaign_pays_again(scene: Scene) -> Bounded:
    until, ref = scene.now + SOON_S, scene.onchain.open_campaign(scene.shop, 1_00)
    done(halt(scene, ref, until))
    signed = scene.onchain.benefit(scene.payer, scene.shop, 1, ref)
    call = (scene.onchain.ledger.payWithBenefit, *signed.arguments(), scene.onchain.relay)
    return until, call, "CampaignNotOpen", None


def halted_campaign_closes(scene: Scene) -> Bounded:
    until = scene.now + 2 * SOON_S
    ref = scene.onchain.open_campaign(scene.shop, 1_00, ends_at=scene.now + SOON_S)
    done(halt(scene, ref, until))
    return until, (scene.onchain.ledger.closeCampaign, ref, scene.onchain.relay), "CampaignOnHalt", None


# ---- the day an identity ends


def ends(scene: Scene) -> tuple[int, int]:
    """The first second without identity, and its day."""
    moment = midnight(scene, DAYS_LATER)
    return moment, moment // DAY_S


def payers_identity_ends(scene: Scene) -> Bounded:
    moment, day = ends(scene)
    payer = scene.onchain.person("short", key_kind=SECP256K1, money=CENTS, expires_at_day=day)
    return moment, pay(scene, payer=payer), None, "IdentityExpired"


def payees_identity_ends(scene: Scene) -> Bounded:
    moment, day = ends(scene)
    payee = scene.onchain.person("short", key_kind=SECP256K1, expires_at_day=day)
    return moment, pay(scene, payee=payee), None, "IdentityExpired"


def receivers_identity_ends(scene: Scene) -> Bounded:
    moment, day = ends(scene)
    person = scene.onchain.person("short", key_kind=SECP256K1, expires_at_day=day)
    scene.onchain.attest(scene.onchain.ledger.totalSupply() + 1)
    return moment, mint(scene, person), None, "IdentityExpired"


def short_lived_shop(scene: Scene, day: int) -> SigningKey:
    return scene.onchain.person("short", 2, PROFESSIONAL, SECP256K1, money=CENTS, expires_at_day=day)


def redeemers_identity_ends(scene: Scene) -> Bounded:
    moment, day = ends(scene)
    return moment, redeem(scene, short_lived_shop(scene, day), 1), None, "IdentityExpired"


def funders_identity_ends(scene: Scene) -> Bounded:
    moment, day = ends(scene)
    terms = {"valid_before": scene.now + LONG_S}
    signed = scene.onchain.campaign(short_lived_shop(scene, day), 1, **terms)
    call = (scene.onchain.ledger.openCampaign, *signed.arguments(), scene.onchain.relay)
    return moment, call, None, "IdentityExpired"


def spenders_identity_ends(scene: Scene) -> Bounded:
    moment, day = ends(scene)
    owner, spender = accounts[11], accounts[12]
    registrar = {"from": scene.onchain.officers["REGISTRAR"]}
    for account, last in ((owner, 0), (spender, day)):
        scene.onchain.ledger.enrol(account, 1, VERIFIED, 0, last, registrar)
    scene.onchain.fund(owner, CENTS)
    scene.onchain.ledger.approve(spender, CENTS, {"from": owner})
    call = (scene.onchain.ledger.transferFrom, owner, scene.shop.address, 1, spender)
    return moment, call, None, "IdentityExpired"


def forced_receivers_identity_ends(scene: Scene) -> Bounded:
    moment, day = ends(scene)
    payee = scene.onchain.person("short", key_kind=SECP256K1, expires_at_day=day)
    officer = scene.onchain.officers["COMPLIANCE"]
    order = (scene.payer.address, payee.address, 1, GROUND)
    scene.onchain.ledger.proposeForcedTransfer(*order, {"from": officer})
    call = (scene.onchain.ledger.executeForcedTransfer, 1, officer)
    return moment, call, None, "IdentityExpired"


def an_end_is_set_ahead(scene: Scene) -> Bounded:
    moment, day = ends(scene)
    registrar = scene.onchain.officers["REGISTRAR"]
    call = (scene.onchain.ledger.setMember, scene.payer.address, 1, VERIFIED, 0, day, registrar)
    return moment, call, None, "InvalidMember"


# ---- what is counted by days


def daily_limit_starts_anew(scene: Scene) -> Bounded:
    scene.onchain.ledger.setTierLimits(VERIFIED, (0, 0, CENTS, 0), governor(scene))
    done(pay(scene, CENTS))
    return midnight(scene), pay(scene), "DailyLimit", None


def window_of_thirty_days_closes(scene: Scene) -> Bounded:
    scene.onchain.ledger.setTierLimits(VERIFIED, (0, 0, 0, CENTS), governor(scene))
    done(pay(scene, CENTS))
    return midnight(scene, WINDOW_DAYS), pay(scene), "WindowLimit", None


def visitors_thirty_days_have_rolled(scene: Scene) -> Bounded:
    visitor = scene.onchain.person("of a day", tier=VISITOR, key_kind=SECP256K1, money=2 * CENTS)
    scene.onchain.ledger.setTierLimits(VISITOR, (0, 0, 0, CENTS), governor(scene))
    done(pay(scene, CENTS, payer=visitor))
    return midnight(scene, WINDOW_DAYS), pay(scene, payer=visitor), "WindowLimit", None


def daily_floor_starts_anew(scene: Scene) -> Bounded:
    scene.onchain.ledger.setPasskeyFloors(VERIFIED, (0, CENTS), governor(scene))
    done(pay(scene, CENTS))
    return midnight(scene), pay(scene), "PasskeyRequired", None


def what_left_unspent_counts_for_a_day(scene: Scene) -> Bounded:
    scene.onchain.ledger.setPasskeyFloors(PROFESSIONAL, (0, CENTS), governor(scene))
    done(redeem(scene, scene.shop, CENTS))
    return midnight(scene), redeem(scene, scene.shop, 1), "PasskeyRequired", None


def childs_day_starts_anew(scene: Scene) -> Bounded:
    child = SigningKey("child", P256)
    scene.onchain.add_limited_signer(scene.payer, child, P256, 0, CENTS, 0)
    done(pay(scene, CENTS, signer=child))
    return midnight(scene), pay(scene, signer=child), "SignerDailyLimit", None


def mint_quota_starts_anew(scene: Scene) -> Bounded:
    """The day is the next but one: what the scene was made of was minted on this one."""
    ledger = scene.onchain.ledger
    ledger.setIssuance(4 * DAY_S, CENTS, governor(scene))
    mine_at(midnight(scene))
    scene.onchain.attest(ledger.totalSupply() + CENTS + 1)
    done(mint(scene, scene.shop, CENTS))
    return midnight(scene), mint(scene, scene.shop), "MintQuotaExceeded", None


def pieces_count_for_two_days(scene: Scene) -> Bounded:
    person = scene.onchain.person("of pieces", key_kind=SECP256K1)
    scene.onchain.safeguard(second_officer_from=CENTS)
    scene.onchain.attest(scene.onchain.ledger.totalSupply() + 2 * CENTS)
    done(mint(scene, person, CENTS - 1))
    return midnight(scene, 2), mint(scene, person), "SecondOfficerNeeded", None


BOUNDED: tuple[Callable[[Scene], Bounded], ...] = (
    payment_ends,
    payment_of_a_further_key_ends,
    payees_freeze_ends,
    minted_to_a_frozen_account,
    halt_begins,
    longest_halt,
    halted_campaign_pays_again,
    halted_campaign_closes,
    payers_identity_ends,
    payees_identity_ends,
    receivers_identity_ends,
    redeemers_identity_ends,
    funders_identity_ends,
    spenders_identity_ends,
    forced_receivers_identity_ends,
    an_end_is_set_ahead,
    daily_limit_starts_anew,
    window_of_thirty_days_closes,
    visitors_thirty_days_have_rolled,
    daily_floor_starts_anew,
    what_left_unspent_counts_for_a_day,
    childs_day_starts_anew,
    mint_quota_starts_anew,
    pieces_count_for_two_days,
)


@pytest.mark.parametrize("bounded", BOUNDED, ids=[one.__name__ for one in BOUNDED])
def test_a_bound_in_time_to_the_second(scene: Scene, bounded: Callable[[Scene], Bounded]) -> None:
    hold_to_the_second(bounded(scene))


def test_a_payment_of_a_batch_ends_at_its_second(scene: Scene) -> None:
    end, ledger = scene.now + SOON_S, scene.onchain.ledger
    batch = packed([scene.onchain.payment(scene.payer, scene.shop, 1, valid_before=end)])
    call = {"to": ledger.address, "data": ledger.settlePacked.encode_input(batch)}
    settled = []
    for second in (end - 1, end, end + 1):
        mine_at(second)
        answer = web3.provider.make_request("eth_call", [call, "latest"])
        settled.append(int(answer["result"], 16))
    assert settled == [1, 0, 0]
