"""Brings a database to the newest schema, and compares the two. Owns Alembic; nothing else calls it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from wallet_service.database.tables import metadata
from wallet_service.database.unit_of_work import reading

MIGRATIONS = Path(__file__).parent / "migrations"
#: Two services started together must not migrate twice; any number of our own will do.
_POSTGRESQL_LOCK = 7_203_451_001


class DatabaseUnusable(RuntimeError):
    """It does not answer, or holds no database; the sentence says which and what to do."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run every missing migration up to `revision` in one transaction; safe to repeat, and twice at once."""
    with engine.connect() as connection, _tables_may_be_rebuilt(connection), connection.begin():
        if connection.dialect.name == "postgresql":
            for bound in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
                connection.execute(text(f"SET LOCAL {bound} = 0"))  # a migration takes as long as it takes
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _POSTGRESQL_LOCK})
        command.upgrade(_configuration(connection), revision)
        if connection.dialect.name == "sqlite" and (lost := _dangling(connection)):
            raise RuntimeError(f"a migration leaves rows that point nowhere: {lost}")


@contextmanager
def _tables_may_be_rebuilt(connection: Connection) -> Iterator[None]:
    """SQLite changes a column by copying its table, and drops no table that others point to.

    So this connection does not watch foreign keys meanwhile; `upgrade` checks them all before it commits
    (the way SQLite's own "ALTER TABLE" page prescribes). Outside a transaction, where the setting counts.
    """
    raw = connection.connection.dbapi_connection if connection.dialect.name == "sqlite" else None
    if raw is None:
        yield
        return
    raw.cursor().execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.cursor().execute("PRAGMA foreign_keys=ON")


def _dangling(connection: Connection) -> list[str]:
    """The tables with rows whose foreign keys meet nothing."""
    return sorted({str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")})


def bring_up(engine: Engine) -> None:
    """`upgrade` for a program that starts. Raises DatabaseUnusable."""
    try:
        upgrade(engine)
    except DBAPIError as error:
        where = engine.url.render_as_string(hide_password=True)
        reason = str(error.orig).partition("\n")[0]
        raise DatabaseUnusable(
            f"the database {where} cannot be used ({reason}): repair it, restore a backup "
            "(docs/operations.md) or set ALBA_DATABASE_URL to another"
        ) from error


def is_newest(engine: Engine) -> bool:
    """Whether the database has the newest schema. Changes nothing."""
    with reading(engine) as connection:
        known = MigrationContext.configure(connection).get_current_revision()
        return known == ScriptDirectory.from_config(_configuration(connection)).get_current_head()


def schema_differences(engine: Engine) -> list[Any]:
    """What Alembic would change to make the database equal to the tables in the code; empty when equal."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def write_revision(message: str) -> Path:
    """Writes the next revision from what the tables in the code have and the newest schema has not.

    To be read and mended by hand: Alembic cannot know how rows move. Raises ValueError when nothing differs.
    """
    with create_engine("sqlite://").begin() as connection:
        command.upgrade(_configuration(connection), "head")
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        if not compare_metadata(context, metadata):
            raise ValueError("the tables and the newest revision do not differ: nothing to write")
        number = int(context.get_current_revision() or 0) + 1
        written = command.revision(
            _configuration(connection),
            message=f"{message.rstrip('.')}.",
            autogenerate=True,
            rev_id=f"{number:04}",
        )
    assert isinstance(written, Script)
    path = Path(written.path)
    subprocess.run([sys.executable, "-m", "ruff", "check", "--quiet", "--fix", str(path)], check=True)
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(path)], check=True)
    return path


def _configuration(connection: Connection) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    configuration.attributes["connection"] = connection
    return configuration
