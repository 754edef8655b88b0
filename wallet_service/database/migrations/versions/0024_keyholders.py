"""Adds whom members let pay with their account, and whose key signed a payment.

Nothing moves: nobody has such a key yet. Sessions may be a keyholder's, and notices of one kind more.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

NOTICE_KINDS = (
    "kind IN ('money', 'asked', 'sale', 'refund_asked', 'dispute', 'keyholder', 'bank', 'security', "
    "'waiting')"
)
SESSION_KINDS = "subject_kind IN ('member', 'officer', 'keyholder')"


def upgrade() -> None:
    for table in ("notices", "notice_choices"):
        kind_known = op.f(f"ck_{table}_kind_known")
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(kind_known, type_="check")
            batch.create_check_constraint(kind_known, NOTICE_KINDS)
    subject_known = op.f("ck_sessions_subject_kind_known")
    with op.batch_alter_table("sessions") as batch:
        batch.drop_constraint(subject_known, type_="check")
        batch.create_check_constraint(subject_known, SESSION_KINDS)
    _create_keyholders()
    with op.batch_alter_table("payments") as batch:
        batch.add_column(sa.Column("keyholder_id", sa.String(length=32), nullable=True))
        batch.create_foreign_key(
            op.f("fk_payments_keyholder_id_keyholders"), "keyholders", ["keyholder_id"], ["id"]
        )
    op.create_index(
        "ix_payments_keyholder_id_accepted_at_unix_ms", "payments", ["keyholder_id", "accepted_at_unix_ms"]
    )


def _create_keyholders() -> None:
    op.create_table(
        "keyholders",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("per_payment_cents", sa.BigInteger(), nullable=False),
        sa.Column("per_day_cents", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_unix_s", sa.BigInteger(), nullable=False),
        sa.Column("invitation", sa.String(length=64), nullable=False),
        sa.Column("old_public_key", sa.String(length=130), nullable=False),
        sa.Column("public_key", sa.String(length=130), nullable=True),
        sa.Column("signer_address", sa.String(length=42), nullable=True),
        sa.Column("device_id", sa.String(length=32), nullable=True),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("invitation_ends_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("added_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("added_block", sa.BigInteger(), nullable=True),
        sa.Column("ended_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_block", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=8), nullable=True),
        sa.Column("refused_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("refused_code", sa.String(length=60), nullable=True),
        sa.Column("refused_cents", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('child', 'helper', 'joint')", name=op.f("ck_keyholders_kind_known")),
        sa.CheckConstraint(
            "state IN ('invited', 'joined', 'adding', 'active', 'ended')",
            name=op.f("ck_keyholders_state_known"),
        ),
        sa.CheckConstraint(
            "(state = 'ended') = (ended_by IS NOT NULL)", name=op.f("ck_keyholders_ended_by_somebody")
        ),
        sa.CheckConstraint(
            "state IN ('invited', 'joined') OR public_key IS NOT NULL",
            name=op.f("ck_keyholders_key_before_the_ledger"),
        ),
        sa.CheckConstraint(
            "kind <> 'joint' OR (per_payment_cents = 0 AND per_day_cents = 0 AND expires_at_unix_s = 0)",
            name=op.f("ck_keyholders_joint_without_limits"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_keyholders_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keyholders")),
        sa.UniqueConstraint("invitation", name=op.f("uq_keyholders_invitation")),
        sa.UniqueConstraint("signer_address", name=op.f("uq_keyholders_signer_address")),
    )
    op.create_index(op.f("ix_keyholders_member_id"), "keyholders", ["member_id"])
    op.create_index("ix_keyholders_state_expires_at_unix_s", "keyholders", ["state", "expires_at_unix_s"])


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
