"""The command line of the service: ``python -m wallet_service COMMAND``.

Commands: serve | worker NAME | upgrade | rebuild | audit | keys | officer-code | accept-unexplained |
accept-finding | release-row | renew-transaction | bank-doctor FOLDER | bank-handover | bank-file PATH |
close-account MEMBER | erasure-certificate MEMBER.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from sqlalchemy import make_url

from wallet_service import personal_data
from wallet_service.bootstrap import BANK_WORKER, Services, build_services
from wallet_service.chain.ledger.deployment import DeploymentUnusable
from wallet_service.chain.node.embedded import NodeStartFailed
from wallet_service.chain.node.profile import ProfileInvalid
from wallet_service.chain.reading.rebuild import rebuild as rebuild_copy
from wallet_service.chain.sending.causes import ACCEPTED_ACT, TRANSACTION_SUBJECT
from wallet_service.chain.sending.renewal import Renewal, RenewalRefused, Renewer
from wallet_service.chain.sending.replay import ChainLost
from wallet_service.database.engine import UNBOUNDED, DatabaseBounds, make_engine
from wallet_service.database.migrate import DatabaseUnusable, bring_up, is_newest
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.faces.shell.logs import configure_logs
from wallet_service.listening.collector import keep_what_stands
from wallet_service.listening.open_files import TooFewOpenFiles, need_open_files
from wallet_service.payments.repository import payments_in
from wallet_service.platform import quarantine
from wallet_service.platform.companion.early import copied
from wallet_service.platform.companion.tie import Tie
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.platform.failpoints import CrashPointRefused
from wallet_service.platform.journal import SERVICE, Journal, Subject
from wallet_service.platform.quarantine import RowKind
from wallet_service.platform.settings import Settings
from wallet_service.protocol.clock import SystemClock
from wallet_service.security.officers import RIGHTS
from wallet_service.security.role_keys import KeyFileUnusable, create_role_keys
from wallet_service.security.sealing import MasterKeyUnusable, create_master_key, read_master_key
from wallet_service.serving import PortTaken, needed_files, run_servers
from wallet_service.treasury.doctor import BankDoctor, Shown
from wallet_service.treasury.errors import HandoverNotWaiting
from wallet_service.treasury.transport.ebics import journaled
from wallet_service.treasury.transport.outgoing import Handovers

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
    TooFewOpenFiles,
    DatabaseUnusable,
    RenewalRefused,
)
#: As other commands do for a wrong call; 1 is for a right call that could not be done.
WRONG_SETTING_CODE = 2
PRIVATE_UMASK = 0o077

application = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)


@application.callback()
def _keep_private() -> None:
    """What any command writes is its user's alone: the database tells who paid whom."""
    os.umask(PRIVATE_UMASK)


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


def _services(bounds: DatabaseBounds | None = None, *, is_beside: bool = False) -> Services:
    """Builds everything, or ends with one sentence that says what to do.

    `bounds` stand in for those of the settings. `is_beside`: a service runs and keeps the embedded node, if
    there is one; whoever is beside it reads through that node's door (`chain.node.gate`).
    """
    configure_logs()
    settings = _settings()
    if is_beside:
        settings = settings.model_copy(update={"embedded_node": False})
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.resolved_database_url(), bounds or settings.database_bounds())
    with _sentences():
        bring_up(engine)
        return build_services(settings, engine=engine)


personal_data.register(application, _services)


@application.command()
def serve(
    workers: Annotated[str, typer.Option(help="all, none, or names with commas")] = "all",
) -> None:
    """Both origins (wallet and console), with the workers inside, but the bank's in a process beside."""
    settings = _settings()
    with _sentences():
        need_open_files(needed_files(settings))
    is_apart = workers == "all" and settings.bank_process
    early = copied(lambda: worker(BANK_WORKER, companion=True)) if is_apart else None
    services = _services()
    if services.workers.apart is not None:
        services.workers.apart.adopt(early)
    chosen = _chosen(services, workers)
    with _sentences():
        run_servers(services, chosen)


