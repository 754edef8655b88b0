"""A payment signed by somebody's limited key: what the key allows, before what the account does."""

from __future__ import annotations

import dataclasses
from typing import Any

from tests.support.payments_fixture import changed
from tests.unit.payments.test_decisions import NOW_UNIX_S, PAYER, context, order, party, refund, sale
from wallet_service.accounts.models import KeyLimits, PostedBalance, Spending
from wallet_service.keyholders import errors as key_errors
from wallet_service.keyholders.models import KeyholderKind, KeyholderState, KeyPower
from wallet_service.payments import errors
from wallet_service.payments.decisions import (
    PaymentContext,
    accepted,
    check_payment,
    may_sign,
    power_of,
    suspended_until,
)
from wallet_service.payments.models import PaymentOrder, Purpose
from wallet_service.protocol.refusal import Refusal
from wallet_service.protocol.signing.floors import PasskeyFloors

KEY = "0x" + "33" * 20
LIMITS = KeyLimits(20_00, 50_00, NOW_UNIX_S + 86_400)
POWER = KeyPower("child", "payer", KeyholderKind.CHILD, KeyholderState.ACTIVE, LIMITS, 0)


def signed(**changes: Any) -> PaymentOrder:
    return dataclasses.replace(order(), signer_address=KEY, **changes)


def judged(payment: PaymentOrder, power: KeyPower | None = POWER, **changes: Any) -> type[Refusal] | None:
    judged_in: PaymentContext = context(signer_allowed=False, power=power, **changes)
    try:
        check_payment(payment, judged_in)
    except Refusal as refusal:
        return type(refusal)
    return None


def amount(cents: int) -> PaymentOrder:
    return dataclasses.replace(signed(), message=dataclasses.replace(signed().message, value=cents))


def test_it_pays_people_and_sales_within_its_limits() -> None:
    assert judged(signed()) is None
    assert judged(signed(sale_id="S" * 16), sale=sale(), sale_payee_address=order().to_address) is None
    assert judged(amount(20_00)) is None
    assert judged(amount(20_01)) is key_errors.KeyPaymentLimit
    spent = dataclasses.replace(POWER, spent_today_cents=50_00 - 12_50)
    assert judged(signed(), spent) is None
    more = dataclasses.replace(spent, spent_today_cents=spent.spent_today_cents + 1)
    assert judged(signed(), more) is key_errors.KeyDayLimit


def test_a_strangers_key_and_one_that_ended_pay_nothing() -> None:
    assert judged(signed(), None) is errors.SignerNotAllowed
    ended = dataclasses.replace(POWER, state=KeyholderState.ENDED)
    assert judged(signed(), ended) is key_errors.KeyEnded
    over = dataclasses.replace(POWER, limits=KeyLimits(20_00, 50_00, NOW_UNIX_S))
    assert judged(signed(), over) is key_errors.KeyExpired


def test_it_answers_no_refund_and_no_ask() -> None:
    asked = changed(signed(), refund_request_id="request")
    assert judged(asked, refund_request=refund()) is key_errors.KeyOnlyPays
    assert judged(changed(signed(), ask_part_id="part")) is key_errors.KeyOnlyPays


def test_the_balance_is_not_told_to_it() -> None:
    assert judged(signed(), payer_balance=PostedBalance(12_50, 0)) is None
    assert judged(signed(), payer_balance=PostedBalance(12_49, 0)) is key_errors.KeyBalanceTooLow
    contested = party(PAYER, disputed_cents=1)
    refused = judged(signed(), payer=contested, payer_balance=PostedBalance(12_50, 0))
    assert refused is key_errors.KeyBalanceTooLow


def test_above_the_passkeys_floor_the_holder_pays() -> None:
    floors = PasskeyFloors(per_payment_cents=12_50)
    assert judged(signed(), payer_floors=floors) is None
    assert judged(amount(12_51), payer_floors=floors) is key_errors.KeyNeedsHolder


def test_the_accounts_own_limits_count_too() -> None:
    assert judged(signed(), spending=Spending(500_00, 500_00)) is errors.DayLimitExceeded
    assert judged(signed(), payer=party(PAYER, frozen_outgoing=True)) is errors.PayerFrozen


def test_its_power_is_over_its_own_account_alone() -> None:
    powers = {KEY: POWER}
    assert power_of(signed(), party(PAYER), powers) is POWER
    assert power_of(signed(), party(PAYER, member_id="another"), powers) is None
    assert power_of(order(), party(PAYER), powers) is None, "the account's own key"
    assert may_sign(signed(), party(PAYER), {}, POWER)
    assert not may_sign(signed(), party(PAYER), {}, None)
    ended = dataclasses.replace(POWER, state=KeyholderState.ENDED)
    assert not may_sign(signed(), party(PAYER), {}, ended)
    assert suspended_until(signed(), party(PAYER), {("payer", KEY): 7}) == 7


def test_whose_key_signed_is_written_down() -> None:
    payment = accepted(signed(), party(PAYER), party(order().to_address), POWER, None, None, 1)
    assert (payment.keyholder_id, payment.purpose) == ("child", Purpose.PERSON)
    own = accepted(order(), party(PAYER), party(order().to_address), None, None, None, 1)
    assert own.keyholder_id is None
