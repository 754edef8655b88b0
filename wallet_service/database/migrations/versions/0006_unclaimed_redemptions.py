"""Adds the list of redemptions the ledger has locked without a request here.

Nothing moves: it starts empty, and a rebuild puts in what was locked before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unclaimed_redemptions",
        sa.Column("ref", sa.String(length=66), nullable=False),
        sa.Column("account_address", sa.String(length=42), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("payee_hash", sa.String(length=66), nullable=False),
        sa.Column("presumed_nonce", sa.BigInteger(), nullable=False),
        sa.Column("locked_block", sa.BigInteger(), nullable=False),
        sa.Column("locked_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_as", sa.String(length=16), nullable=True),
        sa.Column("final_block", sa.BigInteger(), nullable=True),
        sa.Column("closed_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "ended_as IN ('paid', 'returned')", name=op.f("ck_unclaimed_redemptions_ended_as_known")
        ),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_unclaimed_redemptions")),
    )
    with op.batch_alter_table("unclaimed_redemptions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_unclaimed_redemptions_account_address"), ["account_address"], unique=False
        )


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
