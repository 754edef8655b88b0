"""Adds when a passkey goes that somebody wants removed without showing it.

Nothing moves: nobody had asked for that before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("passkeys", sa.Column("removed_at_unix_ms", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_passkeys_removed_at_unix_ms"), "passkeys", ["removed_at_unix_ms"])


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
