"""Adds contested payments: disputes, what they hold and where, what came back, orders, papers.

Nobody has contested anything yet, and nothing is held. Notices may be of one kind more: a dispute.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

NOTICE_KINDS = "kind IN ('money', 'asked', 'sale', 'refund_asked', 'dispute', 'bank', 'security', 'waiting')"


def upgrade() -> None:
    for table in ("notices", "notice_choices"):
        kind_known = op.f(f"ck_{table}_kind_known")
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(kind_known, type_="check")
            batch.create_check_constraint(kind_known, NOTICE_KINDS)
    _create_disputes()
    _create_dispute_holds()
    _create_account_holds()
    _create_dispute_returns()
    _create_dispute_takings()
    _create_dispute_documents()


def _create_disputes() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("payment_ref", sa.String(length=66), nullable=False),
        sa.Column("payer_member_id", sa.String(length=32), nullable=False),
        sa.Column("payee_member_id", sa.String(length=32), nullable=False),
        sa.Column("payer_address", sa.String(length=42), nullable=False),
        sa.Column("payee_address", sa.String(length=42), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("decide_by_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=True),
        sa.Column("agrees", sa.Boolean(), nullable=True),
        sa.Column("answered_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("upheld_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("ground", sa.String(length=300), nullable=True),
        sa.Column("closed_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('open', 'upheld')) = (closed_at_unix_ms IS NULL)",
            name=op.f("ck_disputes_closed_when_over"),
        ),
        sa.CheckConstraint(
            "reason IN ('not_me', 'not_received', 'wrong_amount', 'wrong_payee', 'paid_twice', 'deceived')",
            name=op.f("ck_disputes_reason_known"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'upheld', 'returned', 'ended', 'dismissed', 'withdrawn')",
            name=op.f("ck_disputes_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('upheld', 'ended', 'dismissed') "
            "OR (decided_by IS NOT NULL AND ground IS NOT NULL)",
            name=op.f("ck_disputes_an_officer_decided"),
        ),
        sa.CheckConstraint(
            "(answered_at_unix_ms IS NULL) = (agrees IS NULL)", name=op.f("ck_disputes_answered_whole")
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_disputes_amount_positive")),
        sa.CheckConstraint("payer_member_id <> payee_member_id", name=op.f("ck_disputes_not_oneself")),
        sa.ForeignKeyConstraint(
            ["payee_member_id"], ["members.id"], name=op.f("fk_disputes_payee_member_id_members")
        ),
        sa.ForeignKeyConstraint(
            ["payer_member_id"], ["members.id"], name=op.f("fk_disputes_payer_member_id_members")
        ),
        sa.ForeignKeyConstraint(
            ["payment_ref"], ["payments.ref"], name=op.f("fk_disputes_payment_ref_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("payment_ref", name=op.f("uq_disputes_payment_ref")),
    )
    op.create_index("ix_disputes_payee_member_id_state", "disputes", ["payee_member_id", "state"])
    op.create_index(
        "ix_disputes_payer_member_id_opened_at_unix_ms", "disputes", ["payer_member_id", "opened_at_unix_ms"]
    )
    op.create_index("ix_disputes_state_decide_by_unix_ms", "disputes", ["state", "decide_by_unix_ms"])


def _create_dispute_holds() -> None:
    op.create_table(
        "dispute_holds",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("dispute_id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("account_address", sa.String(length=42), nullable=False),
        sa.Column("hop", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("left_cents", sa.BigInteger(), nullable=False),
        sa.Column("released_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_dispute_holds_amount_positive")),
        sa.CheckConstraint(
            "left_cents BETWEEN 0 AND amount_cents", name=op.f("ck_dispute_holds_left_within_amount")
        ),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["disputes.id"], name=op.f("fk_dispute_holds_dispute_id_disputes")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_dispute_holds_member_id_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_holds")),
        sa.UniqueConstraint(
            "dispute_id", "account_address", name=op.f("uq_dispute_holds_dispute_id_account_address")
        ),
    )
    op.create_index("ix_dispute_holds_account_address", "dispute_holds", ["account_address"])
    op.create_index("ix_dispute_holds_member_id", "dispute_holds", ["member_id"])


def _create_account_holds() -> None:
    op.create_table(
        "account_holds",
        sa.Column("account_address", sa.String(length=42), nullable=False),
        sa.Column("wanted_cents", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("seen_cents", sa.BigInteger(), nullable=True),
        sa.Column("seen_block", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(length=60), nullable=True),
        sa.CheckConstraint("wanted_cents >= 0", name=op.f("ck_account_holds_wanted_not_negative")),
        sa.PrimaryKeyConstraint("account_address", name=op.f("pk_account_holds")),
    )
    op.create_index("ix_account_holds_seen_block", "account_holds", ["seen_block"])


def _create_dispute_returns() -> None:
    op.create_table(
        "dispute_returns",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("dispute_id", sa.String(length=32), nullable=False),
        sa.Column("hold_id", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ref", sa.String(length=66), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("final_block", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'forced') = (hold_id IS NOT NULL)", name=op.f("ck_dispute_returns_taken_from_a_hold")
        ),
        sa.CheckConstraint("kind IN ('payment', 'forced')", name=op.f("ck_dispute_returns_kind_known")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_dispute_returns_amount_positive")),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["disputes.id"], name=op.f("fk_dispute_returns_dispute_id_disputes")
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["dispute_holds.id"], name=op.f("fk_dispute_returns_hold_id_dispute_holds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_returns")),
        sa.UniqueConstraint("dispute_id", "ref", name=op.f("uq_dispute_returns_dispute_id_ref")),
    )
    op.create_index("ix_dispute_returns_final_block", "dispute_returns", ["final_block"])
    op.create_index("ix_dispute_returns_ref", "dispute_returns", ["ref"])


def _create_dispute_takings() -> None:
    op.create_table(
        "dispute_takings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("dispute_id", sa.String(length=32), nullable=False),
        sa.Column("hold_id", sa.String(length=32), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("ground", sa.String(length=300), nullable=False),
        sa.Column("ground_salt", sa.String(length=66), nullable=False),
        sa.Column("ground_hash", sa.String(length=66), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("asked_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("executable_at_unix_s", sa.BigInteger(), nullable=True),
        sa.Column("executions", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("proposed_block", sa.BigInteger(), nullable=True),
        sa.Column("final_block", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(length=60), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'proposed', 'executing', 'executed', 'cancelled', 'failed')",
            name=op.f("ck_dispute_takings_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'executing', 'executed') "
            "OR (number IS NOT NULL AND executable_at_unix_s IS NOT NULL)",
            name=op.f("ck_dispute_takings_numbered_once_proposed"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_dispute_takings_amount_positive")),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["disputes.id"], name=op.f("fk_dispute_takings_dispute_id_disputes")
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["dispute_holds.id"], name=op.f("fk_dispute_takings_hold_id_dispute_holds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_takings")),
        sa.UniqueConstraint("ground_hash", name=op.f("uq_dispute_takings_ground_hash")),
        sa.UniqueConstraint("number", name=op.f("uq_dispute_takings_number")),
    )
    op.create_index(op.f("ix_dispute_takings_dispute_id"), "dispute_takings", ["dispute_id"])


def _create_dispute_documents() -> None:
    op.create_table(
        "dispute_documents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("dispute_id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["disputes.id"], name=op.f("fk_dispute_documents_dispute_id_disputes")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_dispute_documents_member_id_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_documents")),
    )
    op.create_index(op.f("ix_dispute_documents_dispute_id"), "dispute_documents", ["dispute_id"])
    op.create_index("ix_dispute_documents_member_id", "dispute_documents", ["member_id"])


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
