"""What people see of their access, acts that are confirmed, credits that wait for a second issuer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TOPUP_STATES = "state IN ('held', 'minting', 'proposed', 'credited', 'returned')"


def upgrade() -> None:
    op.add_column("sessions", sa.Column("authenticator", sa.String(400), nullable=True))
    op.add_column("sessions", sa.Column("browser", sa.String(40), nullable=True))
    op.add_column("passkeys", sa.Column("browser", sa.String(40), nullable=True))
    op.add_column("passkeys", sa.Column("last_used_at_unix_ms", sa.BigInteger(), nullable=True))
    op.add_column("devices", sa.Column("last_used_at_unix_ms", sa.BigInteger(), nullable=True))
    _renew_challenges()
    _allow_proposed_topups()


def _renew_challenges() -> None:
    """They live for minutes: whoever is signing in meanwhile starts again."""
    op.drop_table("challenges")
    op.create_table(
        "challenges",
        sa.Column("challenge", sa.String(100), nullable=False),
        sa.Column("purpose", sa.String(24), nullable=False),
        sa.Column("subject_kind", sa.String(16), nullable=False),
        sa.Column("subject_id", sa.String(64), nullable=True),
        sa.Column("expires_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('register', 'sign_in', 'device_sign_in', 'confirm', 'confirmed')",
            name=op.f("ck_challenges_purpose_known"),
        ),
        sa.CheckConstraint(
            "subject_kind IN ('member', 'officer')", name=op.f("ck_challenges_subject_kind_known")
        ),
        sa.PrimaryKeyConstraint("challenge", name=op.f("pk_challenges")),
    )
    op.create_index(op.f("ix_challenges_expires_at_unix_ms"), "challenges", ["expires_at_unix_ms"])


def _allow_proposed_topups() -> None:
    name = op.f("ck_topups_state_known")
    with op.batch_alter_table("topups") as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, TOPUP_STATES)


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
