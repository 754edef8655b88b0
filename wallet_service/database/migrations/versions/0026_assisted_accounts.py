"""Adds the accounts opened at a desk for people without a smartphone.

Nothing moves: every account until now was opened by a key.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assisted_accounts",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=66), nullable=True),
        sa.Column("sealed_papers", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.String(length=32), nullable=False),
        sa.Column("card_made_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("card_made_by", sa.String(length=32), nullable=False),
        sa.Column("cards_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_assisted_accounts_member_id_members")
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_assisted_accounts")),
    )


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
