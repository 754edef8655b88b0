"""What the tills of one shop see of each other's sales."""

from __future__ import annotations

from sqlalchemy import Connection, select

from wallet_service.database.tables.payments import sales
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
