"""Adds the list of rows that cannot be read. Nothing moves: it starts empty."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quarantined_rows",
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("row_key", sa.String(length=120), nullable=False),
        sa.Column("error", sa.String(length=60), nullable=False),
        sa.Column("found_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "row_key", name="pk_quarantined_rows"),
    )


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
