"""The SQL of holds and of what came back. Takes a Connection, opens none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from wallet_service.database.tables.disputes import (
    account_holds,
    dispute_holds,
    dispute_returns,
)
from wallet_service.disputes.models import Hold, Return, ReturnKind

# holds of disputes


def insert_holds(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(dispute_holds), rows)


def holds_of(connection: Connection, dispute_id: str) -> list[Hold]:
    """The payee's first, then by how far they are."""
    query = select(dispute_holds).where(dispute_holds.c.dispute_id == dispute_id)
    rows = connection.execute(query.order_by(dispute_holds.c.hop, dispute_holds.c.id))
    return [Hold(*(getattr(row, name) for name in Hold.__dataclass_fields__)) for row in rows]


def set_left(connection: Connection, left_cents: dict[str, int]) -> None:
    """What each hold holds now."""
    for hold_id, cents in sorted(left_cents.items()):
        connection.execute(
            update(dispute_holds).where(dispute_holds.c.id == hold_id).values(left_cents=cents)
        )


def release(connection: Connection, hold_id: str, at_unix_ms: int) -> bool:
    """False when it was released before."""
    changed = connection.execute(
        update(dispute_holds)
        .where(dispute_holds.c.id == hold_id, dispute_holds.c.released_at_unix_ms.is_(None))
        .values(released_at_unix_ms=at_unix_ms)
    )
    return changed.rowcount == 1


def held_on(connection: Connection, account: str) -> int:
    """What all disputes hold on the account together, cents."""
    query = select(func.coalesce(func.sum(dispute_holds.c.left_cents), 0))
    return int(connection.execute(query.where(dispute_holds.c.account_address == account)).scalar_one())


def disputes_on(connection: Connection, account: str) -> Sequence[str]:
    """Disputes that hold something there now."""
    query = select(dispute_holds.c.dispute_id).where(dispute_holds.c.account_address == account)
    found = connection.execute(query.where(dispute_holds.c.left_cents > 0).order_by(dispute_holds.c.id))
    return found.scalars().all()


# the one figure of an account


def want(connection: Connection, account: str, cents: int) -> int | None:
    """Notes what the ledger is to hold; the number of this telling, None when it was told the same last.

    The row is locked until the unit of work ends: figures reach the ledger in the order they are true.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    first = dialect.insert(account_holds).values(account_address=account, wanted_cents=0, asked=0)
    connection.execute(first.on_conflict_do_nothing())
    row = connection.execute(
        select(account_holds).where(account_holds.c.account_address == account).with_for_update()
    ).one()
    if row.wanted_cents == cents and (row.failure is None or not cents):
        return None
    number = int(row.asked) + 1
    connection.execute(
        update(account_holds)
        .where(account_holds.c.account_address == account)
        .values(wanted_cents=cents, asked=number, failure=None)
    )
    return number


def wanted_of(connection: Connection, account: str) -> tuple[int, int | None, str | None]:
    """(what the ledger was told to hold, what it said last, why it would not); nothing for an unknown one."""
    row = connection.execute(select(account_holds).where(account_holds.c.account_address == account)).first()
    return (0, None, None) if row is None else (row.wanted_cents, row.seen_cents, row.failure)


def see(connection: Connection, account: str, cents: int, block: int) -> bool:
    """What the ledger holds since that block; False for an account nobody contests anything of."""
    changed = connection.execute(
        update(account_holds)
        .where(account_holds.c.account_address == account)
        .values(seen_cents=cents, seen_block=block, failure=None)
    )
    return changed.rowcount == 1


def refuse(connection: Connection, account: str, failure: str) -> None:
    connection.execute(
        update(account_holds).where(account_holds.c.account_address == account).values(failure=failure)
    )


def unsee(connection: Connection, last_block_kept: int) -> None:
    """What later blocks said is unsaid; the same events usually come again."""
    connection.execute(
        update(account_holds)
        .where(account_holds.c.seen_block > last_block_kept)
        .values(seen_cents=None, seen_block=None)
    )


# what came back


def insert_return(connection: Connection, values: dict[str, Any]) -> bool:
    """False when that very event was counted before."""
    known = select(dispute_returns.c.id).where(
        dispute_returns.c.dispute_id == values["dispute_id"], dispute_returns.c.ref == values["ref"]
    )
    if connection.execute(known).first() is not None:
        return False
    connection.execute(insert(dispute_returns).values(**values))
    return True


def is_counted(connection: Connection, ref: str) -> bool:
    query = select(dispute_returns.c.id).where(dispute_returns.c.ref == ref)
    return connection.execute(query).first() is not None


def returns_of(connection: Connection, dispute_id: str) -> list[Return]:
    """Oldest first."""
    query = select(dispute_returns).where(dispute_returns.c.dispute_id == dispute_id)
    rows = connection.execute(query.order_by(dispute_returns.c.final_block, dispute_returns.c.id))
    return [
        Return(ReturnKind(row.kind), row.ref, row.hold_id, row.amount_cents, row.at_unix_ms) for row in rows
    ]


def forget_returns(connection: Connection, last_block_kept: int) -> Sequence[str]:
    """Of later blocks, which are undone; the disputes concerned."""
    later = dispute_returns.c.final_block > last_block_kept
    found = list(connection.execute(select(dispute_returns.c.dispute_id).where(later).distinct()).scalars())
    connection.execute(delete(dispute_returns).where(later))
    return found
