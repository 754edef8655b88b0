"""Signed payments: sending one, asking after one, and the list of movements."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from wallet_service.accounts.errors import (
    AmountNotAllowed,
    CopyCatchingUp,
    KeySuspended,
    PayerUnknown,
    RulesTooOld,
)
from wallet_service.asks import errors as asks_errors
from wallet_service.caps import errors as caps_errors
from wallet_service.chain.ledger.skip_reasons import sentence_of
from wallet_service.faces.shell.i18n import language_of
from wallet_service.faces.shell.rate_limits import ASKING_OF_MEMBER, PAYING_OF_MEMBER, member_limited
from wallet_service.faces.shell.security import CurrentMember, ServicesOf
from wallet_service.history.schemas import (
    DEFAULT_MOVEMENTS,
    MovementAnswer,
    MovementsFoundAnswer,
    SearchBody,
    TakingsAnswer,
)
from wallet_service.history.search import MAX_MOVEMENTS_PER_PAGE, MovementFilter
from wallet_service.history.service import Movement
from wallet_service.keyholders import errors as key_errors
from wallet_service.payments import errors
from wallet_service.payments.events import payment_data
from wallet_service.payments.models import Payment
from wallet_service.payments.schemas import PaymentAnswer, PaymentBody
from wallet_service.platform.errors import ClockWrong, ServiceBusy
from wallet_service.platform.schema import MAX_EXACT_INTEGER
from wallet_service.protocol.errors import AddressInvalid, BadSignature, WordInvalid
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.protocol.text.references import proof_code
from wallet_service.sales import errors as sales_errors

#: A request that is whole is answered before it comes here (faces.wallet.paying).
PAYMENTS_PATH = "/v1/payments"

router = APIRouter(tags=["payments"])

#: What may stand in the way of a payment, in the order a person would ask (payments/decisions.py).
PAYMENT_REFUSALS = refuses(
    AddressInvalid,
    BadSignature,
    WordInvalid,
    RulesTooOld,
    CopyCatchingUp,
    ClockWrong,
    ServiceBusy,
    errors.LimitsUnknown,
    errors.ReferenceReused,
    errors.NonceConflict,
    errors.NonceInvalid,
    errors.NotYourAccount,
    errors.SignerNotAllowed,
    KeySuspended,
    PayerUnknown,
    errors.PayeeUnknown,
    errors.PayerFrozen,
    errors.PayeeFrozen,
    errors.PayerIdentityExpired,
    errors.PayeeIdentityExpired,
    errors.PaymentsStopped,
    errors.VisitorToPerson,
    errors.SamePayerAndPayee,
    AmountNotAllowed,
    errors.PaymentLimitExceeded,
    errors.DayLimitExceeded,
    errors.MonthLimitExceeded,
    errors.PaymentPasskeyRequired,
    errors.HoldingLimitExceeded,
    errors.BalanceTooLow,
    errors.ValidityTooShort,
    errors.ValidityTooLong,
    sales_errors.SaleNotFound,
    sales_errors.SaleExpired,
    sales_errors.SaleAlreadyPaid,
    sales_errors.SaleCancelled,
    sales_errors.SaleMismatch,
    sales_errors.RefundNotFound,
    sales_errors.RefundAlreadyDecided,
    sales_errors.RefundMismatch,
    asks_errors.AskNotFound,
    asks_errors.OwnAskPart,
    asks_errors.PartAlreadyPaid,
    asks_errors.PartNotClaimed,
    asks_errors.PartOver,
    asks_errors.PartMismatch,
    caps_errors.OwnPaymentCapPassed,
    caps_errors.OwnDayCapPassed,
    caps_errors.OwnMonthCapPassed,
    key_errors.KeyEnded,
    key_errors.KeyExpired,
    key_errors.KeyPaymentLimit,
    key_errors.KeyDayLimit,
    key_errors.KeyNeedsHolder,
    key_errors.KeyBalanceTooLow,
    key_errors.KeyOnlyPays,
)


@router.post(
    PAYMENTS_PATH,
    status_code=202,
    response_model=PaymentAnswer,
    dependencies=[Depends(member_limited(PAYING_OF_MEMBER))],
    responses=PAYMENT_REFUSALS,
)
def pay(body: PaymentBody, request: Request, member: CurrentMember, services: ServicesOf) -> Response:
    """Accepts a signed payment. The same reference with the same content always gets the same answer."""
    shown = payment_view(services.payments.pay(member.member_id, body), language_of(request))
    # Made here: a model that FastAPI is given is checked once more, in another thread's turn.
    return Response(shown.model_dump_json(), status_code=202, media_type="application/json")


@router.get("/v1/payments/{ref}", responses=refuses(errors.PaymentNotFound, WordInvalid))
def payment(ref: str, request: Request, member: CurrentMember, services: ServicesOf) -> PaymentAnswer:
    """What became of a payment, for its payer or payee."""
    return payment_view(services.payments.find(member.member_id, ref), language_of(request))


@router.get("/v1/me/movements")
def movements(
    request: Request,
    member: CurrentMember,
    services: ServicesOf,
    before: Annotated[int | None, Query(ge=0, le=MAX_EXACT_INTEGER)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_MOVEMENTS_PER_PAGE)] = DEFAULT_MOVEMENTS,
) -> list[MovementAnswer]:
    """Newest first. `before` is the `at_unix_ms` of the last movement of the page before."""
    language = language_of(request)
    return [_shown(found, language) for found in services.history.movements(member.member_id, before, limit)]


@router.get("/v1/me/takings")
def takings(member: CurrentMember, services: ServicesOf) -> TakingsAnswer:
    """What came in today, for whoever keeps a shop; nothing of a resident's is hidden from them by it."""
    found = services.history.takings(member.member_id, services.clock.now_unix_ms())
    return TakingsAnswer(**asdict(found))


@router.post("/v1/me/movements/search", dependencies=[Depends(member_limited(ASKING_OF_MEMBER))])
def search(
    body: SearchBody, request: Request, member: CurrentMember, services: ServicesOf
) -> MovementsFoundAnswer:
    """Movements by name, amount, proof code or reference, newest first. `next_before` goes on from there."""
    language = language_of(request)
    movement_filter = MovementFilter(body.query, body.direction, body.since_unix_ms, body.until_unix_ms)
    found = services.history.search(member.member_id, movement_filter, body.before, body.limit)
    movements = [_shown(movement, language) for movement in found.movements]
    return MovementsFoundAnswer(movements=movements, next_before=found.next_before_unix_ms)


def payment_view(payment: Payment, language: str) -> PaymentAnswer:
    """A payment as its payer and payee see it, its refusal in words."""
    code = payment.refusal_code
    detail = None if code is None else sentence_of(code, language)
    return PaymentAnswer(**payment_data(payment), refusal_detail=detail)


def _shown(movement: Movement, language: str) -> MovementAnswer:
    code = None if movement.kind == "redemption" else movement.refusal_code
    return MovementAnswer.model_validate(
        {
            **asdict(movement),
            "proof_code": proof_code(movement.ref),
            "refusal_detail": None if code is None else sentence_of(code, language),
        }
    )
