"""The sums of one day of one till, counted by the database: complete, however many sales there were."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Column, ColumnElement, Connection, and_, func, or_, select

from wallet_service.accounts.repository import REFUSED
from wallet_service.database.tables.payments import payments, refund_requests, sales
from wallet_service.sales.decisions import day_bounds_unix_ms
from wallet_service.sales.models import CashierSums, CountedCents, TillDay
from wallet_service.sales.states import RefundRequestState, SaleState

#: From the first moment of a day to before the first of the next, in unix milliseconds.
Bounds = tuple[int, int]
_COUNT = func.count()


def till_day(connection: Connection, till_id: str, day: date, now_unix_ms: int) -> TillDay:
    """A sale counts on the day it was paid, a refund too; what came to nothing, on the day it was opened."""
    bounds = day_bounds_unix_ms(day)
    of_till = sales.c.till_id == till_id
    opened = and_(of_till, _within(sales.c.created_at_unix_ms, bounds))
    is_paid = and_(of_till, sales.c.state == SaleState.PAID, _within(sales.c.paid_at_unix_ms, bounds))
    is_late = and_(sales.c.state == SaleState.OPEN, sales.c.expires_at_unix_ms <= now_unix_ms)
    refunded = and_(
        refund_requests.c.till_id == till_id,
        refund_requests.c.state == RefundRequestState.PAID,
        _within(refund_requests.c.decided_at_unix_ms, bounds),
    )
    refused = and_(of_till, payments.c.state == REFUSED, _within(payments.c.accepted_at_unix_ms, bounds))
    span = select(func.min(sales.c.paid_at_unix_ms), func.max(sales.c.paid_at_unix_ms)).where(is_paid)
    first_unix_ms, last_unix_ms = connection.execute(span).one()
    return TillDay(
        day=day,
        counted_at_unix_ms=now_unix_ms,
        sales=_sum(connection, sales.c.amount_cents, is_paid),
        tips=_sum(connection, sales.c.tip_cents, and_(is_paid, sales.c.tip_cents > 0)),
        refunds=_sum(connection, refund_requests.c.amount_cents, refunded),
        confirming=_sum(connection, sales.c.amount_cents, and_(opened, sales.c.state == SaleState.ACCEPTED)),
        expired_count=_sales(connection, and_(opened, or_(sales.c.state == SaleState.EXPIRED, is_late))),
        cancelled_count=_sales(connection, and_(opened, sales.c.state == SaleState.CANCELLED)),
        refused_count=connection.execute(
            select(_COUNT)
            .select_from(payments.join(sales, sales.c.id == payments.c.sale_id))
            .where(refused, payments.c.refund_request_id.is_(None))
        ).scalar_one(),
        first_paid_at_unix_ms=first_unix_ms,
        last_paid_at_unix_ms=last_unix_ms,
        by_cashier=_by_cashier(connection, is_paid),
    )


def _within(column: Column[int], bounds: Bounds) -> ColumnElement[bool]:
    return and_(column >= bounds[0], column < bounds[1])


def _sum(connection: Connection, cents: Column[int], condition: ColumnElement[bool]) -> CountedCents:
    query = select(_COUNT, func.coalesce(func.sum(cents), 0)).where(condition)
    count, total_cents = connection.execute(query).one()
    return CountedCents(count, int(total_cents))  # PostgreSQL sums into a decimal


def _by_cashier(connection: Connection, is_paid: ColumnElement[bool]) -> tuple[CashierSums, ...]:
    """Nothing where nobody was named all day."""
    sums = (_COUNT, func.sum(sales.c.amount_cents), func.sum(sales.c.tip_cents))
    query = select(sales.c.cashier_id, *sums).where(is_paid).group_by(sales.c.cashier_id)
    found = tuple(
        CashierSums(cashier_id, CountedCents(count, int(cents)), int(tips_cents))
        for cashier_id, count, cents, tips_cents in connection.execute(query)
    )
    return found if any(one.cashier_id is not None for one in found) else ()


def _sales(connection: Connection, condition: ColumnElement[bool]) -> int:
    return connection.execute(select(_COUNT).select_from(sales).where(condition)).scalar_one()
