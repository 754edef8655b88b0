"""A real ledger, as a stranger asks it."""

from __future__ import annotations

from tests.support.node import chain, chain_session
from tests.support.world_fixtures import sqlite_world

__all__ = ["chain", "chain_session", "sqlite_world"]
