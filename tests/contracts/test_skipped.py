"""What a batch left out and somebody was shown as refused never happens later, whoever has its bytes.

A skipped payment that its payer truly signed uses up its nonce. Each reason that could pass is made to pass
afterwards, and a stranger sends the same bytes in every form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from brownie import chain
from ledger_fixture import (
    DAY_S,
    DECLARED,
    GROUND,
    MERCHANT,
    NO_LIMITS,
    PROFESSIONAL,
    RESIDENT,
    STOP_PAYMENTS,
    VERIFIED,
    LedgerFixture,
    Signed,
    arrays,
    packed,
    skipped,
    skipped_benefits,
)
from signing import P256, SigningKey

FORMS = ("settle", "settlePacked")
LONG_S = 3 * DAY_S


@dataclass
class Scene:
    """Who takes part."""

    onchain: LedgerFixture
    payer: SigningKey
    shop: SigningKey

    def governor(self) -> dict[str, Any]:
        return {"from": self.onchain.officers["GOVERNOR"]}

    def registrar(self) -> dict[str, Any]:
        return {"from": self.onchain.officers["REGISTRAR"]}

    def pays(self, value: int, payee: Any = None, signer: Any = None) -> Signed:
        """A payment that will not be over for days."""
        end = chain.time() + LONG_S
        return self.onchain.payment(self.payer, payee or self.shop, value, signer=signer, valid_before=end)


# What is signed while something speaks against it, and what makes that pass.
Case = tuple[Signed, Callable[[], Any]]


def too_poor(scene: Scene) -> Case:
    return scene.pays(100_01), lambda: scene.onchain.fund(scene.payer, 100_00)


def frozen_payer(scene: Scene) -> Case:
    scene.onchain.freeze(scene.payer, False, True)
    return scene.pays(1), lambda: unfreeze(scene, scene.payer)


def frozen_payee(scene: Scene) -> Case:
    scene.onchain.freeze(scene.shop, True, False)
    return scene.pays(1), lambda: unfreeze(scene, scene.shop)


def unfreeze(scene: Scene, person: SigningKey) -> Any:
    officer = {"from": scene.onchain.officers["COMPLIANCE"]}
    return scene.onchain.ledger.unfreeze(person.address, GROUND, officer)


def stopped(scene: Scene) -> Case:
    scene.onchain.stop(STOP_PAYMENTS)
    return scene.pays(1), lambda: scene.onchain.ledger.resume(STOP_PAYMENTS, scene.governor())


def stranger_paid(scene: Scene) -> Case:
    later = SigningKey("a shop to come", P256)
    enrol = scene.onchain.ledger.enrol
    return scene.pays(1, later), lambda: enrol(later.address, MERCHANT, PROFESSIONAL, 0, 0, scene.registrar())


def above_a_payments_limit(scene: Scene) -> Case:
    scene.onchain.ledger.setTierLimits(VERIFIED, (0, 50, 0, 0), scene.governor())
    return scene.pays(51), lambda: scene.onchain.lift_limits(VERIFIED)


def above_the_days_limit(scene: Scene) -> Case:
    scene.onchain.ledger.setTierLimits(VERIFIED, (0, 0, 50, 0), scene.governor())
    scene.onchain.pay(scene.pays(50))
    return scene.pays(1), lambda: (chain.sleep(DAY_S), chain.mine())


def full_payee(scene: Scene) -> Case:
    scene.onchain.ledger.setTierLimits(DECLARED, (10, 0, 0, 0), scene.governor())
    full = scene.onchain.person("full", tier=DECLARED, money=10)
    set_limits = scene.onchain.ledger.setTierLimits
    return scene.pays(1, full), lambda: set_limits(DECLARED, NO_LIMITS, scene.governor())


def below_a_floor(scene: Scene) -> Case:
    set_floors = scene.onchain.ledger.setPasskeyFloors
    set_floors(VERIFIED, (50, 0), scene.governor())
    return scene.pays(51), lambda: set_floors(VERIFIED, (0, 0), scene.governor())


def above_a_childs_limit(scene: Scene) -> Case:
    child = SigningKey("child", P256)
    scene.onchain.add_limited_signer(scene.payer, child, P256, 50, 0, 0)
    return scene.pays(51, signer=child), lambda: scene.onchain.add_signer(scene.payer, child, P256)


PASSING = (
    too_poor,
    frozen_payer,
    frozen_payee,
    stopped,
    stranger_paid,
    above_a_payments_limit,
    above_the_days_limit,
    full_payee,
    below_a_floor,
    above_a_childs_limit,
)


@pytest.fixture
def scene(onchain: LedgerFixture, bakery: Any) -> Scene:
    return Scene(onchain, onchain.person("payer", money=100_00), bakery)


def settle(onchain: LedgerFixture, form: str, signed: Signed) -> Any:
    """A stranger sends it in a batch of its own."""
    arguments = arrays([signed]) if form == "settle" else (packed([signed]),)
    return getattr(onchain.ledger, form)(*arguments, {"from": onchain.stranger})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", PASSING, ids=lambda case: case.__name__)
def test_what_was_left_out_is_never_paid_later(
    scene: Scene, form: str, case: Callable[[Scene], Case]
) -> None:
    onchain = scene.onchain
    signed, pass_by = case(scene)
    shown = skipped(settle(onchain, form, signed))
    assert [index for index, _ in shown] == [0]
    assert shown[0][1] != "BadSignature"
    assert onchain.ledger.nonceUsed(signed.message.payer, signed.message.nonce) is True
    pass_by()
    # What stood against it has passed: the very same payment under the next number is good.
    again = scene.pays(signed.message.value, signed.message.payee)
    assert onchain.refused_payment(again) is None
    assert onchain.refused_payment(signed) == (
        "NonceUsed",
        signed.message.payer.lower(),
        signed.message.nonce,
    )
    for each in FORMS:
        assert skipped(settle(onchain, each, signed)) == [(0, "NonceUsed")]


def test_a_wide_nonce_is_used_up_too(scene: Scene) -> None:
    onchain = scene.onchain
    end = chain.time() + LONG_S
    signed = onchain.payment(scene.payer, scene.shop, 100_01, nonce=2**200, valid_before=end)
    assert skipped(settle(onchain, "settle", signed)) == [(0, "ERC20InsufficientBalance")]
    onchain.fund(scene.payer, 100_00)
    assert onchain.refused_payment(signed)[0] == "NonceUsed"


def test_nothing_is_used_up_by_what_nobody_signed_or_is_no_members(scene: Scene) -> None:
    """Or a stranger's bytes would take a member's numbers, and anybody's keys fill the ledger."""
    onchain, stranger = scene.onchain, SigningKey("nobody yet", P256)
    forged = scene.pays(1, signer=stranger)
    assert skipped(settle(onchain, "settlePacked", forged)) == [(0, "BadSignature")]
    assert onchain.ledger.nonceUsed(scene.payer.address, forged.message.nonce) is False
    early = onchain.payment(scene.payer, scene.shop, 1, nonce=4_097)
    assert skipped(settle(onchain, "settlePacked", early)) == [(0, "NonceTooFar")]
    assert onchain.ledger.nextNonce(scene.payer.address) == 0
    unknown = onchain.payment(stranger, scene.shop, 1, valid_before=chain.time() + LONG_S)
    assert skipped(settle(onchain, "settlePacked", unknown)) == [(0, "NotMember")]
    assert onchain.ledger.nextNonce(stranger.address) == 0
    onchain.ledger.enrol(stranger.address, RESIDENT, VERIFIED, 0, 0, scene.registrar())
    onchain.fund(stranger, 1)
    assert skipped(settle(onchain, "settlePacked", unknown)) == []


