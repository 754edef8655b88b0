"""Officers may be told by mail; what a new phone shows of its owner goes to the desk.

Mail addresses of members stay as they are, now with the word that they are a member's.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

RECIPIENTS = "recipient_kind IN ('member', 'officer')"
BEFORE = sa.table(
    "notice_mails",
    sa.column("member_id"),
    sa.column("sealed_address"),
    sa.column("language"),
    sa.column("code_hash"),
    sa.column("tries_left"),
    sa.column("code_expires_at_unix_ms"),
    sa.column("confirmed_at_unix_ms"),
)


def upgrade() -> None:
    kept = [dict(row) for row in op.get_bind().execute(sa.select(BEFORE)).mappings()]
    op.drop_table("notice_mails")
    now = op.create_table(
        "notice_mails",
        sa.Column("recipient_kind", sa.String(length=8), nullable=False),
        sa.Column("recipient_id", sa.String(length=32), nullable=False),
        sa.Column("sealed_address", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("code_expires_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(RECIPIENTS, name=op.f("ck_notice_mails_recipient_kind_known")),
        sa.PrimaryKeyConstraint("recipient_kind", "recipient_id", name=op.f("pk_notice_mails")),
    )
    rows = [{"recipient_kind": "member", "recipient_id": row.pop("member_id"), **row} for row in kept]
    if rows:
        op.bulk_insert(now, rows)
    op.create_table(
        "recovery_documents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("recovery_id", sa.String(length=32), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["recoveries.id"], name=op.f("fk_recovery_documents_recovery_id_recoveries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_documents")),
    )
    op.create_index(op.f("ix_recovery_documents_recovery_id"), "recovery_documents", ["recovery_id"])


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
