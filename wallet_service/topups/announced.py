"""The amount a member last said they would send: what an unmatched credit is compared with.

Asking for the QR code of an amount says it. Nothing follows from it but a proposal to an officer.
"""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.topups import standing_repository as repository

#: A page that asks again and again writes once in a while.
AGAIN_MS = 3_600 * 1_000


def say(engine: Engine, member_id: str, amount_cents: int, now_unix_ms: int) -> None:
    """In place of what the member said before."""
    with reading(engine) as connection:
        if repository.is_announced(connection, member_id, amount_cents, now_unix_ms - AGAIN_MS):
            return
    try:
        with UnitOfWork(engine) as work:
            repository.put_announced(work.connection, member_id, amount_cents, now_unix_ms)
    except IntegrityError:  # said twice at once: one of the two counts
        return
