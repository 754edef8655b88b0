"""What the command line says when it cannot: one sentence, never a trace."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from wallet_service.__main__ import application


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("ALBA_DATA_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("ALBA_MASTER_KEY_FILE", str(tmp_path / "master.key"))
    monkeypatch.setenv("ALBA_CHAIN_KEYS_DIRECTORY", str(tmp_path / "chain"))
    return tmp_path


def test_keys_are_made_once_and_told_again(folder: Path) -> None:
    first, second = (CliRunner().invoke(application, ["keys"]) for _ in range(2))
    assert first.exit_code == second.exit_code == 0
    assert first.stdout == second.stdout
    assert {line.split()[0] for line in first.stdout.splitlines()} >= {"ISSUER", "ATTESTER", "RELAYER"}
    assert (folder / "master.key").stat().st_mode & 0o077 == 0


def test_a_master_key_others_can_read_is_refused_in_a_sentence(folder: Path) -> None:
    CliRunner().invoke(application, ["keys"])
    (folder / "master.key").chmod(0o644)
    refused = CliRunner().invoke(application, ["keys"])
    assert refused.exit_code == 1
    assert isinstance(refused.exception, SystemExit)
    assert "run `chmod 600` on it" in refused.stderr
