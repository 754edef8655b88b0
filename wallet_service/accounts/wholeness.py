"""Whether SQL's copy of the chain holds all it once held: if not, no balance may be said or decided upon.

Reads inside the caller's unit of work only. The copy is short from a rewind until what it undid is
mined and read again, while a rebuild has not finished, and while it is far behind the chain.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, or_, select

from wallet_service.accounts.errors import CopyCatchingUp
from wallet_service.database.tables.chain import (
    INDEXER_CURSOR,
    SHORT_UNTIL_CURSOR,
    chain_transactions,
    cursors,
)
from wallet_service.database.unit_of_work import reading

#: A copy that lags by more blocks is reading again what it missed; by fewer, it is merely busy.
MAX_LAG_BLOCKS = 200


def is_short(connection: Connection) -> bool:
    """Whether a transaction of ours that was mined once is not mined in the copy, or blocks are missing."""
    is_lost = (
        select(chain_transactions.c.id)
        .where(chain_transactions.c.state == "stored", chain_transactions.c.block_number.is_not(None))
        .exists()
    )
    reached = select(cursors.c.block_number).where(cursors.c.name == INDEXER_CURSOR).scalar_subquery()
    until = select(cursors.c.block_number).where(cursors.c.name == SHORT_UNTIL_CURSOR).scalar_subquery()
    missing = until.is_not(None) & (reached.is_(None) | (reached < until))
    return connection.execute(select(1).where(or_(is_lost, missing))).first() is not None


def require_whole(connection: Connection) -> None:
    """Raises CopyCatchingUp."""
    if is_short(connection):
        raise CopyCatchingUp()


def is_whole(engine: Engine) -> bool:
    """For readiness."""
    with reading(engine) as connection:
        return not is_short(connection)