def test_what_is_refused_alone_uses_nothing_up(scene: Scene) -> None:
    """A single payment reverts: who sends it is told, and may send it again."""
    onchain = scene.onchain
    signed = scene.pays(100_01)
    assert onchain.refused_payment(signed)[0] == "ERC20InsufficientBalance"
    onchain.fund(scene.payer, 100_00)
    onchain.pay(signed)
    assert onchain.balance(scene.shop) == 100_01


def test_a_benefit_left_out_is_never_paid_later(scene: Scene) -> None:
    onchain = scene.onchain
    funder = onchain.shop("funder", money=10_00)
    campaign = onchain.open_campaign(funder, 10_00)
    end = chain.time() + LONG_S
    signed = onchain.benefit(scene.payer, scene.shop, 5_00, campaign, valid_before=end)
    onchain.freeze(scene.payer, False, True)
    batch = arrays([signed])
    left_out = onchain.ledger.settleWithBenefits(*batch, {"from": onchain.stranger})
    assert skipped_benefits(left_out) == [(0, "FrozenOutgoing")]
    unfreeze(scene, scene.payer)
    assert onchain.refused_benefit(signed)[0] == "NonceUsed"
    forged = onchain.benefit(scene.payer, scene.shop, 5_00, campaign, signer=funder)
    left_out = onchain.ledger.settleWithBenefits(*arrays([forged]), {"from": onchain.stranger})
    assert skipped_benefits(left_out) == [(0, "BadSignature")]
    assert onchain.ledger.nonceUsed(scene.payer.address, forged.message.nonce) is False
