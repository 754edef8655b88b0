"""``python -m wallet_service.database upgrade | check | write-initial-revision``, on the database of the
settings.
"""

from __future__ import annotations

import typer

from wallet_service.database import migrate
from wallet_service.database.engine import make_engine
from wallet_service.settings import Settings

application = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)


@application.command()
def upgrade() -> None:
    """Bring the database to the newest schema."""
    settings = Settings()
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    migrate.upgrade(make_engine(settings.resolved_database_url()))
    typer.echo("database: newest schema")


@application.command()
def check() -> None:
    """Exit 1 when the database's schema is not the one of the code."""
    differences = migrate.schema_differences(make_engine(Settings().resolved_database_url()))
    for difference in differences:
        typer.echo(repr(difference), err=True)
    if differences:
        raise typer.Exit(1)
    typer.echo("database: schema equals the code's")


@application.command()
def write_initial_revision() -> None:
    """Write migrations/versions/0001_initial.py anew from the tables (only before the first release)."""
    typer.echo(f"wrote {migrate.write_initial_revision()}")


if __name__ == "__main__":
    application()
