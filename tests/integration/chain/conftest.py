"""A service's chain side on a real node and a real database."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.support.chain_world import World
from tests.support.node import ChainUnderTest, chain, chain_session

__all__ = ["chain", "chain_session"]


@pytest.fixture
def world(engine: Engine, chain: ChainUnderTest) -> World:
    """On SQLite and on PostgreSQL."""
    return World(engine, chain)


@pytest.fixture
def sqlite_world(sqlite_engine: Engine, chain: ChainUnderTest) -> World:
    """Where the database plays no part."""
    return World(sqlite_engine, chain)
