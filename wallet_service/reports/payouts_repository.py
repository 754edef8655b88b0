"""The SQL of the list of payouts. Takes a Connection, reads only, opens nothing that is sealed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, select

from wallet_service.database.tables.bank import payout_files, redemptions
from wallet_service.database.tables.members import members
from wallet_service.redemptions.repository import HELD_BACK, IN_FILE

_NET_CENTS = redemptions.c.amount_cents - redemptions.c.fee_cents
_IS_LOCKED = redemptions.c.state == "locked"
_step = case(
    (and_(_IS_LOCKED, redemptions.c.payout_file_id.is_not(None)), IN_FILE),
    (and_(_IS_LOCKED, redemptions.c.held_reason.is_not(None)), HELD_BACK),
    else_=redemptions.c.state,
)


def page(
    connection: Connection,
    step: str,
    days: tuple[int | None, int | None],
    limit: int,
    first: int,
) -> list[Row[Any]]:
    """Newest first, from the one numbered `first` on; each with its step and the order it is in."""
    joined = redemptions.join(members, members.c.id == redemptions.c.member_id).outerjoin(
        payout_files, payout_files.c.id == redemptions.c.payout_file_id
    )
    query: Select[Any] = select(
        redemptions.c.ref,
        redemptions.c.end_to_end_id,
        redemptions.c.member_id,
        members.c.public_name,
        redemptions.c.amount_cents,
        redemptions.c.fee_cents,
        _NET_CENTS.label("net_cents"),
        _step.label("step"),
        redemptions.c.return_reason,
        redemptions.c.requested_at_unix_ms,
        redemptions.c.closed_at_unix_ms,
        payout_files.c.message_id.label("batch"),
        payout_files.c.prepared_at_unix_ms.label("batch_at_unix_ms"),
    ).select_from(joined)
    query = _filtered(query, step, days)
    query = query.order_by(redemptions.c.requested_at_unix_ms.desc(), redemptions.c.ref)
    return list(connection.execute(query.limit(limit).offset(first)))


def sums(connection: Connection, step: str, days: tuple[int | None, int | None]) -> tuple[int, int]:
    """How many there are, and what the bank pays for them, cents."""
    query = select(func.count(), func.coalesce(func.sum(_NET_CENTS), 0)).select_from(redemptions)
    row = connection.execute(_filtered(query, step, days)).one()
    return int(row[0]), int(row[1])


def _filtered(query: Select[Any], step: str, days: tuple[int | None, int | None]) -> Select[Any]:
    """`days`: requested from the first moment on, before the second; None for no bound."""
    from_unix_ms, until_unix_ms = days
    if step:
        query = query.where(_step == step)
    if from_unix_ms is not None:
        query = query.where(redemptions.c.requested_at_unix_ms >= from_unix_ms)
    if until_unix_ms is not None:
        query = query.where(redemptions.c.requested_at_unix_ms < until_unix_ms)
    return query
