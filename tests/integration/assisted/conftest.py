"""The desk over a real node, on each database."""

from __future__ import annotations

import pytest

from tests.support.chain_world import World
from tests.support.node import chain, chain_session
from tests.support.recovery_side import RecoverySide
from tests.support.world_fixtures import sqlite_world, world

__all__ = ["chain", "chain_session", "sqlite_world", "world"]


@pytest.fixture
def everywhere(world: World) -> RecoverySide:
    """On SQLite and on PostgreSQL."""
    return RecoverySide(world)
