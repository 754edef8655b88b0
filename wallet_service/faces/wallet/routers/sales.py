"""Sales: opened, watched and cancelled by a till (signed requests), looked at by a payer before paying."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from wallet_service.accounts.errors import AmountNotAllowed
from wallet_service.faces.shell.i18n import language_of
from wallet_service.faces.shell.rate_limits import (
    SALE_BY_CODE,
    SALE_BY_CODE_OF_MEMBER,
    SALE_BY_ID,
    WRITING_OF_TILL,
    limited,
    member_limited,
    till_limited,
)
from wallet_service.faces.shell.security import CurrentMember, CurrentTill, OptionalMember, ServicesOf
from wallet_service.platform.errors import ClockWrong, ServiceBusy
from wallet_service.protocol.errors import WordInvalid
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.sales import errors as sales_errors
from wallet_service.sales.schemas import PayableSaleAnswer, SaleBody, TillDayAnswer, TillSaleAnswer
from wallet_service.sales.service import MAX_SALES_PER_PAGE

router = APIRouter(tags=["sales"])

DEFAULT_SALES = 20


@router.get(
    "/v1/sales/by-code/{code}",
    dependencies=[Depends(member_limited(SALE_BY_CODE_OF_MEMBER)), Depends(limited(SALE_BY_CODE))],
    responses=refuses(sales_errors.SaleNotFound),
)
def sale_by_code(
    code: str, request: Request, member: CurrentMember, services: ServicesOf
) -> PayableSaleAnswer:
    """The active sale with that short code, or the one the caller has just paid.

    Members only: codes are short.
    """
    sale = services.sales.find_by_code(code, member.member_id)
    return services.till_views.payable(sale, language_of(request), member.member_id)


@router.get(
    "/v1/sales/{sale_id}",
    dependencies=[Depends(limited(SALE_BY_ID))],
    responses=refuses(sales_errors.SaleNotFound),
)
def sale_by_id(
    sale_id: str, request: Request, member: OptionalMember, services: ServicesOf
) -> PayableSaleAnswer:
    """What a scanned code stands for. Open to a phone without a wallet yet: the id cannot be guessed."""
    sale = services.sales.find(sale_id.upper())
    return services.till_views.payable(sale, language_of(request), member.member_id if member else None)


@router.post(
    "/v1/till/sales",
    status_code=201,
    dependencies=[Depends(till_limited(WRITING_OF_TILL))],
    responses=refuses(
        WordInvalid,
        ClockWrong,
        AmountNotAllowed,
        sales_errors.SaleReferenceReused,
        sales_errors.SalesStopped,
        ServiceBusy,
        sales_errors.TillCannotSell,
        sales_errors.TipTooLarge,
        sales_errors.TooManyOpenSales,
    ),
)
def open_sale(body: SaleBody, request: Request, till: CurrentTill, services: ServicesOf) -> TillSaleAnswer:
    """Opens a sale, once per `client_reference`."""
    sale = services.sales.open(
        till.till_id,
        till.member_id,
        body.client_reference,
        body.amount_cents,
        body.label or "",
        tip_cents=body.tip_cents,
        cashier_id=till.cashier_id,
    )
    return services.till_views.sale(sale, language_of(request))


@router.get("/v1/till/sales")
def till_sales(
    request: Request,
    till: CurrentTill,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_SALES_PER_PAGE)] = DEFAULT_SALES,
) -> list[TillSaleAnswer]:
    """The till's sales, newest first."""
    return services.till_views.sales(services.sales.list_of_till(till.till_id, limit), language_of(request))


@router.get("/v1/till/sales/{sale_id}", responses=refuses(sales_errors.SaleNotFound))
def till_sale(sale_id: str, request: Request, till: CurrentTill, services: ServicesOf) -> TillSaleAnswer:
    """The truth about one sale of this till's shop."""
    return services.till_views.sale(services.sales.of_shop(till.member_id, sale_id), language_of(request))


@router.get("/v1/till/other-sales")
def other_sales(
    request: Request,
    till: CurrentTill,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_SALES_PER_PAGE)] = DEFAULT_SALES,
) -> list[TillSaleAnswer]:
    """What was paid at the shop's other tills, newest first: a new tablet refunds yesterday's sale too."""
    found = services.sales.list_paid_elsewhere(till.till_id, till.member_id, limit)
    return services.till_views.sales(found, language_of(request))


@router.get("/v1/till/day")
def till_day(
    request: Request,
    till: CurrentTill,
    services: ServicesOf,
    day: Annotated[date, Query(description="A day of the region; one that is to come has nothing.")],
) -> TillDayAnswer:
    """One day of this till in sums of all its sales: what a shop prints in the evening."""
    return services.till_views.day(services.sales.day_of_till(till.till_id, day), language_of(request))


@router.post(
    "/v1/till/sales/{sale_id}/cancel",
    dependencies=[Depends(till_limited(WRITING_OF_TILL))],
    responses=refuses(sales_errors.SaleNotFound, sales_errors.SaleNotCancellable),
)
def cancel_sale(sale_id: str, request: Request, till: CurrentTill, services: ServicesOf) -> TillSaleAnswer:
    """Cancels an open sale; repeating it changes nothing."""
    return services.till_views.sale(services.sales.cancel(till.till_id, sale_id), language_of(request))
