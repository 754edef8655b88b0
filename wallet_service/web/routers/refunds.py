"""Refunds: a till asks, the merchant's wallet lists and refuses; accepting is an ordinary payment."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from wallet_service.payments.events import refund_request_data
from wallet_service.payments.refunds import MAX_REQUESTS_PER_PAGE
from wallet_service.protocol.money import MAX_AMOUNT_CENTS
from wallet_service.web.i18n import language_of
from wallet_service.web.security import CurrentMember, CurrentTill, ServicesOf

router = APIRouter(tags=["refunds"])

DEFAULT_REQUESTS = 50


class RefundBody(BaseModel):
    """`client_reference` is 32 random bytes (0x hex) made by the till before its first attempt."""

    model_config = ConfigDict(extra="forbid")

    client_reference: str = Field(max_length=66)
    amount_cents: int = Field(gt=0, le=MAX_AMOUNT_CENTS, strict=True)


@router.post("/v1/till/sales/{sale_id}/refunds", status_code=201)
def ask_refund(sale_id: str, body: RefundBody, till: CurrentTill, services: ServicesOf) -> dict[str, Any]:
    """Asks for a refund, whole or in part, once per `client_reference`. The merchant's wallet decides."""
    request = services.refunds.request(
        till.till_id, till.member_id, sale_id, body.client_reference, body.amount_cents
    )
    return refund_request_data(request)


@router.get("/v1/till/refunds")
def till_refunds(
    till: CurrentTill,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_REQUESTS_PER_PAGE)] = DEFAULT_REQUESTS,
) -> list[dict[str, Any]]:
    """What this till asked for, newest first."""
    return [refund_request_data(request) for request in services.refunds.of_till(till.till_id, limit)]


@router.get("/v1/me/refund-requests")
def refund_requests(request: Request, member: CurrentMember, services: ServicesOf) -> list[dict[str, Any]]:
    """What waits for the member's signature, oldest first."""
    found = services.refunds.waiting_for(member.member_id)
    return services.till_views.refund_requests(found, language_of(request))


@router.post("/v1/refund-requests/{request_id}/refuse")
def refuse_refund(request_id: str, member: CurrentMember, services: ServicesOf) -> dict[str, Any]:
    """The merchant says no."""
    return refund_request_data(services.refunds.refuse(member.member_id, request_id))