@application.command()
def worker(
    name: str,
    companion: Annotated[bool, typer.Option("--companion", hidden=True, help="of a service")] = False,
) -> None:
    """One worker alone, until a signal: settler, indexer, commands, sender, bank, expiry ..."""
    services = _services(is_beside=True)
    if name not in services.workers.names():
        typer.echo(f"no worker named {name}; there are: {', '.join(services.workers.names())}", err=True)
        raise typer.Exit(2)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    if companion:
        Tie(services.workers, services.chain_parts.causes.hear).start()
    services.watches.start()
    services.workers.start([name])
    keep_what_stands()
    ended.wait()
    services.workers.stop()
    services.watches.workers.stop()
    services.engine.dispose()


@application.command()
def upgrade() -> None:
    """Brings the database to the newest schema."""
    settings = _settings()
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    with _sentences():
        bring_up(make_engine(settings.resolved_database_url()))
    typer.echo("database: newest schema")


@application.command()
def rebuild() -> None:
    """Reads the whole chain again and compares; exit 1 when SQL's copy was not the chain's.

    Run it with the service stopped; a node of our own is started for it and ended after.
    """
    services = _services(UNBOUNDED)
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
    typer.echo(f"{services.settings.console_origin}/sign-in#{code}")


@application.command()
def audit(
    anchor: Annotated[
        list[str] | None, typer.Option(help="an anchor's transaction hash, as the auditor has noted it")
    ] = None,
    with_chain: Annotated[bool, typer.Option(help="compare with the chain too")] = True,
) -> None:
    """Recomputes balances, totals and the journal once and compares with the chain; exit 1 for findings.

    With an embedded node run it with the service stopped, or beside it with --no-with-chain. Records nothing.
    """
    services = _services()
    with _sentences():
        if services.node is not None and with_chain:
            services.node.start()
        try:
            found = services.audit.auditor.full_pass(anchor or (), with_chain=with_chain)
        finally:
            if services.node is not None and with_chain:
                services.node.stop()
    for one in found:
        amount = "" if one.difference_cents is None else f" {one.difference_cents} cents"
        typer.echo(f"{one.code} {one.subject or '-'}{amount} {one.detail}".rstrip(), err=True)
    if found:
        raise typer.Exit(1)
    typer.echo("balances, totals and journal agree" + (" with the chain" if with_chain else ""))


@application.command("accept-finding")
def accept_finding(
    code: Annotated[str, typer.Argument(help="as the log line or the console says it")],
    subject: Annotated[str, typer.Argument(help="what it is about, as said")],
    ground: Annotated[str, typer.Option(help="what it was and who looked; it stays in the journal")],
) -> None:
    """Writes that a person answers for a finding of the auditor: it ends and does not come back."""
    services = _services()
    if not services.audit.auditor.accept(code, subject, ground, SERVICE):
        typer.echo("no such finding stands", err=True)
        raise typer.Exit(1)
    typer.echo("accepted")


@application.command("accept-unexplained")
def accept_unexplained(
    transaction_hash: Annotated[str, typer.Argument(help="as the log line chain.unexplained says it")],
    ground: Annotated[str, typer.Option(help="what it was and who looked; it stays in the journal")],
) -> None:
    """Writes that a person answers for a transaction without a cause: issuing goes on."""
    services = _services()
    subject = Subject(TRANSACTION_SUBJECT, transaction_hash.lower())
    with UnitOfWork(services.engine) as work:
        services.journal.append(work.connection, SERVICE, ACCEPTED_ACT, subject, ground=ground)
    typer.echo("accepted; the running service sees it at its next look")


