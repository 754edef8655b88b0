"""Adds what people are told while no page of theirs is open.

Nothing moves: nobody has asked for notices yet. Events of before are not told.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RECIPIENTS = "recipient_kind IN ('member', 'officer')"
KINDS = "kind IN ('money', 'sale', 'refund_asked', 'bank', 'security', 'waiting')"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "notices",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("recipient_kind", sa.String(length=8), nullable=False),
        sa.Column("recipient_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("due_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("mailed_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint(RECIPIENTS, name=op.f("ck_notices_recipient_kind_known")),
        sa.CheckConstraint(KINDS, name=op.f("ck_notices_kind_known")),
        sa.UniqueConstraint("event_id", "recipient_id", name=op.f("uq_notices_event_id_recipient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notices_due_at_unix_ms", "notices", ["due_at_unix_ms"])
    op.create_index("ix_notices_recipient_id_seen_at_unix_ms", "notices", ["recipient_id", "seen_at_unix_ms"])
    op.create_index("ix_notices_created_at_unix_ms", "notices", ["created_at_unix_ms"])
    op.create_table(
        "notice_endpoints",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("recipient_kind", sa.String(length=8), nullable=False),
        sa.Column("recipient_id", sa.String(length=32), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("sealed_endpoint", sa.LargeBinary(), nullable=False),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(RECIPIENTS, name=op.f("ck_notice_endpoints_recipient_kind_known")),
        sa.UniqueConstraint("mark", name=op.f("uq_notice_endpoints_mark")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_endpoints")),
    )
    op.create_index(op.f("ix_notice_endpoints_recipient_id"), "notice_endpoints", ["recipient_id"])
    op.create_table(
        "notice_choices",
        sa.Column("recipient_kind", sa.String(length=8), nullable=False),
        sa.Column("recipient_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by_push", sa.Boolean(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.CheckConstraint(RECIPIENTS, name=op.f("ck_notice_choices_recipient_kind_known")),
        sa.CheckConstraint(KINDS, name=op.f("ck_notice_choices_kind_known")),
        sa.PrimaryKeyConstraint("recipient_kind", "recipient_id", "kind", name=op.f("pk_notice_choices")),
    )
    op.create_table(
        "notice_mails",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("sealed_address", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("code_expires_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_notice_mails_member_id_members")
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_notice_mails")),
    )


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
