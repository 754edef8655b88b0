"""Adds which terms a member has accepted, and when.

Nobody has accepted any: the wallet asks at its next opening.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("members", sa.Column("terms_version", sa.String(length=10), nullable=True))
    op.add_column("members", sa.Column("terms_accepted_at_unix_ms", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
