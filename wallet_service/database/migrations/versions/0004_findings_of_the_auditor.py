"""What the auditor finds and since when, so that every console shows it and a restart forgets nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_findings",
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("difference_cents", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("since_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("code", "subject", name=op.f("pk_audit_findings")),
    )


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
