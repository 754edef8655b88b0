"""The database's own clock: the one clock that every process beside it agrees on.

On SQLite it is the machine's, which all processes on that file share.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

_POSTGRESQL = text("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
_SQLITE = text("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)")


def now_unix_ms(connection: Connection) -> int:
    """Now, not when the transaction began; on SQLite to about a millisecond."""
    statement = _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE
    return int(connection.execute(statement).scalar_one())
