"""The database's files and the bank's folders are readable by their user alone, whatever the umask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.bank_side import BankSide
from wallet_service.database.engine import make_engine
from wallet_service.treasury.inbox import DONE


@pytest.fixture(autouse=True)
def careless() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): f"{path.stat().st_mode & 0o777:o}" for path in folder.rglob("*")}


def write(url: str) -> None:
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS t (x int)"))
        connection.execute(text("INSERT INTO t VALUES (1)"))


def test_the_database_and_what_sqlite_writes_beside_it_are_private(tmp_path: Path) -> None:
    write(f"sqlite:///{tmp_path}/alba.db")
    assert modes(tmp_path) == {"alba.db": "600", "alba.db-wal": "600", "alba.db-shm": "600"}


def test_files_of_an_earlier_release_become_private(tmp_path: Path) -> None:
    write(f"sqlite:///{tmp_path}/alba.db")
    for path in tmp_path.iterdir():
        path.chmod(0o644)
    write(f"sqlite:///{tmp_path}/alba.db")
    assert set(modes(tmp_path).values()) == {"600"}


def test_the_banks_folders_and_files_are_private(sqlite_engine: object, tmp_path: Path) -> None:
    folder = tmp_path / "bank"
    side = BankSide(sqlite_engine, folder)  # type: ignore[arg-type]
    side.inbox.look()
    (side.inbox._folder / "statement.xml").write_text("no statement")
    side.inbox.take_all()
    (side.inbox._folder / "booked.xml").write_text("booked")
    side.inbox._file_away(side.inbox._folder / "booked.xml", DONE, "ab" * 32)
    found = {path: f"{path.stat().st_mode & 0o777:o}" for path in folder.rglob("*")}
    assert {mode for path, mode in found.items() if path.is_dir()} == {"700"}
    assert {mode for path, mode in found.items() if path.is_file()} == {"600"}
    assert {path.parent.name for path in found if path.is_file()} == {"refused", "done"}
