"""Cashiers a merchant names, who is at which till, and who made a sale. Nobody is until now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cashiers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_pin_hash", sa.LargeBinary(), nullable=True),
        sa.Column("failed_tries", sa.Integer(), nullable=False),
        sa.Column("paused_until_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("removed_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(removed_at_unix_ms IS NULL) = (sealed_name IS NOT NULL AND sealed_pin_hash IS NOT NULL)",
            name=op.f("ck_cashiers_nothing_of_the_removed"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_cashiers_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cashiers")),
    )
    op.create_index(op.f("ix_cashiers_member_id"), "cashiers", ["member_id"])
    for table in ("tills", "sales"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("cashier_id", sa.String(length=32), nullable=True))
            batch.create_foreign_key(
                op.f(f"fk_{table}_cashier_id_cashiers"), "cashiers", ["cashier_id"], ["id"]
            )


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
