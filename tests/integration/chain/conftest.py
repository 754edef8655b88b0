"""A service's chain side on a real node and a real database."""

from __future__ import annotations

from tests.support.backups import backed_up
from tests.support.node import chain, chain_session
from tests.support.world_fixtures import sqlite_world, world

__all__ = ["backed_up", "chain", "chain_session", "sqlite_world", "world"]
