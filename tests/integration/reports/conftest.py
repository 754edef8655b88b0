"""The console's services over a month of life."""

from __future__ import annotations

from tests.support.console_fixtures import clock, console

__all__ = ["clock", "console"]
