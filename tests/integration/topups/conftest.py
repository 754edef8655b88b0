"""The bank's side on each database, for top-ups."""

from __future__ import annotations

from tests.support.bank_fixtures import side
from tests.support.node import chain, chain_session

__all__ = ["chain", "chain_session", "side"]
