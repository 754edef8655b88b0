"""The SQL of what members let expect: standing orders, announced amounts, low balances."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from wallet_service.database.tables.bank import announced_topups, bank_entries, topups
from wallet_service.database.tables.loading import low_balance_notices, standing_orders

Source = Literal["declared", "recognised"]


@dataclass(frozen=True)
class StandingOrder:
    """What a member's bank sends each month. Days are ISO dates; `state` is followed or ended."""

    member_id: str
    amount_cents: int
    day_of_month: int
    source: Source
    state: str
    since_on: str
    missed_on: str | None
    changed_at_unix_ms: int


@dataclass(frozen=True)
class RepeatedCredit:
    """The same amount from the same payer to a member, several times."""

    member_id: str
    amount_cents: int
    payer_key: str


#: A credit that counts as arrived: not one the bank sent back to us, nor one that goes back.
_ARRIVED = and_(topups.c.redemption_ref.is_(None), topups.c.state != "returned")


def order_of(connection: Connection, member_id: str) -> StandingOrder | None:
    query = select(standing_orders).where(standing_orders.c.member_id == member_id)
    row = connection.execute(query).mappings().first()
    return None if row is None else StandingOrder(**row)


def put_order(connection: Connection, order: StandingOrder) -> None:
    """In place of the one there was. Raises IntegrityError when another one was put at the same time."""
    is_of_member = standing_orders.c.member_id == order.member_id
    changed = connection.execute(update(standing_orders).where(is_of_member).values(**order.__dict__))
    if changed.rowcount == 0:
        connection.execute(insert(standing_orders).values(**order.__dict__))


def mark_ended(connection: Connection, member_id: str, now_unix_ms: int) -> bool:
    changed = connection.execute(
        update(standing_orders)
        .where(standing_orders.c.member_id == member_id, standing_orders.c.state == "followed")
        .values(state="ended", missed_on=None, changed_at_unix_ms=now_unix_ms)
    )
    return changed.rowcount == 1


def mark_missed(connection: Connection, order: StandingOrder, missed_on: str | None) -> bool:
    """None: it comes as expected again.

    False when somebody else was faster, or the order has changed meanwhile.
    """
    changed = connection.execute(
        update(standing_orders)
        .where(standing_orders.c.member_id == order.member_id, standing_orders.c.state == "followed")
        .where(standing_orders.c.changed_at_unix_ms == order.changed_at_unix_ms)
        .where(standing_orders.c.missed_on.is_distinct_from(missed_on))
        .values(missed_on=missed_on)
    )
    return changed.rowcount == 1


def followed_with_last_arrival(
    connection: Connection, after_member_id: str, limit: int
) -> Sequence[tuple[StandingOrder, str | None]]:
    """A page of the followed ones by member id, each with the day its amount last came."""
    last = (
        select(func.max(bank_entries.c.booked_on))
        .join(topups, topups.c.bank_entry_id == bank_entries.c.id)
        .where(topups.c.member_id == standing_orders.c.member_id)
        .where(topups.c.amount_cents == standing_orders.c.amount_cents, _ARRIVED)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(standing_orders, last.label("last_arrival_on"))
        .where(standing_orders.c.state == "followed", standing_orders.c.member_id > after_member_id)
        .order_by(standing_orders.c.member_id)
        .limit(limit)
    )
    return [_with_arrival(dict(row)) for row in rows.mappings()]


def _with_arrival(row: dict[str, Any]) -> tuple[StandingOrder, str | None]:
    last_arrival_on = row.pop("last_arrival_on")
    return StandingOrder(**row), last_arrival_on


def last_arrival(connection: Connection, member_id: str, amount_cents: int) -> str | None:
    """The ISO date on which that amount last came for the member."""
    return connection.execute(
        select(func.max(bank_entries.c.booked_on))
        .join(topups, topups.c.bank_entry_id == bank_entries.c.id)
        .where(topups.c.member_id == member_id, topups.c.amount_cents == amount_cents, _ARRIVED)
    ).scalar_one_or_none()


