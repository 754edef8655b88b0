"""Events pushed to pages, kept for replay from the last event id. Opaque ids and amounts only, no names."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, String, Table

from wallet_service.database.tables.base import RowNumber, metadata, moment

push_events = Table(
    "push_events",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("topic", String(48), nullable=False),  # member:<id> | till:<id> | console | public
    Column("kind", String(32), nullable=False),
    Column("data", JSON, nullable=False),
    moment("created_at_unix_ms", nullable=False),
    Index("ix_push_events_topic_id", "topic", "id"),
    sqlite_autoincrement=True,
)
