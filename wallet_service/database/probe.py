"""Whether the database keeps what is written: by a commit, since a full or read-only one still answers."""

from __future__ import annotations

from sqlalchemy import Engine, insert, select, update

from wallet_service.database import moments
from wallet_service.database.tables.chain import leases
from wallet_service.database.unit_of_work import UnitOfWork

#: A lease that nobody needs: who looks last holds it.
PROBE = "readiness"


def database_keeps(engine: Engine, who: str) -> bool:
    """Commits one small row and reads it back. Raises sqlalchemy.exc.DBAPIError when it cannot."""
    with UnitOfWork(engine) as work:
        now_unix_ms = moments.now_unix_ms(work.connection)
        values = {"holder": who, "expires_at_unix_ms": now_unix_ms}
        changed = work.connection.execute(
            update(leases).where(leases.c.name == PROBE).values(values)
        ).rowcount
        if not changed:
            work.connection.execute(insert(leases).values(name=PROBE, **values))
        written = work.connection.execute(
            select(leases.c.expires_at_unix_ms).where(leases.c.name == PROBE)
        ).scalar_one()
    return bool(written == now_unix_ms)
