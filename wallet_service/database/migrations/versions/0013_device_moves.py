"""Adds the moves of wallets from one phone to another. Nothing moves: none is under way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device_moves",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("old_public_key", sa.String(length=130), nullable=False),
        sa.Column("new_public_key", sa.String(length=130), nullable=True),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("expires_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'joined', 'done', 'ended')", name=op.f("ck_device_moves_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_device_moves_member_id_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_moves")),
        sa.UniqueConstraint("member_id", name=op.f("uq_device_moves_member_id")),
    )


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
