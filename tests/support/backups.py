"""A test's database, backed up and put back by the commands of docs/operations.md."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Protocol

import pytest

from tests.support.databases import POSTGRESQL_BINARIES

DEADLINE_S = 60


class BackedUp(Protocol):
    """`url` of a migrated database; while it is put back nobody is connected."""

    url: str

    def back_up(self) -> None: ...

    def put_back(self) -> None: ...


class BackedUpFile:
    """SQLite: the running file copied by VACUUM INTO; put in its place, its log taken away."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self._file = Path(url.removeprefix("sqlite:///"))
        self._copy = folder / "alba-backup.db"

    def back_up(self) -> None:
        sqlite3.connect(self._file).execute("VACUUM INTO ?", (str(self._copy),))

    def put_back(self) -> None:
        for ending in ("-wal", "-shm"):
            self._file.with_name(self._file.name + ending).unlink(missing_ok=True)
        shutil.copy(self._copy, self._file)


class DumpedDatabase:
    """PostgreSQL: pg_dump beside the running service, pg_restore into the same database."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self._address = url.replace("postgresql+psycopg://", "postgresql://")
        self._dump = folder / "alba.dump"

    def back_up(self) -> None:
        self._run("pg_dump", "--format=custom", f"--file={self._dump}", self._address)

    def put_back(self) -> None:
        restoring = ("--clean", "--if-exists", "--exit-on-error", f"--dbname={self._address}")
        self._run("pg_restore", *restoring, str(self._dump))

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(POSTGRESQL_BINARIES / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
        assert done.returncode == 0, done.stderr


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def backed_up(request: pytest.FixtureRequest, tmp_path: Path) -> BackedUp:
    """On both databases."""
    url = request.getfixturevalue(f"{request.param}_url")
    return BackedUpFile(url, tmp_path) if request.param == "sqlite" else DumpedDatabase(url, tmp_path)
