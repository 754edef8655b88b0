"""Adds the suspensions of single keys: who asked, on what ground, until when, and what the ledger said.

Nothing moves: the service had no act for it. A suspension that an officer's own key sent earlier is read with
the next rebuild.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_suspensions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("signer_address", sa.String(length=42), nullable=False),
        sa.Column("ground", sa.String(length=300), nullable=True),
        sa.Column("ground_salt", sa.String(length=66), nullable=True),
        sa.Column("ground_hash", sa.String(length=66), nullable=False),
        sa.Column("until_unix_s", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("released_by", sa.String(length=32), nullable=True),
        sa.Column("released_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("suspended_block", sa.BigInteger(), nullable=True),
        sa.Column("released_block", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'active', 'released', 'failed')",
            name=op.f("ck_key_suspensions_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_key_suspensions_member_id_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_suspensions")),
    )
    op.create_index("ix_key_suspensions_ground_hash", "key_suspensions", ["ground_hash"])
    op.create_index(op.f("ix_key_suspensions_member_id"), "key_suspensions", ["member_id"])
    op.create_index(op.f("ix_key_suspensions_signer_address"), "key_suspensions", ["signer_address"])


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
