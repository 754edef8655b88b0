"""Payout files line by line: holders' names, the bank's word on each, lines that left, files it rejected.

Every transfer that is in a file now becomes one of its lines. Files are written when they are approved from
here on, so a prepared one has no content; content of one prepared before is kept and replaced at approval.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FILE_STATES = "state IN ('prepared', 'approved', 'cancelled', 'rejected')"
OUT_REASONS = "out_reason IN ('taken_out', 'unwritable', 'rejected', 'refused', 'cancelled')"
MATCHES = "payee_match IN ('MTCH', 'CMTC', 'NMTC', 'NOAP')"


def upgrade() -> None:
    op.add_column("redemptions", sa.Column("sealed_holder", sa.LargeBinary(), nullable=True))
    op.add_column("redemptions", sa.Column("held_reason", sa.String(40), nullable=True))
    _widen_files()
    _add_lines()
    op.create_table(
        "unplaced_answers",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("message_id", sa.String(35), nullable=False),
        sa.Column("named", sa.String(35), nullable=False),
        sa.Column("status", sa.String(4), nullable=False),
        sa.Column("reason", sa.String(35), nullable=False),
        sa.Column("received_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("settled_by", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unplaced_answers")),
        sa.UniqueConstraint(
            "message_id",
            "named",
            "status",
            "reason",
            name=op.f("uq_unplaced_answers_message_id_named_status_reason"),
        ),
    )


def _widen_files() -> None:
    state_known = op.f("ck_payout_files_state_known")
    with op.batch_alter_table("payout_files") as batch:
        batch.add_column(sa.Column("bank_status", sa.String(4), nullable=True))
        batch.add_column(sa.Column("bank_reason", sa.String(35), nullable=True))
        batch.alter_column("sealed_content", existing_type=sa.LargeBinary(), nullable=True)
        batch.drop_constraint(state_known, type_="check")
        batch.create_check_constraint(state_known, FILE_STATES)
        batch.create_check_constraint(
            op.f("ck_payout_files_approved_is_written"), "state <> 'approved' OR sealed_content IS NOT NULL"
        )


def _add_lines() -> None:
    op.create_table(
        "payout_lines",
        sa.Column("payout_file_id", sa.String(32), nullable=False),
        sa.Column("redemption_ref", sa.String(66), nullable=False),
        sa.Column("net_cents", sa.BigInteger(), nullable=False),
        sa.Column("out_reason", sa.String(16), nullable=True),
        sa.Column("bank_status", sa.String(4), nullable=True),
        sa.Column("bank_reason", sa.String(35), nullable=True),
        sa.Column("payee_match", sa.String(4), nullable=True),
        sa.Column("sealed_payee_name", sa.LargeBinary(), nullable=True),
        sa.Column("accepted_by", sa.String(32), nullable=True),
        sa.CheckConstraint(OUT_REASONS, name=op.f("ck_payout_lines_out_reason_known")),
        sa.CheckConstraint(MATCHES, name=op.f("ck_payout_lines_payee_match_known")),
        sa.CheckConstraint("net_cents > 0", name=op.f("ck_payout_lines_net_positive")),
        sa.ForeignKeyConstraint(
            ["payout_file_id"], ["payout_files.id"], name=op.f("fk_payout_lines_payout_file_id_payout_files")
        ),
        sa.ForeignKeyConstraint(
            ["redemption_ref"], ["redemptions.ref"], name=op.f("fk_payout_lines_redemption_ref_redemptions")
        ),
        sa.PrimaryKeyConstraint("payout_file_id", "redemption_ref", name=op.f("pk_payout_lines")),
    )
    op.create_index("ix_payout_lines_redemption_ref", "payout_lines", ["redemption_ref"])
    op.execute(
        sa.text(
            "INSERT INTO payout_lines (payout_file_id, redemption_ref, net_cents) "
            "SELECT payout_file_id, ref, amount_cents - fee_cents FROM redemptions "
            "WHERE payout_file_id IS NOT NULL"
        )
    )


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
