"""What every integration test may ask for."""

from __future__ import annotations

from tests.support.databases import (
    database_url,
    engine,
    postgresql_engine,
    postgresql_url,
    sqlite_engine,
    sqlite_url,
)

__all__ = ["database_url", "engine", "postgresql_engine", "postgresql_url", "sqlite_engine", "sqlite_url"]
