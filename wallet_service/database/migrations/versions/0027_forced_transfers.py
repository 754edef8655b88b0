"""Transfers by order of disputes stand beside those of reversals: one table, one procedure.

What `dispute_takings` holds moves over as it is; the commands it queued carry references of their own, which
stay. The ledger numbers them all in one row, so no two can meet.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

MOVED = (
    *("id", "dispute_id", "hold_id", "amount_cents", "ground", "ground_salt", "ground_hash", "state"),
    *("asked_by", "asked_at_unix_ms", "number", "executable_at_unix_s", "executions", "proposed_block"),
    *("final_block", "failure"),
)


def upgrade() -> None:
    with op.batch_alter_table("forced_transfers") as batch:
        batch.alter_column("reversal_id", existing_type=sa.String(length=32), nullable=True)
        batch.add_column(sa.Column("dispute_id", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("hold_id", sa.String(length=32), nullable=True))
        batch.create_foreign_key(
            op.f("fk_forced_transfers_dispute_id_disputes"), "disputes", ["dispute_id"], ["id"]
        )
        batch.create_foreign_key(
            op.f("fk_forced_transfers_hold_id_dispute_holds"), "dispute_holds", ["hold_id"], ["id"]
        )
        batch.create_check_constraint(
            op.f("ck_forced_transfers_for_one_case"), "(reversal_id IS NULL) <> (dispute_id IS NULL)"
        )
        batch.create_check_constraint(
            op.f("ck_forced_transfers_taken_from_a_hold"), "(hold_id IS NULL) = (dispute_id IS NULL)"
        )
    op.create_index(op.f("ix_forced_transfers_dispute_id"), "forced_transfers", ["dispute_id"])
    old, new = (sa.table(name, *map(sa.column, MOVED)) for name in ("dispute_takings", "forced_transfers"))
    op.execute(sa.insert(new).from_select(MOVED, sa.select(*(old.c[name] for name in MOVED))))
    op.drop_table("dispute_takings")


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
