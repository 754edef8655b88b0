"""Credits the bank took back: each tied to its top-up, with what came back for it and transfers by order.

Nothing moves: the tables start empty. Debits that undid a credit before stay where they are, in the queue or
noted by an officer.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ENTRY_STATES = (
    "state IN ('arriving', 'topup', 'unmatched', 'payout', 'payout_return', 'resolved', 'ignored', "
    "'refined', 'reversal')"
)


def upgrade() -> None:
    _allow_reversal_entries()
    _create_reversals()
    _create_recoveries()
    _create_forced_transfers()


def _allow_reversal_entries() -> None:
    name = op.f("ck_bank_entries_state_known")
    with op.batch_alter_table("bank_entries") as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, ENTRY_STATES)


def _create_reversals() -> None:
    op.create_table(
        "bank_reversals",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("bank_entry_id", sa.String(32), nullable=False),
        sa.Column("topup_id", sa.String(32), nullable=False),
        sa.Column("member_id", sa.String(32), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("gap_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("freeze_id", sa.String(32), nullable=True),
        sa.Column("noted_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("pay_back_allowed_by", sa.String(32), nullable=True),
        sa.Column("pay_back_allowed_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.String(32), nullable=True),
        sa.Column("ground", sa.String(300), nullable=True),
        sa.Column("decided_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("loss_account", sa.String(60), nullable=True),
        sa.Column("lost_cents", sa.BigInteger(), nullable=True),
        sa.Column("recredit_entry_id", sa.String(32), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'clawed_back', 'forced', 'loss', 'mistaken', 'not_minted')",
            name=op.f("ck_bank_reversals_state_known"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_bank_reversals_amount_positive")),
        sa.CheckConstraint(
            "gap_cents >= 0 AND gap_cents <= amount_cents", name=op.f("ck_bank_reversals_gap_within_amount")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at_unix_ms IS NULL)",
            name=op.f("ck_bank_reversals_decided_when_closed"),
        ),
        sa.CheckConstraint(
            "(state = 'loss') = (loss_account IS NOT NULL AND lost_cents IS NOT NULL)",
            name=op.f("ck_bank_reversals_loss_is_named"),
        ),
        sa.CheckConstraint(
            "lost_cents IS NULL OR lost_cents BETWEEN 1 AND amount_cents",
            name=op.f("ck_bank_reversals_loss_within_amount"),
        ),
        sa.CheckConstraint(
            "(state = 'mistaken') = (recredit_entry_id IS NOT NULL)",
            name=op.f("ck_bank_reversals_mistake_has_its_credit"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('loss', 'mistaken') OR (decided_by IS NOT NULL AND ground IS NOT NULL)",
            name=op.f("ck_bank_reversals_an_officer_decided"),
        ),
        _foreign_key("bank_reversals", "bank_entry_id", "bank_entries"),
        _foreign_key("bank_reversals", "topup_id", "topups"),
        _foreign_key("bank_reversals", "member_id", "members"),
        _foreign_key("bank_reversals", "freeze_id", "freezes"),
        _foreign_key("bank_reversals", "recredit_entry_id", "bank_entries"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_reversals")),
        sa.UniqueConstraint("bank_entry_id", name=op.f("uq_bank_reversals_bank_entry_id")),
        sa.UniqueConstraint("recredit_entry_id", name=op.f("uq_bank_reversals_recredit_entry_id")),
    )
    op.create_index("ix_bank_reversals_member_id_state", "bank_reversals", ["member_id", "state"])
    op.create_index("ix_bank_reversals_topup_id", "bank_reversals", ["topup_id"])
    op.create_index("ix_bank_reversals_state", "bank_reversals", ["state"])


def _create_recoveries() -> None:
    op.create_table(
        "reversal_recoveries",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("reversal_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("ref", sa.String(66), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("final_block", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('payment', 'forced')", name=op.f("ck_reversal_recoveries_kind_known")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_reversal_recoveries_amount_positive")),
        _foreign_key("reversal_recoveries", "reversal_id", "bank_reversals"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reversal_recoveries")),
        sa.UniqueConstraint("reversal_id", "ref", name=op.f("uq_reversal_recoveries_reversal_id_ref")),
    )
    op.create_index("ix_reversal_recoveries_ref", "reversal_recoveries", ["ref"])


def _create_forced_transfers() -> None:
    op.create_table(
        "forced_transfers",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("reversal_id", sa.String(32), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("ground", sa.String(300), nullable=False),
        sa.Column("ground_salt", sa.String(66), nullable=False),
        sa.Column("ground_hash", sa.String(66), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_by", sa.String(32), nullable=False),
        sa.Column("asked_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("executable_at_unix_s", sa.BigInteger(), nullable=True),
        sa.Column("executions", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("proposed_block", sa.BigInteger(), nullable=True),
        sa.Column("final_block", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(60), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'proposed', 'executing', 'executed', 'cancelled', 'failed')",
            name=op.f("ck_forced_transfers_state_known"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_forced_transfers_amount_positive")),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'executing', 'executed') "
            "OR (number IS NOT NULL AND executable_at_unix_s IS NOT NULL)",
            name=op.f("ck_forced_transfers_numbered_once_proposed"),
        ),
        _foreign_key("forced_transfers", "reversal_id", "bank_reversals"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forced_transfers")),
        sa.UniqueConstraint("ground_hash", name=op.f("uq_forced_transfers_ground_hash")),
        sa.UniqueConstraint("number", name=op.f("uq_forced_transfers_number")),
    )
    op.create_index(op.f("ix_forced_transfers_reversal_id"), "forced_transfers", ["reversal_id"])


def _foreign_key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
