"""The console over a database with a month of life."""

from __future__ import annotations

from tests.support.console_fixtures import clock, console, sqlite_console

__all__ = ["clock", "console", "sqlite_console"]