@application.command("release-row")
def release_row(
    kind: Annotated[RowKind, typer.Argument(help="as the log line quarantine.row says it")],
    key: Annotated[str, typer.Argument(help="its row_key")],
    ground: Annotated[str, typer.Option(help="what was wrong and who mended it; it stays in the journal")],
) -> None:
    """Gives a row that was set aside back to the work, after it has been mended. Asks no chain."""
    with UnitOfWork(make_engine(_settings().resolved_database_url())) as work:
        if not quarantine.release(work, kind, key):
            typer.echo(f"no {kind} {key} is set aside", err=True)
            raise typer.Exit(1)
        journal = Journal(SystemClock())
        journal.append(work.connection, SERVICE, "row.released", Subject(kind, key), ground=ground)
    typer.echo("released; the running service takes it at its next round")


@application.command("renew-transaction")
def renew_transaction(
    transaction_id: Annotated[int, typer.Argument(help="the row_key of the log line quarantine.row")],
    ground: Annotated[str, typer.Option(help="what was wrong and who looked; it stays in the journal")],
) -> None:
    """Writes a stored transaction again whose bytes or hash were changed: what stands behind it goes on.

    Run it with the service stopped; a node of our own is started for it and ended after.
    """
    services, key = _services(), str(transaction_id)
    parts = services.chain_parts

    def note(work: UnitOfWork, renewal: Renewal) -> None:
        quarantine.release(work, RowKind.TRANSACTION, key)
        subject, details = Subject(RowKind.TRANSACTION, key), {"renewal": renewal.name}
        services.journal.append(
            work.connection, SERVICE, "transaction.renewed", subject, ground=ground, details=details
        )

    renewer = Renewer(services.engine, parts.access, parts.keys, parts.sender, payments_in)
    with _sentences():
        if services.node is not None:
            services.node.start()
        try:
            renewal = renewer.renew(transaction_id, note)
        finally:
            if services.node is not None:
                services.node.stop()
    typer.echo(renewal)


@application.command("bank-doctor")
def bank_doctor(
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="files as the bank wrote them")
    ],
    show_personal: Annotated[bool, typer.Option(help="names, accounts and texts as they are")] = False,
) -> None:
    """Tells what each file of a folder would do, entry by entry. Writes nothing and moves no file.

    With a database it is done and rolled back; meanwhile the service's own writes wait. Without one it tells
    what the files say.
    """
    settings, known = _settings(), None
    url = make_url(settings.resolved_database_url())
    if url.get_backend_name() != "sqlite" or Path(url.database or "").is_file():
        configure_logs()
        engine = make_engine(settings.resolved_database_url(), settings.database_bounds())
        if not is_newest(engine):
            typer.echo("the database has another schema than this program: run `upgrade` first", err=True)
            raise typer.Exit(1)
        with _sentences():
            services = build_services(settings, engine=engine)
        known = (services.engine, services.bank, services.sealer)
    doctor = BankDoctor(settings.reserve_iban, Shown(personal=show_personal), known)
    for line in doctor.examine(folder):
        typer.echo(line)


@application.command("bank-handover")
def bank_handover(
    name: Annotated[str | None, typer.Argument(help="the payout file; without it, those that wait")] = None,
    sent: Annotated[
        bool | None, typer.Option("--sent/--again", help="the bank has it; or surely not: hand it over again")
    ] = None,
    ground: Annotated[str, typer.Option(help="who looked at the bank's side; it stays in the journal")] = "",
) -> None:
    """Payout files whose handing over to the bank failed or is unknown, and what a person decides."""
    settings = _settings()
    engine = make_engine(settings.resolved_database_url())
    handovers = Handovers(settings.bank_outbox, journaled(engine, Journal(SystemClock())))
    if name is None:
        for fate, waiting in handovers.undecided():
            typer.echo(f"{fate} {waiting}")
        return
    if sent is None or not ground.strip():
        typer.echo("say --sent or --again, and the --ground", err=True)
        raise typer.Exit(WRONG_SETTING_CODE)
    try:
        handovers.decide(name, was_sent=sent, ground=ground)
    except HandoverNotWaiting as refusal:
        typer.echo(refusal.sentence("en"), err=True)
        raise typer.Exit(1) from refusal
    typer.echo("decided")


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
