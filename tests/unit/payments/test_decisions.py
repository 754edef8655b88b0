"""Who may pay whom: every rule refuses with its own code, and the plain case passes."""

from __future__ import annotations

import dataclasses

import pytest

from wallet_service.payments import errors
from wallet_service.payments.decisions import (
    MS_PER_DAY,
    PaymentContext,
    check_nonce_in_window,
    check_payment,
    check_refund_request,
    same_order,
)
from wallet_service.payments.models import (
    Balance,
    Party,
    PaymentOrder,
    RefundRequest,
    Sale,
    Spending,
    TierLimits,
)
from wallet_service.payments.states import RefundRequestState, SaleState
from wallet_service.protocol.floors import NO_FLOORS, PasskeyFloors

NOW_UNIX_MS = 1_790_000_000_000
NOW_UNIX_S = NOW_UNIX_MS // 1000
TODAY = NOW_UNIX_MS // MS_PER_DAY
PAYER, PAYEE = "0x" + "11" * 20, "0x" + "22" * 20
REF = "0x" + "ab" * 32


def party(address: str, **changes: object) -> Party:
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


def order(**changes: object) -> PaymentOrder:
    base = PaymentOrder(
        from_address=PAYER,
        to_address=PAYEE,
        amount_cents=1250,
        ref=REF,
        valid_before_unix_s=NOW_UNIX_S + 120,
        nonce=0,
        signature=b"",
        signer_address=PAYER,
    )
    return dataclasses.replace(base, **changes)


def context(**changes: object) -> PaymentContext:
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
        payer_balance=Balance(20_000, 0),
        payee_posted_cents=0,
        payee_incoming_cents=0,
        sale=None,
        sale_payee_address=None,
        refund_request=None,
        refund_payee_address=None,
    )
    return dataclasses.replace(base, **changes)


def sale(**changes: object) -> Sale:
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


def refund(**changes: object) -> RefundRequest:
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


def test_an_ordinary_payment_passes():
    check_payment(order(), context())


def test_a_passkey_passes_its_floors():
    floors = PasskeyFloors(per_payment_cents=1, per_day_cents=1)
    check_payment(order(by_passkey=True), context(payer_floors=floors))


REFUSALS = [
    ("stopped", errors.PaymentsStopped, {}, {"payments_stopped": True}),
    ("nothing", errors.AmountNotAllowed, {"amount_cents": 0}, {}),
    ("oneself", errors.SamePayerAndPayee, {"to_address": PAYER}, {}),
    ("too late", errors.ValidityTooShort, {"valid_before_unix_s": NOW_UNIX_S + 4}, {}),
    ("too far", errors.ValidityTooLong, {"valid_before_unix_s": NOW_UNIX_S + 186}, {}),
    ("payer unknown", errors.PayerUnknown, {}, {"payer": None}),
    ("payer pending", errors.PayerUnknown, {}, {"payer": party(PAYER, state="pending")}),
    ("foreign signer", errors.SignerNotAllowed, {}, {"signer_allowed": False}),
    ("payee unknown", errors.PayeeUnknown, {}, {"payee": None}),
    ("payee closed", errors.PayeeUnknown, {}, {"payee": party(PAYEE, state="closed")}),
    ("payer frozen", errors.PayerFrozen, {}, {"payer": party(PAYER, frozen_outgoing=True)}),
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
        {"payer_balance": Balance(99_999, 0)},
    ),
    ("per day", errors.DayLimitExceeded, {}, {"spending": Spending(48_751, 48_751)}),
    ("needs a passkey", errors.PasskeyRequired, {}, {"payer_floors": PasskeyFloors(per_payment_cents=1249)}),
    (
        "needs a passkey with the day's",
        errors.PasskeyRequired,
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
    ("balance", errors.BalanceTooLow, {}, {"payer_balance": Balance(1249, 0)}),
    ("promised elsewhere", errors.BalanceTooLow, {}, {"payer_balance": Balance(20_000, 18_751)}),
    ("sale unknown", errors.SaleNotFound, {"sale_id": "S" * 16}, {}),
    ("sale amount", errors.SaleMismatch, {"sale_id": "S" * 16, "amount_cents": 1251}, {"sale": sale()}),
    (
        "sale payee",
        errors.SaleMismatch,
        {"sale_id": "S" * 16},
        {"sale": sale(), "sale_payee_address": "0x" + "33" * 20},
    ),
    (
        "sale expired",
        errors.SaleExpired,
        {"sale_id": "S" * 16},
        {"sale": sale(expires_at_unix_ms=NOW_UNIX_MS)},
    ),
    (
        "sale cancelled",
        errors.SaleCancelled,
        {"sale_id": "S" * 16},
        {"sale": sale(state=SaleState.CANCELLED)},
    ),
    (
        "sale accepted",
        errors.SaleAlreadyPaid,
        {"sale_id": "S" * 16},
        {"sale": sale(state=SaleState.ACCEPTED)},
    ),
    ("sale paid", errors.SaleAlreadyPaid, {"sale_id": "S" * 16}, {"sale": sale(state=SaleState.PAID)}),
    ("refund unknown", errors.RefundNotFound, {"refund_request_id": "request"}, {}),
    (
        "refund of another merchant",
        errors.RefundNotFound,
        {"refund_request_id": "request"},
        {"refund_request": refund(member_id="somebody")},
    ),
    (
        "refund decided",
        errors.RefundAlreadyDecided,
        {"refund_request_id": "request"},
        {"refund_request": refund(state=RefundRequestState.PAID)},
    ),
    (
        "refund amount",
        errors.RefundMismatch,
        {"refund_request_id": "request", "amount_cents": 1249},
        {"refund_request": refund(), "refund_payee_address": PAYEE},
    ),
    (
        "refund to somebody else",
        errors.RefundMismatch,
        {"refund_request_id": "request"},
        {"refund_request": refund(), "refund_payee_address": "0x" + "33" * 20},
    ),
]


