"""One holder at a time for a worker, across threads and processes; a second stands by and takes over.

Compare-and-set on the `leases` row. A holder that was paused past its time has lost the lease: check
`still_held` inside the commit that must not be done twice.
"""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, Engine, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from wallet_service.database.tables.chain import leases
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.protocol.clock import Clock

LEASE_DURATION_MS = 8_000  # a second takes over within 10 s of the first's death
_HOLDER_BYTES = 12


class Lease:
    """``if lease.hold(): work once``. Call `hold` at least every LEASE_DURATION_MS / 3. `clock` must be
    real time.
    """

    def __init__(self, engine: Engine, name: str, clock: Clock, duration_ms: int = LEASE_DURATION_MS) -> None:
        self._engine = engine
        self._name = name
        self._clock = clock
        self._duration_ms = duration_ms
        self.holder = secrets.token_hex(_HOLDER_BYTES)
        self._renew_after_unix_ms = 0

    def hold(self) -> bool:
        """Take or renew the lease; false while another holds it. Asks the database only when a third has
        passed.
        """
        now_unix_ms = self._clock.now_unix_ms()
        if now_unix_ms < self._renew_after_unix_ms:
            return True
        expires_at_unix_ms = now_unix_ms + self._duration_ms
        try:
            with UnitOfWork(self._engine) as work:
                held = self._take(work.connection, now_unix_ms, expires_at_unix_ms)
        except IntegrityError:  # another inserted the first row in the same instant
            held = False
        self._renew_after_unix_ms = now_unix_ms + self._duration_ms // 3 if held else 0
        return held

    def _take(self, connection: Connection, now_unix_ms: int, expires_at_unix_ms: int) -> bool:
        changed = connection.execute(
            update(leases)
            .where(leases.c.name == self._name)
            .where(or_(leases.c.holder == self.holder, leases.c.expires_at_unix_ms <= now_unix_ms))
            .values(holder=self.holder, expires_at_unix_ms=expires_at_unix_ms)
        ).rowcount
        if changed:
            return True
        if connection.execute(select(leases.c.name).where(leases.c.name == self._name)).first():
            return False
        connection.execute(
            insert(leases).values(name=self._name, holder=self.holder, expires_at_unix_ms=expires_at_unix_ms)
        )
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
            and row.expires_at_unix_ms > self._clock.now_unix_ms()
        )

    def release(self) -> None:
        """Give it up at a clean stop, so that the next holder need not wait."""
        self._renew_after_unix_ms = 0
        with UnitOfWork(self._engine) as work:
            work.connection.execute(
                delete(leases).where(leases.c.name == self._name, leases.c.holder == self.holder)
            )
