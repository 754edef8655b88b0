"""Statements over a real ledger's copy."""

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
