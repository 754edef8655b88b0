"""What the command line says when it cannot: one sentence, never a trace."""

from __future__ import annotations

import os
import resource
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from wallet_service import command_line as main
from wallet_service.command_line import application


@pytest.fixture(autouse=True)
def own_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a command sets for its process does not stay in this one."""
    monkeypatch.setattr(main, "configure_logs", lambda: None)
    before = os.umask(0o022)
    yield
    os.umask(before)


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


@pytest.mark.parametrize("command", [["serve"], ["upgrade"], ["worker", "settler"]])
def test_a_broken_database_is_a_sentence_that_names_it(folder: Path, command: list[str]) -> None:
    (folder / "alba.db").write_bytes(b"this is no database" * 100)
    refused = CliRunner().invoke(application, command)
    assert refused.exit_code == 1
    assert isinstance(refused.exception, SystemExit)
    (sentence,) = refused.stderr.splitlines()
    assert sentence.startswith(f"the database sqlite:///{folder}/alba.db cannot be used (file is not")
    assert "restore a backup" in sentence


def test_a_database_that_is_away_is_a_sentence_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALBA_DATABASE_URL", "postgresql+psycopg://alba:SECRET@/alba?host=/nowhere")
    refused = CliRunner().invoke(application, ["upgrade"])
    assert refused.exit_code == 1
    assert refused.stderr.startswith("the database postgresql+psycopg://alba:***@/alba")
    assert "SECRET" not in refused.stderr


def test_a_service_that_may_hold_too_few_connections_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda what: (1_024, 1_024))
    refused = CliRunner().invoke(application, ["serve"])
    assert refused.exit_code == 1
    assert refused.stderr.startswith("this program may hold 1024 files")


def test_what_a_command_writes_is_its_users_alone(folder: Path) -> None:
    assert CliRunner().invoke(application, ["upgrade"]).exit_code == 0
    (folder / "made").touch()
    assert (folder / "alba.db").stat().st_mode & 0o777 == 0o600
    assert (folder / "made").stat().st_mode & 0o777 == 0o600


def test_a_proxy_is_named_by_address_or_the_start_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALBA_TRUSTED_PROXIES", "proxy.example")
    refused = CliRunner().invoke(application, ["serve"])
    assert refused.exit_code == 2
    assert "ALBA_TRUSTED_PROXIES" in refused.stderr
    assert "proxy.example" not in refused.stderr


STATEMENT = (
    ":20:REL1\r\n:25:FR7699999000010000000015441\r\n:28C:1\r\n:60F:C260527EUR0,\r\n"
    ":61:260528C20,NTRFNONREF//BQ1\r\n:86:VIR DE CAMILLE\r\n:62F:C260528EUR20,\r\n-\r\n"
)


def test_a_banks_files_are_looked_at_without_a_database(folder: Path, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "1.sta").write_text(STATEMENT)
    told = CliRunner().invoke(application, ["bank-doctor", str(files)])
    assert told.exit_code == 0
    assert "20.00  -: waits for an officer: no reference" in told.stdout
    assert "CAMILLE" not in told.stdout
    assert "CAMILLE" in CliRunner().invoke(application, ["bank-doctor", str(files), "--show-personal"]).stdout
    assert not (folder / "alba.db").exists()


def test_looking_at_a_banks_files_brings_no_database_to_another_schema(folder: Path) -> None:
    (folder / "alba.db").touch()
    refused = CliRunner().invoke(application, ["bank-doctor", str(folder)])
    assert refused.exit_code == 1
    assert "run `upgrade` first" in refused.stderr
    with sqlite3.connect(folder / "alba.db") as database:
        assert database.execute("select name from sqlite_master").fetchall() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALBA_BANK_SEND_COMMAND", '["client"]'),
        ("ALBA_BANK_FETCH_COMMAND", '["client", "{file}"]'),
        ("ALBA_BANK_NOT_SENT_EXIT_CODES", "[0]"),
    ],
)
def test_a_client_that_would_lose_files_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    refused = CliRunner().invoke(application, ["serve"])
    assert refused.exit_code == 2
    assert name in refused.stderr


def test_a_person_decides_what_became_of_a_payout_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = folder / "outbox"
    monkeypatch.setenv("ALBA_BANK_OUTBOX", str(outbox))
    (outbox / "unknown").mkdir(parents=True)
    (outbox / "unknown" / "1.xml").touch()
    (outbox / "unknown" / "1.xml.txt").touch()
    run = CliRunner()
    assert run.invoke(application, ["upgrade"]).exit_code == 0
    assert run.invoke(application, ["bank-handover"]).stdout == "unknown 1.xml\n"
    assert run.invoke(application, ["bank-handover", "1.xml", "--sent"]).exit_code == 2
    decide = ["bank-handover", "1.xml", "--sent", "--ground", "seen at the bank"]
    assert run.invoke(application, decide).exit_code == 0
    assert (outbox / "sent" / "1.xml").exists()
    with sqlite3.connect(folder / "alba.db") as database:
        assert database.execute("select act, subject_id, ground from journal").fetchall() == [
            ("payout.handover_decided", "1.xml", "seen at the bank")
        ]
    again = run.invoke(application, decide)
    assert again.exit_code == 1
    assert again.stderr.startswith("Nothing was done")
