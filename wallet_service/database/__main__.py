"""``python -m wallet_service.database upgrade | check | write-revision``, on the database of the settings."""

from __future__ import annotations

import typer

from wallet_service.database import migrate
from wallet_service.database.engine import make_engine
from wallet_service.platform.settings import Settings

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
def write_revision(message: str) -> None:
    """Write the next migration from the difference between the tables in the code and the newest schema."""
    try:
        typer.echo(f"wrote {migrate.write_revision(message)}: read it, and say in it how rows move")
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    application()
