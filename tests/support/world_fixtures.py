"""A service's chain side on a real node and a real database: fixtures for conftests to import."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.support.chain_world import World
from tests.support.node import ChainUnderTest


@pytest.fixture
def world(engine: Engine, chain: ChainUnderTest) -> World:
    """On SQLite and on PostgreSQL."""
    return World(engine, chain)


@pytest.fixture
def sqlite_world(sqlite_engine: Engine, chain: ChainUnderTest) -> World:
    """Where the database plays no part."""
    return World(sqlite_engine, chain)
