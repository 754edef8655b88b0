"""Statements over a real ledger's copy."""

from __future__ import annotations

from tests.support.node import chain, chain_session
from tests.support.world_fixtures import world

__all__ = ["chain", "chain_session", "world"]
