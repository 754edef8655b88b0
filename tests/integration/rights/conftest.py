"""The console's services over a month of life; a real node where the chain must answer."""

from __future__ import annotations

from tests.support.console_fixtures import clock, console
from tests.support.node import chain, chain_session
from tests.support.world_fixtures import world

__all__ = ["chain", "chain_session", "clock", "console", "world"]