def repeated_credits(
    connection: Connection, least: int, booked_since: str, matched_since_unix_ms: int, limit: int
) -> Sequence[RepeatedCredit]:
    """At least so many from one payer, the last of them just matched; newest first.

    Left out are members whose order comes as expected, and credits from before an order was ended.
    """
    is_news: ColumnElement[bool] = (
        standing_orders.c.member_id.is_(None)
        | standing_orders.c.missed_on.is_not(None)
        | (
            (standing_orders.c.state == "ended")
            & (topups.c.matched_at_unix_ms > standing_orders.c.changed_at_unix_ms)
        )
    )
    newest = func.max(topups.c.matched_at_unix_ms)
    rows = connection.execute(
        select(topups.c.member_id, topups.c.amount_cents, bank_entries.c.payer_key)
        .join(bank_entries, bank_entries.c.id == topups.c.bank_entry_id)
        .outerjoin(standing_orders, standing_orders.c.member_id == topups.c.member_id)
        .where(bank_entries.c.booked_on >= booked_since, bank_entries.c.payer_key.is_not(None))
        .where(_ARRIVED, is_news)
        .group_by(topups.c.member_id, topups.c.amount_cents, bank_entries.c.payer_key)
        .having(and_(func.count() >= least, newest >= matched_since_unix_ms))
        .order_by(newest.desc(), topups.c.member_id)
        .limit(limit)
    )
    return [RepeatedCredit(*row) for row in rows]


def arrivals_of(connection: Connection, repeated: RepeatedCredit, booked_since: str) -> Sequence[str]:
    """ISO dates, oldest first."""
    query = (
        select(bank_entries.c.booked_on)
        .join(topups, topups.c.bank_entry_id == bank_entries.c.id)
        .where(topups.c.member_id == repeated.member_id, topups.c.amount_cents == repeated.amount_cents)
        .where(bank_entries.c.payer_key == repeated.payer_key, bank_entries.c.booked_on >= booked_since)
        .where(_ARRIVED)
        .order_by(bank_entries.c.booked_on)
    )
    return list(connection.execute(query).scalars())


def low_balance_of(connection: Connection, member_id: str) -> int | None:
    query = select(low_balance_notices.c.below_cents).where(low_balance_notices.c.member_id == member_id)
    return connection.execute(query).scalar_one_or_none()


def put_low_balance(
    connection: Connection, member_id: str, below_cents: int | None, now_unix_ms: int
) -> None:
    """None takes the notice away. Raises IntegrityError when another one was put at the same time."""
    is_of_member = low_balance_notices.c.member_id == member_id
    if below_cents is None:
        connection.execute(delete(low_balance_notices).where(is_of_member))
        return
    values = {"member_id": member_id, "below_cents": below_cents, "changed_at_unix_ms": now_unix_ms}
    if connection.execute(update(low_balance_notices).where(is_of_member).values(values)).rowcount == 0:
        connection.execute(insert(low_balance_notices).values(values))


def put_announced(connection: Connection, member_id: str, amount_cents: int, now_unix_ms: int) -> None:
    """In place of what the member said before. Raises IntegrityError when it was said twice at once."""
    said = {"amount_cents": amount_cents, "announced_at_unix_ms": now_unix_ms}
    known = update(announced_topups).where(announced_topups.c.member_id == member_id)
    if connection.execute(known.values(**said)).rowcount == 0:
        connection.execute(insert(announced_topups).values(member_id=member_id, **said))


def is_announced(connection: Connection, member_id: str, amount_cents: int, since_unix_ms: int) -> bool:
    query = select(announced_topups.c.member_id).where(
        announced_topups.c.member_id == member_id,
        announced_topups.c.amount_cents == amount_cents,
        announced_topups.c.announced_at_unix_ms >= since_unix_ms,
    )
    return connection.execute(query).first() is not None


def announced_by(
    connection: Connection, member_ids: Collection[str], amount_cents: int, since_unix_ms: int
) -> dict[str, int]:
    """Member -> when they said it: those of them whose transfer of this amount has not come since."""
    has_come = select(topups.c.id).where(
        topups.c.member_id == announced_topups.c.member_id,
        topups.c.amount_cents == announced_topups.c.amount_cents,
        topups.c.matched_at_unix_ms >= announced_topups.c.announced_at_unix_ms,
    )
    rows = connection.execute(
        select(announced_topups.c.member_id, announced_topups.c.announced_at_unix_ms).where(
            announced_topups.c.member_id.in_(member_ids),
            announced_topups.c.amount_cents == amount_cents,
            announced_topups.c.announced_at_unix_ms >= since_unix_ms,
            ~has_come.exists(),
        )
    )
    return {row.member_id: row.announced_at_unix_ms for row in rows}


def forget(connection: Connection, member_id: str) -> int:
    """Everything the member let us expect; how many rows."""
    return sum(
        connection.execute(delete(table).where(table.c.member_id == member_id)).rowcount
        for table in (standing_orders, low_balance_notices, announced_topups)
    )
