"""The amount a member last said they would send: what an unmatched credit is compared with. Owns its table.

Asking for the QR code of an amount says it. Nothing follows from it but a proposal to an officer.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from wallet_service.database.tables.bank import announced_topups, topups
from wallet_service.database.unit_of_work import UnitOfWork, reading

#: A page that asks again and again writes once in a while.
AGAIN_MS = 3_600 * 1_000


def say(engine: Engine, member_id: str, amount_cents: int, now_unix_ms: int) -> None:
    """In place of what the member said before."""
    with reading(engine) as connection:
        if _is_known(connection, member_id, amount_cents, now_unix_ms - AGAIN_MS):
            return
    said = {"amount_cents": amount_cents, "announced_at_unix_ms": now_unix_ms}
    try:
        with UnitOfWork(engine) as work:
            known = update(announced_topups).where(announced_topups.c.member_id == member_id)
            if work.connection.execute(known.values(**said)).rowcount == 0:
                work.connection.execute(insert(announced_topups).values(member_id=member_id, **said))
    except IntegrityError:  # said twice at once: one of the two counts
        return


def _is_known(connection: Connection, member_id: str, amount_cents: int, since_unix_ms: int) -> bool:
    query = select(announced_topups.c.member_id).where(
        announced_topups.c.member_id == member_id,
        announced_topups.c.amount_cents == amount_cents,
        announced_topups.c.announced_at_unix_ms >= since_unix_ms,
    )
    return connection.execute(query).first() is not None


def of_amount(connection: Connection, amount_cents: int, since_unix_ms: int, limit: int) -> dict[str, int]:
    """Member -> when they said it, newest first: those whose transfer of this amount has not come since."""
    has_come = select(topups.c.id).where(
        topups.c.member_id == announced_topups.c.member_id,
        topups.c.amount_cents == announced_topups.c.amount_cents,
        topups.c.matched_at_unix_ms >= announced_topups.c.announced_at_unix_ms,
    )
    rows = connection.execute(
        select(announced_topups.c.member_id, announced_topups.c.announced_at_unix_ms)
        .where(
            announced_topups.c.amount_cents == amount_cents,
            announced_topups.c.announced_at_unix_ms >= since_unix_ms,
            ~has_come.exists(),
        )
        .order_by(announced_topups.c.announced_at_unix_ms.desc(), announced_topups.c.member_id)
        .limit(limit)
    )
    return {row.member_id: row.announced_at_unix_ms for row in rows}
