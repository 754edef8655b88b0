"""Refunds: a till asks, the merchant's wallet lists and refuses; accepting is an ordinary payment."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from wallet_service.faces.shell.i18n import language_of
from wallet_service.faces.shell.rate_limits import WRITING_OF_TILL, till_limited
from wallet_service.faces.shell.security import CurrentMember, CurrentTill, ServicesOf
from wallet_service.platform.errors import ServiceBusy
from wallet_service.protocol.errors import WordInvalid
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.sales import errors as sales_errors
from wallet_service.sales.events import refund_request_data
from wallet_service.sales.models import RefundRequest
from wallet_service.sales.refunds import MAX_REQUESTS_PER_PAGE
from wallet_service.sales.schemas import AskedRefundAnswer, RefundAnswer, RefundBody

router = APIRouter(tags=["refunds"])

DEFAULT_REQUESTS = 50


@router.post(
    "/v1/till/sales/{sale_id}/refunds",
    status_code=201,
    dependencies=[Depends(till_limited(WRITING_OF_TILL))],
    responses=refuses(
        WordInvalid,
        sales_errors.RefundReferenceReused,
        sales_errors.RefundTooLarge,
        sales_errors.SaleNotFound,
        sales_errors.SaleNotPaid,
        ServiceBusy,
    ),
)
def ask_refund(sale_id: str, body: RefundBody, till: CurrentTill, services: ServicesOf) -> RefundAnswer:
    """Asks for a refund, whole or in part, once per `client_reference`. The merchant's wallet decides."""
    request = services.refunds.request(
        till.till_id, till.member_id, sale_id, body.client_reference, body.amount_cents
    )
    return _shown(request)


@router.get("/v1/till/refunds")
def till_refunds(
    till: CurrentTill,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_REQUESTS_PER_PAGE)] = DEFAULT_REQUESTS,
) -> list[RefundAnswer]:
    """What this till asked for, newest first."""
    return [_shown(request) for request in services.refunds.of_till(till.till_id, limit)]


@router.get("/v1/me/refund-requests")
def refund_requests(request: Request, member: CurrentMember, services: ServicesOf) -> list[AskedRefundAnswer]:
    """What waits for the member's signature, oldest first."""
    found = services.refunds.waiting_for(member.member_id)
    return services.till_views.refund_requests(found, language_of(request))


@router.get("/v1/me/refund-requests/{request_id}", responses=refuses(sales_errors.RefundNotFound))
def refund_request(
    request_id: str, request: Request, member: CurrentMember, services: ServicesOf
) -> AskedRefundAnswer:
    """One request to the member, in whatever state it is."""
    found = services.refunds.of_member(member.member_id, request_id)
    return services.till_views.refund_requests([found], language_of(request))[0]


@router.post(
    "/v1/refund-requests/{request_id}/refuse",
    responses=refuses(sales_errors.RefundNotFound, sales_errors.RefundAlreadyDecided),
)
def refuse_refund(request_id: str, member: CurrentMember, services: ServicesOf) -> RefundAnswer:
    """The merchant says no."""
    return _shown(services.refunds.refuse(member.member_id, request_id))


def _shown(request: RefundRequest) -> RefundAnswer:
    return RefundAnswer.model_validate(refund_request_data(request))
