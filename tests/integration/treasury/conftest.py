"""The bank's side on each database, for the treasury; and with two members, on a quick one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.bank_books import Books, books_on
from tests.support.bank_fixtures import shop, side
from tests.support.databases import quick_sqlite_engine

__all__ = ["shop", "side"]


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """On a quick SQLite file: most of what is asked here does not depend on the database."""
    made = books_on(quick_sqlite_engine(tmp_path), tmp_path)
    yield made
    made.side.engine.dispose()
