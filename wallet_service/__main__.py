"""The command line: ``python -m wallet_service serve | worker NAME | upgrade | rebuild | keys |
officer-code``.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from pydantic import ValidationError

from wallet_service.bootstrap import Services, build_services
from wallet_service.chain.deployment import DeploymentUnusable
from wallet_service.chain.embedded import NodeStartFailed
from wallet_service.chain.errors import ChainUnavailable
from wallet_service.chain.keys import KeyFileUnusable, create_role_keys
from wallet_service.chain.profile import ProfileInvalid
from wallet_service.chain.rebuild import rebuild as rebuild_copy
from wallet_service.chain.replay import ChainLost
from wallet_service.crash_points import CrashPointRefused
from wallet_service.database.engine import make_engine
from wallet_service.database.migrate import upgrade as upgrade_database
from wallet_service.identity.officers import RIGHTS
from wallet_service.identity.sealing import MasterKeyUnusable, create_master_key, read_master_key
from wallet_service.serving import PortTaken, run_servers
from wallet_service.settings import Settings
from wallet_service.web.logs import configure_logs

CANNOT_START = (
    MasterKeyUnusable,
    KeyFileUnusable,
    DeploymentUnusable,
    ProfileInvalid,
    NodeStartFailed,
    ChainLost,
    ChainUnavailable,
    PortTaken,
    CrashPointRefused,
)
#: As other commands do for a wrong call; 1 is for a right call that could not be done.
WRONG_SETTING_CODE = 2

application = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)


def _settings() -> Settings:
    """From the environment, or ends with a sentence that names the wrong ones and repeats no value."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"ALBA_{'_'.join(map(str, item['loc'])).upper()}: {item['msg']}" for item in error.errors()
        )
        typer.echo(f"these settings are not valid: {wrong}", err=True)
        raise typer.Exit(WRONG_SETTING_CODE) from None


@contextmanager
def _sentences() -> Iterator[None]:
    """What keeps a command from being done is one sentence that says what to do, not a trace."""
    try:
        yield
    except CANNOT_START as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _services() -> Services:
    """Builds everything, or ends with one sentence that says what to do."""
    configure_logs()
    settings = _settings()
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    upgrade_database(make_engine(settings.resolved_database_url()))
    with _sentences():
        return build_services(settings)


@application.command()
def serve(
    workers: Annotated[str, typer.Option(help="all, none, or names with commas")] = "all",
) -> None:
    """Both origins (wallet and console), with the workers inside."""
    services = _services()
    chosen = _chosen(services, workers)
    with _sentences():
        run_servers(services, chosen)


@application.command()
def worker(name: str) -> None:
    """One worker alone, until a signal: settler, indexer, commands, sender, bank, expiry ..."""
    services = _services()
    if name not in services.workers.names():
        typer.echo(f"no worker named {name}; there are: {', '.join(services.workers.names())}", err=True)
        raise typer.Exit(2)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    services.workers.start([name])
    ended.wait()
    services.workers.stop()
    services.engine.dispose()


@application.command()
def upgrade() -> None:
    """Brings the database to the newest schema."""
    settings = _settings()
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    upgrade_database(make_engine(settings.resolved_database_url()))
    typer.echo("database: newest schema")


@application.command()
def rebuild() -> None:
    """Reads the whole chain again and compares; exit 1 when SQL's copy was not the chain's.

    Run it with the service stopped; a node of our own is started for it and ended after.
    """
    services = _services()
    with _sentences():
        if services.node is not None:
            services.node.start()
        try:
            differences = rebuild_copy(services.engine, services.chain_parts.indexer)
        finally:
            if services.node is not None:
                services.node.stop()
    for difference in differences:
        typer.echo(difference, err=True)
    if differences:
        raise typer.Exit(1)
    typer.echo("SQL's copy equals the chain")


@application.command()
def keys() -> None:
    """Makes the master key and the role keys that are missing; prints the roles' addresses."""
    settings = _settings()
    with _sentences():
        create_master_key(settings.master_key_file)
        master_key = read_master_key(settings.master_key_file)
        addresses = create_role_keys(settings.chain_keys_directory, master_key)
    for role, address in addresses.items():
        typer.echo(f"{role} {address}")


@application.command("officer-code")
def officer_code(
    name: Annotated[str, typer.Argument(help="the officer's display name; made if missing")],
    rights: Annotated[str, typer.Option(help=f"with spaces: {' '.join(sorted(RIGHTS))}")] = "observe",
) -> None:
    """Prints a link with a one-time code that lets an officer into the console."""
    services = _services()
    officer = services.officers.ensure(name, rights.split())
    code = services.officers.make_code(officer.id)
    typer.echo(f"{services.settings.console_origin}/sign-in?code={code}")


def _chosen(services: Services, workers: str) -> list[str] | None:
    """None for all. Ends with a sentence for an unknown name."""
    if workers == "all":
        return None
    names = [] if workers == "none" else [name.strip() for name in workers.split(",")]
    for name in names:
        if name not in services.workers.names():
            typer.echo(f"no worker named {name}; there are: {', '.join(services.workers.names())}", err=True)
            raise typer.Exit(2)
    return names


if __name__ == "__main__":
    application()
