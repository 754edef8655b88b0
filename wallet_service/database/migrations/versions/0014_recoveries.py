"""Adds requests for new keys by people whose phone is lost, and the codes some keep on paper for that.

Nothing moves: both start empty; whoever had lost a phone before asks as anybody does from now on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("used_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_recovery_codes_member_id_members")
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_codes_code_hash")),
    )
    op.create_table(
        "recoveries",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=True),
        sa.Column("signer_address", sa.String(length=42), nullable=False),
        sa.Column("public_key", sa.String(length=130), nullable=True),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("freeze_id", sa.String(length=32), nullable=True),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("ground", sa.String(length=300), nullable=True),
        sa.Column("ground_salt", sa.String(length=66), nullable=True),
        sa.Column("ground_hash", sa.String(length=66), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("executable_at_unix_s", sa.BigInteger(), nullable=True),
        sa.Column("next_try_unix_s", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failure", sa.String(length=60), nullable=True),
        sa.Column("closed_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("device_id", sa.String(length=32), nullable=True),
        sa.Column("revoked_device_ids", sa.JSON(), nullable=True),
        sa.Column("proposed_block", sa.BigInteger(), nullable=True),
        sa.Column("final_block", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('vetoed', 'cancelled', 'executed', 'lapsed')) = (closed_at_unix_ms IS NOT NULL)",
            name=op.f("ck_recoveries_closed_when_over"),
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'proposing', 'proposed', 'executing', 'vetoing', 'vetoed', "
            "'cancelled', 'executed', 'lapsed')",
            name=op.f("ck_recoveries_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'executing', 'vetoing', 'executed') "
            "OR (number IS NOT NULL AND executable_at_unix_s IS NOT NULL)",
            name=op.f("ck_recoveries_numbered_once_proposed"),
        ),
        sa.CheckConstraint("way IN ('officer', 'code', 'ledger')", name=op.f("ck_recoveries_way_known")),
        sa.ForeignKeyConstraint(["freeze_id"], ["freezes.id"], name=op.f("fk_recoveries_freeze_id_freezes")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_recoveries_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recoveries")),
        sa.UniqueConstraint("ground_hash", name=op.f("uq_recoveries_ground_hash")),
        sa.UniqueConstraint("number", name=op.f("uq_recoveries_number")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_recoveries_token_digest")),
    )
    op.create_index("ix_recoveries_member_id_state", "recoveries", ["member_id", "state"])
    op.create_index("ix_recoveries_signer_address", "recoveries", ["signer_address"])
    op.create_index("ix_recoveries_state", "recoveries", ["state"])


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
