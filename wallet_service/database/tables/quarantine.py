"""Rows that the code cannot read: named here, they wait for a person and stop nobody else."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from wallet_service.database.tables.base import metadata, moment

quarantined_rows = Table(
    "quarantined_rows",
    metadata,
    Column("kind", String(24), primary_key=True),  # what cannot be done with it: platform.quarantine.RowKind
    Column("row_key", String(120), primary_key=True),  # the row's own key, as text
    Column("error", String(60), nullable=False),  # the exception's class; its message may quote the row
    moment("found_at_unix_ms", nullable=False),
)
