"""Drops what nobody reads: a payment's note, and the tier an identity file asked for (always the same)."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("payments", "note")
    op.drop_column("identity_files", "asked_tier")


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
