"""One holder at a time for a worker, across threads and processes; a second stands by and takes over.

Compare-and-set on the `leases` row, by the database's clock: a process whose own clock is wrong neither keeps
a lease too long nor takes one too early. A lease that runs out later than its duration allows was written
by a wrong clock and is void. A holder that was paused past its time has lost the lease: check `still_held`
inside the commit that must not be done twice.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from wallet_service.database import moments
from wallet_service.database.tables.chain import leases
from wallet_service.database.unit_of_work import UnitOfWork, reading

LEASE_DURATION_MS = 8_000  # a second takes over within 10 s of the first's death
#: The database's clock may be set back by so much before leases are taken for void.
CLOCK_SLACK_MS = 2_000
_HOLDER_BYTES = 12


class Lease:
    """``if lease.hold(): work once``.

    Call `hold` at least every LEASE_DURATION_MS / 3.
    """

    def __init__(self, engine: Engine, name: str, duration_ms: int = LEASE_DURATION_MS) -> None:
        self._engine = engine
        self._name = name
        self._duration_ms = duration_ms
        self.holder = secrets.token_hex(_HOLDER_BYTES)
        self._renew_at_s = float("-inf")

    def hold(self) -> bool:
        """Take or renew the lease; false while another holds it.

        Asks the database only when a third has passed. Never waits for whoever holds it.
        """
        asked_at_s = time.monotonic()
        if asked_at_s < self._renew_at_s:
            return True
        acquired = self._take()
        self._renew_at_s = asked_at_s + self._duration_ms / 3000 if acquired else float("-inf")
        return acquired

    def _take(self) -> bool:
        try:
            with UnitOfWork(self._engine) as work:
                return self._write(work.connection)
        except IntegrityError:  # another inserted the first row in the same instant
            return False

    def _write(self, connection: Connection) -> bool:
        row = connection.execute(
            select(leases.c.holder, leases.c.expires_at_unix_ms)
            .where(leases.c.name == self._name)
            .with_for_update(skip_locked=True)  # whoever has locked it is at work, or was paused in it
        ).first()
        now_unix_ms = moments.now_unix_ms(connection)
        values = {"holder": self.holder, "expires_at_unix_ms": now_unix_ms + self._duration_ms}
        if row is None:
            if connection.execute(select(leases.c.name).where(leases.c.name == self._name)).first():
                return False
            connection.execute(insert(leases).values(name=self._name, **values))
            return True
        if row.holder != self.holder and not _is_free(row.expires_at_unix_ms, now_unix_ms, self._duration_ms):
            return False
        connection.execute(update(leases).where(leases.c.name == self._name).values(values))
        return True

    def still_held(self, connection: Connection) -> bool:
        """Inside a unit of work: whether the row still names us, locked until the commit."""
        row = connection.execute(
            select(leases.c.holder, leases.c.expires_at_unix_ms)
            .where(leases.c.name == self._name)
            .with_for_update()
        ).first()
        return (
            row is not None
            and row.holder == self.holder
            and row.expires_at_unix_ms > moments.now_unix_ms(connection)
        )

    def release(self) -> None:
        """Give it up at a clean stop, so that the next holder need not wait."""
        self._renew_at_s = float("-inf")
        with UnitOfWork(self._engine) as work:
            work.connection.execute(
                delete(leases).where(leases.c.name == self._name, leases.c.holder == self.holder)
            )


def all_held(engine: Engine, names: Iterable[str]) -> bool:
    """For readiness: each of these leases has a holder, here or elsewhere, that renews it."""
    with reading(engine) as connection:
        now_unix_ms = moments.now_unix_ms(connection)
        rows = connection.execute(select(leases.c.name, leases.c.expires_at_unix_ms)).all()
    held = {row.name for row in rows if not _is_free(row.expires_at_unix_ms, now_unix_ms, LEASE_DURATION_MS)}
    return set(names) <= held


def _is_free(expires_at_unix_ms: int, now_unix_ms: int, duration_ms: int) -> bool:
    """Run out, or void because it runs out later than it can."""
    rest_ms = expires_at_unix_ms - now_unix_ms
    return rest_ms <= 0 or rest_ms > duration_ms + CLOCK_SLACK_MS
