"""SQL triggers that keep postings and the journal append-only, whatever the code above does.

Postings may be deleted only while a row named REWIND stands in `open_guards`: a rewind inserts it and
deletes it again inside its one commit, so no other connection ever sees it. Migration 0001 made the triggers;
changing one is a migration of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, delete, insert

from wallet_service.database.tables.chain import open_guards

REWIND = "rewind"


@contextmanager
def postings_may_be_deleted(connection: Connection) -> Iterator[None]:
    """Open the guard inside the caller's transaction and close it again.

    On an error the rollback closes it.
    """
    connection.execute(insert(open_guards).values(name=REWIND))
    yield
    connection.execute(delete(open_guards).where(open_guards.c.name == REWIND))