@pytest.mark.parametrize(
    ("name", "refusal", "changes", "situation"), REFUSALS, ids=[case[0] for case in REFUSALS]
)
def test_each_rule_refuses_with_its_own_code(name, refusal, changes, situation):
    with pytest.raises(refusal) as caught:
        check_payment(order(**changes), context(**situation))
    for language in ("fr", "en"):
        assert "{" not in caught.value.sentence(language)


EDGES = [
    ({"valid_before_unix_s": NOW_UNIX_S + 5}, {}),
    ({"valid_before_unix_s": NOW_UNIX_S + 185}, {}),
    ({}, {"payer": party(PAYER, identity_expires_on_day=TODAY + 1)}),
    ({}, {"payer": party(PAYER, identity_expires_on_day=0)}),
    ({}, {"spending": Spending(48_750, 98_750)}),
    ({}, {"payer_balance": Balance(20_000, 18_750)}),
    ({}, {"payer": party(PAYER, tier="visitor")}),
    ({"sale_id": "S" * 16}, {"sale": sale(), "sale_payee_address": PAYEE}),
    ({"refund_request_id": "request"}, {"refund_request": refund(), "refund_payee_address": PAYEE}),
]


@pytest.mark.parametrize(("changes", "situation"), EDGES)
def test_what_just_fits_passes(changes, situation):
    check_payment(order(**changes), context(**situation))


@pytest.mark.parametrize("nonce", [68, 99, 100, 101, 1100, 2**40])
def test_a_nonce_the_ledger_can_use_passes(nonce):
    check_nonce_in_window(nonce, next_nonce=100)


@pytest.mark.parametrize("nonce", [0, 67, 1101, 2**40 - 1])
def test_a_nonce_outside_the_window_is_answered_with_the_next_one(nonce):
    with pytest.raises(errors.NonceConflict) as caught:
        check_nonce_in_window(nonce, next_nonce=100)
    assert caught.value.values == {"next_nonce": "100"}


def test_refunds_never_pass_the_sale():
    paid = sale(state=SaleState.PAID)
    check_refund_request(paid, already_asked_cents=250, amount_cents=1000)
    for already, amount in ((251, 1000), (1250, 1), (0, 1251), (0, 0), (0, -1)):
        with pytest.raises(errors.RefundTooLarge):
            check_refund_request(paid, already, amount)


@pytest.mark.parametrize("state", [state for state in SaleState if state is not SaleState.PAID])
def test_only_a_paid_sale_is_refunded(state):
    with pytest.raises(errors.SaleNotPaid):
        check_refund_request(sale(state=state), 0, 100)


def recorded(**changes: object) -> dict[str, object]:
    return {
        "from_address": PAYER,
        "to_address": PAYEE,
        "amount_cents": 1250,
        "nonce": "0",
        "valid_before_unix_s": NOW_UNIX_S + 120,
        "sale_id": None,
        "refund_request_id": None,
        **changes,
    }


def test_the_same_message_signed_again_is_the_same_order():
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
        {"from_address": "0x" + "33" * 20},
    ],
)
def test_any_other_field_makes_another_order(changes):
    assert not same_order(order(**changes), recorded())


def test_a_refund_keeps_its_sale_without_the_wallet_saying_it():
    assert same_order(
        order(refund_request_id="request"), recorded(refund_request_id="request", sale_id="S" * 16)
    )
