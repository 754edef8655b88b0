"""How much of a sale is a tip. Nothing was until now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sales") as batch:
        batch.add_column(sa.Column("tip_cents", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
        batch.create_check_constraint(
            op.f("ck_sales_tip_within_amount"), "tip_cents >= 0 AND tip_cents < amount_cents"
        )


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
