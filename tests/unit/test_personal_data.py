"""The commands about people's data: what they print, and a refusal as one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from wallet_service import personal_data
from wallet_service.members.errors import MemberUnknown
from wallet_service.platform.journal import Actor
from wallet_service.protocol.clock import VirtualClock
from wallet_service.rights.errors import MoneyLeft
from wallet_service.security.sealing import Sealer
from wallet_service.treasury.transport.filed import MARK, _field


class Erasure:
    """One empty account, one with money, nobody else."""

    def __init__(self) -> None:
        self.closed: list[tuple[str, str]] = []

    def close(self, member_id: str, ground: str, actor: Actor) -> None:
        if member_id == "RICH":
            raise MoneyLeft(posted_cents=5)
        self.closed.append((member_id, ground))

    def certificate(self, member_id: str) -> dict[str, Any]:
        if member_id != "EMPTY":
            raise MemberUnknown
        return {"member_id": member_id}


@pytest.fixture
def erasure() -> Erasure:
    return Erasure()


@pytest.fixture
def application(erasure: Erasure) -> typer.Typer:
    made = typer.Typer()
    services: Any = SimpleNamespace(erasure=erasure, sealer=Sealer(bytes(32), VirtualClock(0)))
    personal_data.register(made, lambda: services)
    return made


def test_a_closed_account_is_certified(application: typer.Typer, erasure: Erasure) -> None:
    ended = CliRunner().invoke(application, ["close-account", "EMPTY", "--ground", "demande écrite"])
    assert (ended.exit_code, json.loads(ended.stdout)) == (0, {"member_id": "EMPTY"})
    assert erasure.closed == [("EMPTY", "demande écrite")]


@pytest.mark.parametrize(
    "arguments", [["close-account", "RICH", "--ground", "demande"], ["erasure-certificate", "NOBODY"]]
)
def test_a_refusal_is_a_sentence(application: typer.Typer, arguments: list[str]) -> None:
    ended = CliRunner().invoke(application, arguments)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert len(ended.stderr.strip().splitlines()) == 1


def test_a_sealed_file_of_the_bank_is_read_as_it_came(application: typer.Typer, tmp_path: Path) -> None:
    path = tmp_path / "ab-releve.xml"
    content = b"<Dbtr>\xe9</Dbtr>"
    path.write_bytes(MARK + Sealer(bytes(32), VirtualClock(0)).seal_service(_field(path), content))
    ended = CliRunner().invoke(application, ["bank-file", str(path)])
    assert (ended.exit_code, ended.stdout_bytes) == (0, content)
    moved = path.rename(tmp_path / "another.xml")
    assert CliRunner().invoke(application, ["bank-file", str(moved)]).exit_code == 1
