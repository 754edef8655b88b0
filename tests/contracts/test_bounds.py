"""Every bound in time at the second before, at it, and after; every bound in number at it and one more.

Those of days, payments and halts: test_bounds_of_days.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bounds import Bounded, Call, Scene, hold_to_the_second, refused_now, set_scene
from brownie import accounts
from eth_abi import encode
from eth_utils import keccak
from ledger_fixture import DAY_S, GROUND, LedgerFixture, arrays, refusal
from signing import P256, SECP256K1, SigningKey

STATEMENT = keccak(text="a statement")
MAX_AGE_S = 4 * DAY_S
CLOCK_LEAD_S = 300
DELAY_S = 60
LIFE_S = 30 * DAY_S
LONGEST_CAMPAIGN_S = 1_096 * DAY_S
LARGE = 100_000_00
AUTHORIZATION = (
    "TransferWithAuthorization(address from,address to,uint256 value,"
    "uint256 validAfter,uint256 validBefore,bytes32 nonce)"
)


@pytest.fixture(scope="module")
def scene(onchain: LedgerFixture) -> Scene:
    return set_scene(onchain)


def authorized(scene: Scene, after: int, before: int) -> Call:
    """A transfer by authorization."""
    types = ["bytes32", "address", "address", "uint256", "uint256", "uint256", "bytes32"]
    values = [scene.payer.address, scene.shop.address, 1, after, before, bytes(31) + b"\x01"]
    digest = scene.onchain.domain.digest(keccak(encode(types, [keccak(text=AUTHORIZATION), *values])))
    method = scene.onchain.ledger.transferWithAuthorization
    return method, *values, *scene.payer.vrs(digest), scene.onchain.relay


def authorization_begins(scene: Scene) -> Bounded:
    begin = scene.now + 100
    return begin + 1, authorized(scene, begin, begin + 100), "NotYetValid", None


def authorization_ends(scene: Scene) -> Bounded:
    end = scene.now + 100
    return end, authorized(scene, 0, end), None, "Expired"


def permit_ends(scene: Scene) -> Bounded:
    end = scene.now + 100
    permit = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    types = ["bytes32", "address", "address", "uint256", "uint256", "uint256"]
    values = [keccak(text=permit), scene.payer.address, scene.shop.address, 1, 0, end]
    vrs = scene.payer.vrs(scene.onchain.domain.digest(keccak(encode(types, values))))
    call = (scene.onchain.ledger.permit, scene.payer.address, scene.shop.address, 1, end, *vrs)
    return end + 1, (*call, scene.onchain.relay), None, "Expired"


def redemption_ends(scene: Scene) -> Bounded:
    end = scene.now + 100
    signed = scene.onchain.redemption(scene.shop, 1, valid_before=end)
    call = (scene.onchain.ledger.requestRedemption, *signed.arguments(), scene.onchain.relay)
    return end, call, None, "Expired"


def campaign(scene: Scene, **terms: int) -> Call:
    signed = scene.onchain.campaign(scene.shop, 1_00, **terms)
    return scene.onchain.ledger.openCampaign, *signed.arguments(), scene.onchain.relay


def terms_end(scene: Scene) -> Bounded:
    end = scene.now + 100
    return end, campaign(scene, valid_before=end), None, "Expired"


def campaign_over_before_it_opens(scene: Scene) -> Bounded:
    end = scene.now + 100
    return end, campaign(scene, ends_at=end), None, "InvalidCampaign"


def longest_campaign(scene: Scene) -> Bounded:
    moment = scene.now + 100
    return moment, campaign(scene, ends_at=moment + LONGEST_CAMPAIGN_S), "InvalidCampaign", None


def benefit(scene: Scene, **changed: Any) -> Call:
    ref = scene.onchain.open_campaign(scene.shop, 1_00, **changed.pop("terms", {}))
    signed = scene.onchain.benefit(scene.payer, scene.shop, 1, ref, **changed)
    return scene.onchain.ledger.payWithBenefit, *signed.arguments(), scene.onchain.relay


def campaign_begins(scene: Scene) -> Bounded:
    begin = scene.now + 100
    return begin, benefit(scene, terms={"starts_at": begin}), "CampaignNotOpen", None


def campaign_ends(scene: Scene) -> Bounded:
    end = scene.now + 100
    return end, benefit(scene, terms={"ends_at": end}), None, "CampaignNotOpen"


def benefit_payment_ends(scene: Scene) -> Bounded:
    end = scene.now + 100
    return end, benefit(scene, valid_before=end), None, "Expired"


def campaign_closes(scene: Scene) -> Bounded:
    end = scene.now + 100
    ref = scene.onchain.open_campaign(scene.shop, 1_00, ends_at=end)
    return end, (scene.onchain.ledger.closeCampaign, ref, scene.onchain.relay), "CampaignNotOver", None


def child_ends(scene: Scene) -> Bounded:
    end, child = scene.now + 100, SigningKey("child", P256)
    scene.onchain.add_limited_signer(scene.payer, child, P256, 0, 0, end)
    signed = scene.onchain.payment(scene.payer, scene.shop, 1, signer=child)
    return end, (scene.onchain.ledger.pay, *signed.arguments(), scene.onchain.relay), None, "BadSignature"


def child_added(scene: Scene) -> Bounded:
    end = scene.now + 100
    signed = scene.onchain.addition(scene.payer, scene.shop, P256, (0, 0, end))
    arguments = (*signed.message.fields(), signed.envelope)
    registrar = scene.onchain.officers["REGISTRAR"]
    return end, (scene.onchain.ledger.addLimitedSigner, *arguments, registrar), None, "InvalidSigner"


def accounts_word_for_a_key_ends(scene: Scene) -> Bounded:
    end = scene.now + 100
    signed = scene.onchain.addition(scene.payer, scene.shop, P256, valid_before=end)
    arguments = (*signed.message.unlimited(), signed.envelope)
    registrar = scene.onchain.officers["REGISTRAR"]
    return end, (scene.onchain.ledger.addSigner, *arguments, registrar), None, "Expired"


def freeze_begins(scene: Scene) -> Bounded:
    until = scene.now + 100
    arguments = (scene.payer.address, True, True, GROUND, until)
    officer = scene.onchain.officers["COMPLIANCE"]
    return until, (scene.onchain.ledger.freeze, *arguments, officer), None, "InvalidFreeze"


def freeze_ends(scene: Scene) -> Bounded:
    until = scene.now + 100
    scene.onchain.freeze(scene.payer, False, True, until)
    signed = scene.onchain.payment(scene.payer, scene.shop, 1)
    call = (scene.onchain.ledger.pay, *signed.arguments(), scene.onchain.relay)
    return until, call, "FrozenOutgoing", None


def mint(scene: Scene) -> Call:
    return scene.onchain.ledger.mint, scene.shop.address, 1, GROUND, scene.onchain.officers["ISSUER"]


def attest(scene: Scene, as_of: int) -> Call:
    supply = scene.onchain.ledger.totalSupply()
    attester = scene.onchain.officers["ATTESTER"]
    return scene.onchain.ledger.attestReserve, supply + 1, as_of, STATEMENT, 0, attester


def attestation_ages(scene: Scene) -> Bounded:
    as_of = scene.now
    method, *arguments, attester = attest(scene, as_of)
    method(*arguments, {"from": attester})
    return as_of + MAX_AGE_S + 1, mint(scene), None, "AttestationStale"


def attestation_ahead(scene: Scene) -> Bounded:
    moment = scene.now + 100
    return moment, attest(scene, moment + CLOCK_LEAD_S), "AttestationInFuture", None


def propose_mint(scene: Scene) -> int:
    scene.onchain.attest(10 * LARGE)
    issuer = {"from": scene.onchain.officers["ISSUER"]}
    return int(scene.onchain.ledger.proposeMint(scene.shop.address, LARGE, GROUND, issuer).timestamp + DAY_S)


def mint_proposal_ends(scene: Scene) -> Bounded:
    end = propose_mint(scene)
    arguments = (scene.shop.address, LARGE, GROUND)
    call = (scene.onchain.ledger.approveMint, *arguments, scene.second_issuer)
    return end, call, None, "MintProposalExpired"


def mint_proposed_again(scene: Scene) -> Bounded:
    end = propose_mint(scene)
    arguments = (scene.shop.address, LARGE, GROUND)
    call = (scene.onchain.ledger.proposeMint, *arguments, scene.onchain.officers["ISSUER"])
    return end, call, "MintProposalPending", None


def propose_recovery(scene: Scene) -> int:
    arguments = (scene.payer.address, scene.shop.address, SECP256K1, GROUND)
    registrar = {"from": scene.onchain.officers["REGISTRAR"]}
    return int(scene.onchain.ledger.proposeRecovery(*arguments, registrar).timestamp + DELAY_S)


def execute_recovery(scene: Scene) -> Call:
    return scene.onchain.ledger.executeRecovery, scene.payer.address, 1, scene.onchain.relay


def recovery_due(scene: Scene) -> Bounded:
    return propose_recovery(scene), execute_recovery(scene), "RecoveryNotDue", None


def recovery_lapses(scene: Scene) -> Bounded:
    return propose_recovery(scene) + LIFE_S, execute_recovery(scene), None, "RecoveryLapsed"


def recovery_proposed_again(scene: Scene) -> Bounded:
    lapse = propose_recovery(scene) + LIFE_S
    arguments = (scene.payer.address, scene.shop.address, SECP256K1, GROUND)
    call = (scene.onchain.ledger.proposeRecovery, *arguments, scene.onchain.officers["REGISTRAR"])
    return lapse, call, "RecoveryPending", None


def force(scene: Scene) -> tuple[int, Call]:
    arguments = (scene.payer.address, scene.shop.address, 1, GROUND)
    officer = scene.onchain.officers["COMPLIANCE"]
    proposed = scene.onchain.ledger.proposeForcedTransfer(*arguments, {"from": officer})
    return int(proposed.timestamp + DELAY_S), (scene.onchain.ledger.executeForcedTransfer, 1, officer)


def forced_transfer_due(scene: Scene) -> Bounded:
    due, call = force(scene)
    return due, call, "ForcedTransferNotDue", None


def forced_transfer_lapses(scene: Scene) -> Bounded:
    due, call = force(scene)
    return due + LIFE_S, call, None, "ForcedTransferLapsed"


BOUNDED_IN_TIME: tuple[Callable[[Scene], Bounded], ...] = (
    authorization_begins,
    authorization_ends,
    permit_ends,
    redemption_ends,
    terms_end,
    campaign_over_before_it_opens,
    longest_campaign,
    campaign_begins,
    campaign_ends,
    benefit_payment_ends,
    campaign_closes,
    child_ends,
    child_added,
    accounts_word_for_a_key_ends,
    freeze_begins,
    freeze_ends,
    attestation_ages,
    attestation_ahead,
    mint_proposal_ends,
    mint_proposed_again,
    recovery_due,
    recovery_lapses,
    recovery_proposed_again,
    forced_transfer_due,
    forced_transfer_lapses,
)


@pytest.mark.parametrize("bounded", BOUNDED_IN_TIME, ids=[one.__name__ for one in BOUNDED_IN_TIME])
def test_a_bound_in_time_to_the_second(scene: Scene, bounded: Callable[[Scene], Bounded]) -> None:
    hold_to_the_second(bounded(scene))


# ---- bounds in number


def test_a_list_of_two_hundred_is_taken_whole_and_not_one_more(scene: Scene) -> None:
    onchain = scene.onchain
    ref = onchain.open_campaign(scene.shop, 1_00, payers_listed=True)
    others = [onchain.person(f"listed {place}") for place in range(2)]
    crowd = [others[0].address, *[scene.payer.address] * 198, others[1].address]
    registrar, listing = onchain.officers["REGISTRAR"], onchain.ledger.listForCampaign
    refused = refusal(listing, ref, [*crowd, crowd[0]], True, True, sender=registrar)
    assert refused == ("TooManyItems", 201, 200)
    listed = listing(ref, crowd, True, True, {"from": registrar})
    assert len(listed.events["CampaignListed"]) == 200
    for person in (*others, scene.payer):
        assert onchain.ledger.campaignListing(ref, person.address) == (True, False)


def test_a_hundred_benefits_are_taken_and_not_one_more(scene: Scene) -> None:
    onchain = scene.onchain
    ref = onchain.open_campaign(scene.shop, 1_00)
    signed = onchain.benefit(scene.payer, scene.shop, 1, ref)
    send = onchain.ledger.settleWithBenefits
    assert refusal(send, *arrays([signed] * 100), sender=onchain.relay) is None
    assert refusal(send, *arrays([signed] * 101), sender=onchain.relay) == ("TooManyItems", 101, 100)


def test_an_allowance_is_spent_to_its_last_cent(scene: Scene) -> None:
    ledger, spender = scene.onchain.ledger, accounts[10]
    owner = accounts[11]
    registrar = {"from": scene.onchain.officers["REGISTRAR"]}
    for account in (owner, spender):
        ledger.enrol(account, 1, 3, 0, 0, registrar)
    scene.onchain.fund(owner, 10_00)
    ledger.approve(spender, 5_00, {"from": owner})
    move = (ledger.transferFrom, owner, scene.shop.address)
    assert refusal(*move, 5_01, sender=spender)[0] == "ERC20InsufficientAllowance"
    assert refusal(*move, 5_00, sender=spender) is None


@pytest.mark.parametrize(("place", "highest"), [(0, 2**31 - 1), (1, 2**31 - 2)], ids=["payment", "day"])
def test_a_floor_fits_its_field_or_is_refused(scene: Scene, place: int, highest: int) -> None:
    """A day's sum stops at 2^31 - 1: it would never be above a floor of as much."""
    floors = [0, 0]
    floors[place] = highest + 1
    governor, method = scene.onchain.officers["GOVERNOR"], scene.onchain.ledger.setPasskeyFloors
    assert refusal(method, 3, floors, sender=governor) == ("LimitTooLarge", highest + 1, highest)
    floors[place] = highest
    method(3, floors, {"from": governor})
    assert list(scene.onchain.ledger.passkeyFloors(3)) == floors


