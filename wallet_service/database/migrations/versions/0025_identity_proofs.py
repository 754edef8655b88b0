"""Adds how identities were proved, and the attempts of people who are at a provider of identities.

Nothing moves: who was verified by papers before has no row. What was declared is sealed, and a migration has
no key to it, so no mark of those people is made here.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_PROVIDERS = "provider IN ('papers', 'france_connect', 'european_wallet')"


def upgrade() -> None:
    op.create_table(
        "identity_attempts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("provider", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("handle_hash", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_secrets", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=True),
        sa.Column("begun_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(_PROVIDERS, name=op.f("ck_identity_attempts_provider_known")),
        sa.CheckConstraint(
            "state IN ('begun', 'answered', 'ended')", name=op.f("ck_identity_attempts_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_identity_attempts_member_id_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_attempts")),
        sa.UniqueConstraint("handle_hash", name=op.f("uq_identity_attempts_handle_hash")),
    )
    op.create_index(
        op.f("ix_identity_attempts_expires_at_unix_ms"), "identity_attempts", ["expires_at_unix_ms"]
    )
    op.create_index(op.f("ix_identity_attempts_member_id"), "identity_attempts", ["member_id"])
    op.create_table(
        "identity_proofs",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("provider", sa.String(length=24), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("subject_mark", sa.String(length=64), nullable=True),
        sa.Column("person_mark", sa.String(length=64), nullable=True),
        sa.Column("proved_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "level IN ('seen', 'substantial', 'high')", name=op.f("ck_identity_proofs_level_known")
        ),
        sa.CheckConstraint(_PROVIDERS, name=op.f("ck_identity_proofs_provider_known")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_identity_proofs_member_id_members")
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_identity_proofs")),
        sa.UniqueConstraint("person_mark", name=op.f("uq_identity_proofs_person_mark")),
        sa.UniqueConstraint("subject_mark", name=op.f("uq_identity_proofs_subject_mark")),
    )


def downgrade() -> None:
    raise NotImplementedError("who people are is not undone: restore a backup instead")
