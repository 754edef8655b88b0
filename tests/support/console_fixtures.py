"""The console's services on a database with a month of life: fixtures for conftests to import."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from tests.support.console_services import ConsoleServices, build_console
from wallet_service.protocol.clock import VirtualClock

NOW = datetime(2026, 11, 24, 14, 32, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(int(NOW.timestamp()) * 1000)


@pytest.fixture
def console(engine: Engine, clock: VirtualClock, tmp_path: Path) -> ConsoleServices:
    """On SQLite and on PostgreSQL."""
    return build_console(engine, clock, tmp_path / "outbox")


@pytest.fixture
def sqlite_console(sqlite_engine: Engine, clock: VirtualClock, tmp_path: Path) -> ConsoleServices:
    """Where the database plays no part."""
    return build_console(sqlite_engine, clock, tmp_path / "outbox")
