"""SQL triggers that keep postings and the journal append-only, whatever the code above does.

Postings may be deleted only while a row named REWIND stands in `open_guards`: a rewind inserts it and
deletes it again inside its one commit, so no other connection ever sees it. Called by the migration that
makes the tables; changing a trigger later is a migration of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, delete, insert

from wallet_service.database.tables.chain import open_guards

REWIND = "rewind"

_IS_OPEN = f"EXISTS (SELECT 1 FROM open_guards WHERE name = '{REWIND}')"

_SQLITE = (
    """CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
       BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""",
    """CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {condition}
       BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""",
)
_POSTGRESQL = (
    """CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
       BEGIN
           IF TG_OP = 'DELETE' AND {allowed} THEN RETURN OLD; END IF;
           RAISE EXCEPTION '{table} is append-only';
       END $body$""",
    """CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
       FOR EACH ROW EXECUTE FUNCTION {table}_append_only()""",
    """CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
       FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()""",
)


def guard_statements(dialect: str) -> list[str]:
    """The statements that put the guards up, for "sqlite" or "postgresql"."""
    statements: list[str] = []
    for table, may_open in (("postings", True), ("journal", False)):
        if dialect == "sqlite":
            condition = f"WHEN NOT {_IS_OPEN}" if may_open else ""
            statements += [text.format(table=table, condition=condition) for text in _SQLITE]
        else:
            allowed = _IS_OPEN if may_open else "false"
            statements += [text.format(table=table, allowed=allowed) for text in _POSTGRESQL]
    return statements


@contextmanager
def postings_may_be_deleted(connection: Connection) -> Iterator[None]:
    """Open the guard inside the caller's transaction and close it again; on an error the rollback closes
    it.
    """
    connection.execute(insert(open_guards).values(name=REWIND))
    yield
    connection.execute(delete(open_guards).where(open_guards.c.name == REWIND))
