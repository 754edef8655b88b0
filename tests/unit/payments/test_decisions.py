"""Who may pay whom: every rule refuses with its own code, and the plain case passes."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.support.payments_fixture import changed
from wallet_service.accounts.errors import AmountNotAllowed, KeySuspended, PayerUnknown
from wallet_service.accounts.models import (
    OWED_STOPS_FROM_CENTS,
    Party,
    PostedBalance,
    Spending,
    TierLimits,
)
from wallet_service.asks import errors as ask_errors
from wallet_service.asks.models import AskKind, PayablePart
from wallet_service.asks.states import PartState
from wallet_service.payments import errors
from wallet_service.payments.decisions import PaymentContext, check_nonce_in_window, check_payment, same_order
from wallet_service.payments.models import Payment, PaymentOrder, Purpose
from wallet_service.payments.states import PaymentState
from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.protocol.refusal import Refusal
from wallet_service.protocol.signing.floors import NO_FLOORS, PasskeyFloors
from wallet_service.protocol.signing.typed_data import PaymentMessage
from wallet_service.sales import errors as sales_errors
from wallet_service.sales.decisions import check_refund_request
from wallet_service.sales.models import RefundRequest, Sale
from wallet_service.sales.states import RefundRequestState, SaleState

#: Fields of a frozen record by name; each has the type the record gives it.
Changes = dict[str, Any]

NOW_UNIX_MS = 1_790_000_000_000
NOW_UNIX_S = NOW_UNIX_MS // 1000
TODAY = NOW_UNIX_MS // MS_PER_DAY
PAYER, PAYEE = "0x" + "11" * 20, "0x" + "22" * 20
REF = "0x" + "ab" * 32


def party(address: str, **changes: Any) -> Party:
    base = Party(
        member_id="payer" if address == PAYER else "payee",
        kind="resident" if address == PAYER else "merchant",
        tier="declared" if address == PAYER else "professional",
        state="active",
        account_address=address,
        frozen_incoming=False,
        frozen_outgoing=False,
        identity_expires_on_day=None,
    )
    return dataclasses.replace(base, **changes)


def order(**changes: Any) -> PaymentOrder:
    message = PaymentMessage(PAYER, PAYEE, 1250, REF, valid_before=NOW_UNIX_S + 120, nonce=0)
    return changed(PaymentOrder(message, signature=b"", signer_address=PAYER), **changes)


def context(**changes: Any) -> PaymentContext:
    base = PaymentContext(
        now_unix_ms=NOW_UNIX_MS,
        payment_lifetime_s=180,
        payments_stopped=False,
        payer=party(PAYER),
        payee=party(PAYEE),
        signer_allowed=True,
        payer_limits=TierLimits(100_000, 25_000, 50_000, 100_000),
        payee_limits=TierLimits(0, 5_000_000, 0, 0),
        payer_floors=NO_FLOORS,
        spending=Spending(0, 0),
        payer_balance=PostedBalance(20_000, 0),
        payee_posted_cents=0,
        payee_incoming_cents=0,
        sale=None,
        sale_payee_address=None,
        refund_request=None,
        refund_payee_address=None,
    )
    return dataclasses.replace(base, **changes)


def sale(**changes: Any) -> Sale:
    base = Sale(
        id="S" * 16,
        till_id="till",
        member_id="payee",
        client_reference=REF,
        short_code="123456",
        amount_cents=1250,
        label=None,
        state=SaleState.OPEN,
        payment_ref=None,
        created_at_unix_ms=NOW_UNIX_MS - 1000,
        expires_at_unix_ms=NOW_UNIX_MS + 1000,
        accepted_at_unix_ms=None,
        paid_at_unix_ms=None,
    )
    return dataclasses.replace(base, **changes)


def part(payer_member_id: str | None) -> PayablePart:
    until_unix_ms = NOW_UNIX_MS + 1000
    ends = (payer_member_id, "payee")
    return PayablePart("part", "ask", AskKind.ASK, "payee", *ends, 1250, PartState.OPEN, until_unix_ms, None)


def refund(**changes: Any) -> RefundRequest:
    base = RefundRequest(
        id="request",
        client_reference=REF,
        sale_id="S" * 16,
        till_id="till",
        member_id="payer",
        amount_cents=1250,
        state=RefundRequestState.REQUESTED,
        payment_ref=None,
        refusal_code=None,
        requested_at_unix_ms=NOW_UNIX_MS,
        decided_at_unix_ms=None,
    )
    return dataclasses.replace(base, **changes)


def test_an_ordinary_payment_passes() -> None:
    check_payment(order(), context())


def test_a_passkey_passes_its_floors() -> None:
    floors = PasskeyFloors(per_payment_cents=1, per_day_cents=1)
    check_payment(order(by_passkey=True), context(payer_floors=floors))


REFUSALS: list[tuple[str, type[Refusal], Changes, Changes]] = [
    ("stopped", errors.PaymentsStopped, {}, {"payments_stopped": True}),
    ("nothing", AmountNotAllowed, {"amount_cents": 0}, {}),
    ("oneself", errors.SamePayerAndPayee, {"to_address": PAYER}, {}),
    ("too late", errors.ValidityTooShort, {"valid_before_unix_s": NOW_UNIX_S + 4}, {}),
    ("too far", errors.ValidityTooLong, {"valid_before_unix_s": NOW_UNIX_S + 186}, {}),
    ("payer unknown", PayerUnknown, {}, {"payer": None}),
    ("payer pending", PayerUnknown, {}, {"payer": party(PAYER, state="pending")}),
    ("foreign signer", errors.SignerNotAllowed, {}, {"signer_allowed": False}),
    ("suspended key", KeySuspended, {}, {"suspended_until_unix_s": NOW_UNIX_S + 1}),
    ("payee unknown", errors.PayeeUnknown, {}, {"payee": None}),
    ("payee closed", errors.PayeeUnknown, {}, {"payee": party(PAYEE, state="closed")}),
    ("payer frozen", errors.PayerFrozen, {}, {"payer": party(PAYER, frozen_outgoing=True)}),
    ("payer owes", errors.PayerOwesReversal, {}, {"payer": party(PAYER, owed_cents=OWED_STOPS_FROM_CENTS)}),
    ("payee frozen", errors.PayeeFrozen, {}, {"payee": party(PAYEE, frozen_incoming=True)}),
    (
        "payer expired",
        errors.PayerIdentityExpired,
        {},
        {"payer": party(PAYER, identity_expires_on_day=TODAY)},
    ),
    ("payee expired", errors.PayeeIdentityExpired, {}, {"payee": party(PAYEE, identity_expires_on_day=1)}),
    (
        "visitor to person",
        errors.VisitorToPerson,
        {},
        {"payer": party(PAYER, tier="visitor"), "payee": party(PAYEE, kind="resident")},
    ),
    (
        "per payment",
        errors.PaymentLimitExceeded,
        {"amount_cents": 25_001},
        {"payer_balance": PostedBalance(99_999, 0)},
    ),
    ("per day", errors.DayLimitExceeded, {}, {"spending": Spending(48_751, 48_751)}),
    (
        "needs a passkey",
        errors.PaymentPasskeyRequired,
        {},
        {"payer_floors": PasskeyFloors(per_payment_cents=1249)},
    ),
    (
        "needs a passkey with the day's",
        errors.PaymentPasskeyRequired,
        {},
        {"payer_floors": PasskeyFloors(per_day_cents=5_000), "spending": Spending(3_751, 3_751)},
    ),
    ("per 30 days", errors.MonthLimitExceeded, {}, {"spending": Spending(0, 98_751)}),
    (
        "payee ceiling",
        errors.HoldingLimitExceeded,
        {},
        {
            "payee_limits": TierLimits(15_000, 0, 0, 0),
            "payee_posted_cents": 10_000,
            "payee_incoming_cents": 3_751,
        },
    ),
    ("limits unknown", errors.LimitsUnknown, {}, {"payer_limits": None}),
    ("balance", errors.BalanceTooLow, {}, {"payer_balance": PostedBalance(1249, 0)}),
    ("promised elsewhere", errors.BalanceTooLow, {}, {"payer_balance": PostedBalance(20_000, 18_751)}),
    ("sale unknown", sales_errors.SaleNotFound, {"sale_id": "S" * 16}, {}),
    ("sale amount", sales_errors.SaleMismatch, {"sale_id": "S" * 16, "amount_cents": 1251}, {"sale": sale()}),
    (
        "sale payee",
        sales_errors.SaleMismatch,
        {"sale_id": "S" * 16},
        {"sale": sale(), "sale_payee_address": "0x" + "33" * 20},
    ),
    (
        "sale expired",
        sales_errors.SaleExpired,
        {"sale_id": "S" * 16},
        {"sale": sale(expires_at_unix_ms=NOW_UNIX_MS)},
    ),
    (
        "sale cancelled",
        sales_errors.SaleCancelled,
        {"sale_id": "S" * 16},
        {"sale": sale(state=SaleState.CANCELLED)},
    ),
    (
        "sale accepted",
        sales_errors.SaleAlreadyPaid,
        {"sale_id": "S" * 16},
        {"sale": sale(state=SaleState.ACCEPTED)},
    ),
    ("sale paid", sales_errors.SaleAlreadyPaid, {"sale_id": "S" * 16}, {"sale": sale(state=SaleState.PAID)}),
    ("refund unknown", sales_errors.RefundNotFound, {"refund_request_id": "request"}, {}),
    ("part unknown", ask_errors.AskNotFound, {"ask_part_id": "part"}, {}),
    ("part of another's", ask_errors.AskNotFound, {"ask_part_id": "part"}, {"ask_part": part("other")}),
    (
        "part and sale at once",
        ask_errors.PartMismatch,
        {"ask_part_id": "part", "sale_id": "S" * 16},
        {"ask_part": part("payer"), "sale": sale(), "sale_payee_address": PAYEE},
    ),
    (
        "part of another amount",
        ask_errors.PartMismatch,
        {"ask_part_id": "part", "amount_cents": 1249},
        {"ask_part": part("payer")},
    ),
    (
        "refund of another merchant",
        sales_errors.RefundNotFound,
        {"refund_request_id": "request"},
        {"refund_request": refund(member_id="somebody")},
    ),
    (
        "refund decided",
        sales_errors.RefundAlreadyDecided,
        {"refund_request_id": "request"},
        {"refund_request": refund(state=RefundRequestState.PAID)},
    ),
    (
        "refund amount",
        sales_errors.RefundMismatch,
        {"refund_request_id": "request", "amount_cents": 1249},
        {"refund_request": refund(), "refund_payee_address": PAYEE},
    ),
    (
        "refund to somebody else",
        sales_errors.RefundMismatch,
        {"refund_request_id": "request"},
        {"refund_request": refund(), "refund_payee_address": "0x" + "33" * 20},
    ),
]


@pytest.mark.parametrize(
    ("name", "refusal", "changes", "situation"), REFUSALS, ids=[case[0] for case in REFUSALS]
)
def test_each_rule_refuses_with_its_own_code(
    name: str, refusal: type[Refusal], changes: Changes, situation: Changes
) -> None:
    with pytest.raises(refusal) as caught:
        check_payment(order(**changes), context(**situation))
    for language in ("fr", "en"):
        assert "{" not in caught.value.sentence(language)


EDGES: list[tuple[Changes, Changes]] = [
    ({"valid_before_unix_s": NOW_UNIX_S + 5}, {}),
    ({"valid_before_unix_s": NOW_UNIX_S + 185}, {}),
    ({}, {"payer": party(PAYER, identity_expires_on_day=TODAY + 1)}),
    ({}, {"payer": party(PAYER, identity_expires_on_day=0)}),
    ({}, {"spending": Spending(48_750, 98_750)}),
    ({}, {"payer_balance": PostedBalance(20_000, 18_750)}),
    ({}, {"payer": party(PAYER, tier="visitor")}),
    ({"sale_id": "S" * 16}, {"sale": sale(), "sale_payee_address": PAYEE}),
    ({"refund_request_id": "request"}, {"refund_request": refund(), "refund_payee_address": PAYEE}),
    ({"ask_part_id": "part"}, {"ask_part": part("payer")}),
    ({"ask_part_id": "part"}, {"ask_part": part(None)}),
]


@pytest.mark.parametrize(("changes", "situation"), EDGES)
def test_what_just_fits_passes(changes: Changes, situation: Changes) -> None:
    check_payment(order(**changes), context(**situation))


@pytest.mark.parametrize("nonce", [68, 99, 100, 101, 1100, 2**40])
def test_a_nonce_the_ledger_can_use_passes(nonce: int) -> None:
    check_nonce_in_window(nonce, next_nonce=100)


@pytest.mark.parametrize("nonce", [0, 67, 1101, 2**40 - 1])
def test_a_nonce_outside_the_window_is_answered_with_the_next_one(nonce: int) -> None:
    with pytest.raises(errors.NonceConflict) as caught:
        check_nonce_in_window(nonce, next_nonce=100)
    assert caught.value.values == {"next_nonce": "100"}


def test_refunds_never_pass_the_sale() -> None:
    paid = sale(state=SaleState.PAID)
    check_refund_request(paid, already_asked_cents=250, amount_cents=1000)
    for already, amount in ((251, 1000), (1250, 1), (0, 1251), (0, 0), (0, -1)):
        with pytest.raises(sales_errors.RefundTooLarge):
            check_refund_request(paid, already, amount)


@pytest.mark.parametrize("state", [state for state in SaleState if state is not SaleState.PAID])
def test_only_a_paid_sale_is_refunded(state: SaleState) -> None:
    with pytest.raises(sales_errors.SaleNotPaid):
        check_refund_request(sale(state=state), 0, 100)


def recorded(**changes: Any) -> Payment:
    base = Payment(
        message=order().message,
        purpose=Purpose.PERSON,
        state=PaymentState.ACCEPTED,
        payer_member_id="payer",
        payee_member_id="payee",
        sale_id=None,
        refund_of_ref=None,
        refund_request_id=None,
        refusal_code=None,
        accepted_at_unix_ms=NOW_UNIX_MS,
        final_at_unix_ms=None,
    )
    return dataclasses.replace(base, **changes)


def test_the_same_message_signed_again_is_the_same_order() -> None:
    assert same_order(order(signature=b"one"), recorded())
    assert same_order(order(signature=b"two"), recorded())


@pytest.mark.parametrize(
    "changes",
    [
        {"to_address": "0x" + "33" * 20},
        {"amount_cents": 1},
        {"nonce": 1},
        {"valid_before_unix_s": NOW_UNIX_S},
        {"sale_id": "S" * 16},
        {"refund_request_id": "request"},
        {"ask_part_id": "part"},
        {"from_address": "0x" + "33" * 20},
    ],
)
def test_any_other_field_makes_another_order(changes: Changes) -> None:
    assert not same_order(order(**changes), recorded())


def test_a_refund_keeps_its_sale_without_the_wallet_saying_it() -> None:
    assert same_order(
        order(refund_request_id="request"), recorded(refund_request_id="request", sale_id="S" * 16)
    )


def test_a_payment_known_from_the_chain_alone_is_the_order_that_moves_the_same() -> None:
    message = dataclasses.replace(order().message, valid_before=0)
    from_chain = recorded(message=message, is_adopted=True)
    assert same_order(order(sale_id="S" * 16), from_chain)
    assert not same_order(order(amount_cents=1), from_chain)
    assert not same_order(order(nonce=1), from_chain)


def test_who_owes_units_the_bank_took_back_may_pay_the_association_alone() -> None:
    owing = {"payer": party(PAYER, owed_cents=OWED_STOPS_FROM_CENTS)}
    check_payment(order(), context(**owing, returns_account=PAYEE))
    with pytest.raises(errors.PayerOwesReversal):
        check_payment(order(), context(**owing, returns_account=PAYER))


def test_a_small_sum_the_bank_took_back_holds_back_that_sum_alone() -> None:
    """A transfer made to be recalled stops no more than what was sent (decision 0025)."""
    owed_cents = OWED_STOPS_FROM_CENTS - 1
    owing: dict[str, Any] = {
        "payer": party(PAYER, owed_cents=owed_cents),
        "payer_balance": PostedBalance(owed_cents + 10_00, 0),
    }
    check_payment(order(amount_cents=10_00), context(**owing))
    with pytest.raises(errors.AmountHeldBack) as refused:
        check_payment(order(amount_cents=10_01), context(**owing))
    assert refused.value.values == {"held_back_cents": owed_cents, "available_cents": 10_00}
    check_payment(order(amount_cents=owed_cents), context(**owing, returns_account=PAYEE))
    with pytest.raises(errors.BalanceTooLow):
        check_payment(order(amount_cents=owed_cents + 10_01), context(**owing, returns_account=PAYEE))
