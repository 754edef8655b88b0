"""Adds the standing orders that are expected, and the balances below which members are offered to load.

Nothing moves: both start empty; orders that load wallets already are recognised by their next arrivals.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "standing_orders",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("day_of_month", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since_on", sa.String(length=10), nullable=False),
        sa.Column("missed_on", sa.String(length=10), nullable=True),
        sa.Column("changed_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "source IN ('declared', 'recognised')", name=op.f("ck_standing_orders_source_known")
        ),
        sa.CheckConstraint("state IN ('followed', 'ended')", name=op.f("ck_standing_orders_state_known")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_standing_orders_amount_positive")),
        sa.CheckConstraint("day_of_month BETWEEN 1 AND 31", name=op.f("ck_standing_orders_day_in_month")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_standing_orders_member_id_members")
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_standing_orders")),
    )
    op.create_table(
        "low_balance_notices",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("below_cents", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("below_cents > 0", name=op.f("ck_low_balance_notices_below_positive")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_low_balance_notices_member_id_members")
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_low_balance_notices")),
    )


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
