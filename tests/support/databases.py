"""Databases for tests: a migrated SQLite file, and a throwaway PostgreSQL cluster, one database a test.

Import the fixtures in a conftest.py, as tests/integration/conftest.py does. `engine` runs a test on both.
The cluster lives in a temporary folder, listens on a unix socket only, starts with the first test that wants
it and dies with the test process, whatever ends it.
"""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event

from wallet_service.database.engine import make_engine
from wallet_service.database.migrate import upgrade

POSTGRESQL_BINARIES = Path("/usr/lib/postgresql/15/bin")
START_DEADLINE_S = 30
STOP_DEADLINE_S = 15
#: PostgreSQL refuses to run as root; the first of these that exists runs it then.
UNPRIVILEGED_USERS = ("postgres", "nobody")
TEMPLATE = "migrated"
#: The socket is alone in its folder, so the number only has to be a legal port.
SOCKET_PORT = 5432

_numbers = itertools.count(1)


def migrate(engine: Engine) -> None:
    """Brings an empty database to the newest schema."""
    upgrade(engine)


@contextmanager
def counted_commits(engine: Engine) -> Iterator[list[str]]:
    """One entry, its thread's name, for each commit while it is open."""
    commits: list[str] = []

    def note(_connection: Any) -> None:
        commits.append(threading.current_thread().name)

    event.listen(engine, "commit", note)
    try:
        yield commits
    finally:
        event.remove(engine, "commit", note)


class PostgresqlCluster:
    """A server of our own in a temporary folder, durable enough for tests only (fsync off)."""

    def __init__(self) -> None:
        if not (POSTGRESQL_BINARIES / "initdb").exists():
            pytest.fail(
                f"PostgreSQL 15 is not in {POSTGRESQL_BINARIES}: install Debian's postgresql-15",
                pytrace=False,
            )
        self._folder = Path(tempfile.mkdtemp(prefix="alba-pg-"))
        self._prefix = ["setpriv", "--pdeathsig", "KILL"]
        if os.geteuid() == 0:
            user = _unprivileged_user()
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._prefix += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        self._run(
            "initdb",
            "-D",
            str(self._folder / "data"),
            "-U",
            "alba",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "-N",
            "--locale=C",
        )
        self._server = subprocess.Popen(
            [
                *self._prefix,
                str(POSTGRESQL_BINARIES / "postgres"),
                "-D",
                str(self._folder / "data"),
                *self._options(),
            ],
            stdout=subprocess.DEVNULL,
            stderr=(self._folder / "server.log").open("wb"),
            cwd="/",
        )
        self._wait()
        self._execute(f"CREATE DATABASE {TEMPLATE}")
        engine = make_engine(self.url(TEMPLATE))
        migrate(engine)
        engine.dispose()

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "port": str(SOCKET_PORT),
            "unix_socket_directories": str(self._folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "200",
            "shared_buffers": "32MB",
        }
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._prefix, str(POSTGRESQL_BINARIES / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd="/", timeout=START_DEADLINE_S)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_DEADLINE_S
        while True:
            try:
                self._execute("SELECT 1")
                return
            except psycopg.OperationalError:
                if self._server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self._folder / "server.log").read_text()) from None
                time.sleep(0.05)

    def _execute(self, statement: str) -> None:
        address = f"host={self._folder} port={SOCKET_PORT} user=alba dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://alba@/{database}?host={self._folder}&port={SOCKET_PORT}"

    @property
    def pid(self) -> int:
        return self._server.pid

    def create_database(self) -> str:
        """A new migrated database; its name."""
        name = f"test_{next(_numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        return name

    def create_empty_database(self) -> str:
        """A new database without any table, for tests of the migrations; its name."""
        name = f"test_{next(_numbers)}"
        self._execute(f"CREATE DATABASE {name}")
        return name

    def drop_database(self, name: str) -> None:
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        self._server.terminate()
        try:
            self._server.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _unprivileged_user() -> pwd.struct_passwd:
    for name in UNPRIVILEGED_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError(f"none of the users {UNPRIVILEGED_USERS} exists to run PostgreSQL")


@functools.cache
def postgresql_cluster() -> PostgresqlCluster:
    """The one cluster of this test process."""
    cluster = PostgresqlCluster()
    atexit.register(cluster.stop)
    return cluster


@functools.cache
def _migrated_sqlite_file() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="alba-sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    engine = make_engine(f"sqlite:///{folder / 'migrated.db'}")
    migrate(engine)
    engine.dispose()  # the last connection of a WAL file folds the log into it
    return folder / "migrated.db"


def sqlite_file(folder: Path) -> Path:
    """A new migrated SQLite file in `folder`."""
    return Path(shutil.copy(_migrated_sqlite_file(), folder / "test.db"))


def quick_sqlite_engine(folder: Path) -> Engine:
    """On a new file that never waits for the disk: for tests of many examples, none about power cuts."""
    engine = make_engine(f"sqlite:///{sqlite_file(folder)}")

    @event.listens_for(engine, "connect")
    def _quick(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    return engine


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a migrated SQLite file of this test's own."""
    return f"sqlite:///{sqlite_file(tmp_path)}"


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """The URL of a migrated PostgreSQL database of this test's own."""
    cluster = postgresql_cluster()
    name = cluster.create_database()
    yield cluster.url(name)
    cluster.drop_database(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Runs a test twice: on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Runs a test twice: an engine on a migrated SQLite file, then on a migrated PostgreSQL database."""
    made = make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    made = make_engine(sqlite_url)
    yield made
    made.dispose()


@pytest.fixture
def postgresql_engine(postgresql_url: str) -> Iterator[Engine]:
    made = make_engine(postgresql_url)
    yield made
    made.dispose()


#: What a conftest imports.
FIXTURES = (database_url, engine, postgresql_engine, postgresql_url, sqlite_engine, sqlite_url)
