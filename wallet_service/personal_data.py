"""Commands about people's data: an account closed, what was destroyed of it, a sealed file of the bank."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from wallet_service.bootstrap import Services
from wallet_service.members.errors import MemberStateRefused, MemberUnknown
from wallet_service.oversight.errors import GroundMissing
from wallet_service.platform.journal import SERVICE
from wallet_service.rights.errors import MoneyLeft, SomethingOpen
from wallet_service.security.sealing import SealBroken
from wallet_service.treasury.transport.filed import opened

_REFUSALS = (GroundMissing, MemberStateRefused, MemberUnknown, MoneyLeft, SomethingOpen)


def register(application: typer.Typer, services: Callable[[], Services]) -> None:
    """Adds the commands; `services` builds what they need."""

    @application.command("close-account")
    def close_account(
        member_id: Annotated[str, typer.Argument(help="as the console's page of the member says it")],
        ground: Annotated[str, typer.Option(help="who asked and who looked; it stays in the journal")],
    ) -> None:
        """Ends an empty account, and destroys the person's key at once or when the law lets it go."""
        built = services()
        try:
            built.erasure.close(member_id, ground, SERVICE)
        except _REFUSALS as refusal:
            typer.echo(refusal.sentence("en"), err=True)
            raise typer.Exit(1) from None
        typer.echo(json.dumps(built.erasure.certificate(member_id), indent=1))

    @application.command("erasure-certificate")
    def erasure_certificate(
        member_id: Annotated[str, typer.Argument(help="as the console's page of the member says it")],
    ) -> None:
        """Prints when what was taken away and destroyed of a person, with the journal's hashes."""
        try:
            certificate = services().erasure.certificate(member_id)
        except MemberUnknown as refusal:
            typer.echo(refusal.sentence("en"), err=True)
            raise typer.Exit(1) from None
        typer.echo(json.dumps(certificate, indent=1))

    @application.command("bank-file")
    def bank_file(
        path: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="where it was filed")],
    ) -> None:
        """Writes what a sealed file of the bank said to standard output."""
        try:
            sys.stdout.buffer.write(opened(services().sealer, path))
        except SealBroken:
            typer.echo("this is not the file as it was filed, or under another name or key", err=True)
            raise typer.Exit(1) from None