# ---- guards on a role, where the role is held with a delay


ROLE_DELAY_S = 3_600


def test_an_attester_who_may_mint_after_a_delay_is_no_attester(scene: Scene) -> None:
    onchain, attester = scene.onchain, scene.onchain.officers["ATTESTER"]
    method, *arguments, _ = attest(scene, scene.now)
    method(*arguments, {"from": attester})
    assert refused_now(mint(scene)) is None
    onchain.manager.grantRole(1, attester, ROLE_DELAY_S, {"from": onchain.officers["GOVERNOR"]})
    assert refused_now(mint(scene)) == "AttesterMayNotMint"
    assert refused_now((method, *arguments, attester)) == "IssuerMayNotAttest"


def test_a_proposal_outlives_a_delay_put_on_its_issuers_role(scene: Scene) -> None:
    """Who must announce is an issuer still: another's approval stands on a living proposal."""
    propose_mint(scene)
    onchain = scene.onchain
    governor, first = {"from": onchain.officers["GOVERNOR"]}, onchain.officers["ISSUER"]
    onchain.manager.grantRole(1, first, ROLE_DELAY_S, governor)
    arguments = (scene.shop.address, LARGE, GROUND)
    approve = onchain.ledger.approveMint
    assert refused_now((approve, *arguments, scene.second_issuer)) is None
    onchain.manager.revokeRole(1, first, governor)
    assert refused_now((approve, *arguments, scene.second_issuer)) == "MintNotProposed"
