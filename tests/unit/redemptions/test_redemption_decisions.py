"""Fees, who may redeem, and the states a redemption may go through."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_service.protocol.refusal import Refusal
from wallet_service.redemptions import decisions, errors
from wallet_service.redemptions.decisions import TRANSITIONS, Redeemer, RedemptionOrder, RedemptionState
from wallet_service.redemptions.iban import masked_iban, normal_iban

TODAY = 20_600
SHOP = Redeemer("merchant", "professional", "active", False, None)
IBAN = "FR7699999000010000000099928"


@given(amount_cents=st.integers(1, 10**9), basis_points=st.integers(0, 9_999))
def test_fee_and_net_always_make_the_amount(amount_cents: int, basis_points: int) -> None:
    quote = decisions.quote(amount_cents, basis_points, 2)
    assert quote.fee_cents + quote.net_cents == amount_cents
    assert quote.net_cents > 0
    assert quote.fee_cents * 10_000 <= amount_cents * basis_points


@pytest.mark.parametrize("amount_cents", [0, -1, 10**10])
def test_an_amount_outside_the_bounds_is_refused(amount_cents: int) -> None:
    with pytest.raises(errors.RedemptionAmountInvalid):
        decisions.quote(amount_cents, 0, 2)


@pytest.mark.parametrize(
    ("redeemer", "expected"),
    [
        (replace(SHOP, kind="resident", tier="verified"), errors.NotProfessional),
        (replace(SHOP, kind="resident"), errors.NotProfessional),
        (replace(SHOP, tier="verified"), errors.NotProfessional),
        (replace(SHOP, kind="none", tier="visitor"), errors.NotProfessional),
        (replace(SHOP, state="pending"), errors.RedeemerUnknown),
        (replace(SHOP, frozen_outgoing=True), errors.RedeemerFrozen),
        (replace(SHOP, identity_expires_on_day=TODAY), errors.RedeemerIdentityExpired),
    ],
)
def test_who_may_not_redeem_is_told_why(redeemer: Redeemer, expected: type[Refusal]) -> None:
    with pytest.raises(expected):
        decisions.check_redeemer(redeemer, TODAY)


@pytest.mark.parametrize("kind", ["merchant", "association", "treasury"])
def test_professionals_may_redeem(kind: str) -> None:
    decisions.check_redeemer(replace(SHOP, kind=kind, identity_expires_on_day=TODAY + 1), TODAY)


@pytest.mark.parametrize(("seconds", "fits"), [(4, False), (5, True), (905, True), (906, False), (-1, False)])
def test_a_signature_must_die_soon_but_not_at_once(seconds: int, fits: bool) -> None:
    order = RedemptionOrder(100, "0x" + "00" * 32, 1, 1_000 + seconds)
    if fits:
        decisions.check_validity(order, 1_000, 900)
    else:
        with pytest.raises(errors.RedemptionValidityInvalid):
            decisions.check_validity(order, 1_000, 900)


def test_the_payee_hash_depends_on_the_account_and_on_the_members_secret() -> None:
    hashes = {
        decisions.payee_hash(secret, iban)
        for secret in (bytes(32), bytes(31) + b"\1")
        for iban in (IBAN, "FR7699999000010000000015441")
    }
    assert len(hashes) == 4
    assert all(len(each) == 66 for each in hashes)


def test_nothing_follows_returned_and_money_paid_can_only_come_back() -> None:
    assert TRANSITIONS[RedemptionState.RETURNED] == frozenset()
    assert TRANSITIONS[RedemptionState.PAID] == {RedemptionState.RETURNING}
    assert set(TRANSITIONS) == set(RedemptionState)


@pytest.mark.parametrize("typed", ["fr76 9999 9000 0100 0000 0099 928", IBAN, f" {IBAN} "])
def test_an_iban_is_read_as_people_type_it(typed: str) -> None:
    assert normal_iban(typed) == IBAN
    assert masked_iban(IBAN) == "FR76 … 9928"


@pytest.mark.parametrize("typed", ["", "FR76", IBAN[:-1] + "9", IBAN[:-1], "x" * 1000, "FR76 ٩٩"])
def test_a_wrong_iban_is_refused(typed: str) -> None:
    with pytest.raises(errors.IbanInvalid):
        normal_iban(typed)


def test_an_iban_outside_sepa_is_refused() -> None:
    with pytest.raises(errors.IbanNotSepa):
        normal_iban("BR1800360305000010009795493C1")
