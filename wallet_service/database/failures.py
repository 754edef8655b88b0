"""What a database's errors mean to whoever asked: it is away, or it cannot hold what it was given."""

from __future__ import annotations

from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

#: Cut, restarting, locked for too long, full, without a free connection: the same may be asked again.
AWAY: tuple[type[Exception], ...] = (OperationalError, InterfaceError, PoolTimeout)
#: A value of the request that no column holds.
UNSTORABLE: tuple[type[Exception], ...] = (DataError,)
