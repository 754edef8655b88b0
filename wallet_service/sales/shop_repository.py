"""What the tills of one shop see of sales beside the sale itself: each other's, and why a payment failed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from wallet_service.accounts.repository import REFUSED
from wallet_service.database.tables.payments import payments, sales
from wallet_service.sales.models import Sale
from wallet_service.sales.repository import sale_of
from wallet_service.sales.states import SaleState


def paid_sales_elsewhere(connection: Connection, member_id: str, till_id: str, limit: int) -> list[Sale]:
    """Of this member's other tills, those let go included; newest first."""
    statement = (
        select(sales)
        .where(sales.c.member_id == member_id, sales.c.till_id != till_id, sales.c.state == SaleState.PAID)
        .order_by(sales.c.created_at_unix_ms.desc())
        .limit(limit)
    )
    return [sale_of(row) for row in connection.execute(statement).mappings()]


def refusal_codes(connection: Connection, sale_ids: Iterable[str]) -> dict[str, str]:
    """Sale id -> why the last payment for it was refused; a refund of it is not a payment for it."""
    statement = (
        select(payments.c.sale_id, payments.c.refusal_code)
        .where(
            payments.c.sale_id.in_(sorted(sale_ids)),
            payments.c.refund_request_id.is_(None),
            payments.c.state == REFUSED,
        )
        .order_by(payments.c.sequence)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}
