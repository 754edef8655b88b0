"""Sales: opened, watched and cancelled by a till (signed requests), looked at by a payer before paying."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from wallet_service.payments.sales import MAX_LABEL_CHARACTERS, MAX_SALES_PER_PAGE
from wallet_service.protocol.money import MAX_AMOUNT_CENTS
from wallet_service.web.i18n import language_of
from wallet_service.web.rate_limits import Rate, limited
from wallet_service.web.security import CurrentMember, CurrentTill, ServicesOf

router = APIRouter(tags=["sales"])

#: Six digits can be guessed; a member who mistypes needs a few tries.
SALE_BY_CODE = Rate("sale_by_code", 30, 5)
SALE_BY_ID = Rate("sale_by_id", 600, 5)
DEFAULT_SALES = 20


class SaleBody(BaseModel):
    """`client_reference` is 32 random bytes (0x hex) made by the till before its first attempt."""

    model_config = ConfigDict(extra="forbid")

    client_reference: str = Field(max_length=66)
    amount_cents: int = Field(gt=0, le=MAX_AMOUNT_CENTS, strict=True)
    label: str | None = Field(default=None, max_length=MAX_LABEL_CHARACTERS)


@router.get("/v1/sales/by-code/{code}", dependencies=[Depends(limited(SALE_BY_CODE))])
def sale_by_code(code: str, request: Request, member: CurrentMember, services: ServicesOf) -> dict[str, Any]:
    """The living sale with that short code. Members only: codes are short."""
    sale = services.sales.find_by_code(code)
    return services.till_views.payable(sale, language_of(request))


@router.get("/v1/sales/{sale_id}", dependencies=[Depends(limited(SALE_BY_ID))])
def sale_by_id(sale_id: str, request: Request, services: ServicesOf) -> dict[str, Any]:
    """What a scanned code stands for. Open to a phone without a wallet yet: the id cannot be guessed."""
    return services.till_views.payable(services.sales.find(sale_id.upper()), language_of(request))


@router.post("/v1/till/sales", status_code=201)
def open_sale(body: SaleBody, request: Request, till: CurrentTill, services: ServicesOf) -> dict[str, Any]:
    """Opens a sale, once per `client_reference`."""
    sale = services.sales.open(
        till.till_id, till.member_id, body.client_reference, body.amount_cents, body.label or ""
    )
    return services.till_views.sale(sale, language_of(request))


@router.get("/v1/till/sales")
def till_sales(
    request: Request,
    till: CurrentTill,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_SALES_PER_PAGE)] = DEFAULT_SALES,
) -> list[dict[str, Any]]:
    """The till's sales, newest first."""
    return services.till_views.sales(services.sales.list_of_till(till.till_id, limit), language_of(request))


@router.get("/v1/till/sales/{sale_id}")
def till_sale(sale_id: str, request: Request, till: CurrentTill, services: ServicesOf) -> dict[str, Any]:
    """The truth about one sale of this till."""
    return services.till_views.sale(services.sales.of_till(till.till_id, sale_id), language_of(request))


@router.post("/v1/till/sales/{sale_id}/cancel")
def cancel_sale(sale_id: str, request: Request, till: CurrentTill, services: ServicesOf) -> dict[str, Any]:
    """Cancels an open sale; repeating it changes nothing."""
    return services.till_views.sale(services.sales.cancel(till.till_id, sale_id), language_of(request))
