"""Adds the directory's cards, pictures and changes, and the days that were published as open data.

Nothing moves: professionals are shown as they are registered until they write a card, and the days before
this release are published from the postings by the worker's first rounds.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "listings",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("is_shown", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("picture_digest", sa.String(length=64), nullable=True),
        sa.Column("changed_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("withheld_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("withheld_by", sa.String(length=32), nullable=True),
        sa.Column("withheld_ground", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "(withheld_at_unix_ms IS NULL) = (withheld_ground IS NULL)",
            name=op.f("ck_listings_withheld_with_its_ground"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_listings_member_id_members")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_listings")),
    )
    op.create_table(
        "listing_pictures",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_listing_pictures_member_id_members")
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_listing_pictures")),
    )
    op.create_index(op.f("ix_listing_pictures_digest"), "listing_pictures", ["digest"])
    op.create_table(
        "listing_changes",
        sa.Column("id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("changed_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("seen_by", sa.String(length=32), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_listing_changes_member_id_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_changes")),
    )
    op.create_index(op.f("ix_listing_changes_member_id"), "listing_changes", ["member_id"])
    op.create_index("ix_listing_changes_seen_at_unix_ms", "listing_changes", ["seen_at_unix_ms"])
    op.create_table(
        "published_days",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("area", sa.String(length=3), nullable=False),
        sa.Column("supply_cents", sa.BigInteger(), nullable=True),
        sa.Column("reserve_cents", sa.BigInteger(), nullable=True),
        sa.Column("members_count", sa.Integer(), nullable=True),
        sa.Column("professionals_count", sa.Integer(), nullable=True),
        sa.Column("payers_count", sa.Integer(), nullable=True),
        sa.Column("payees_count", sa.Integer(), nullable=True),
        sa.Column("payments_count", sa.Integer(), nullable=True),
        sa.Column("volume_cents", sa.BigInteger(), nullable=True),
        sa.Column("published_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(payments_count IS NULL) = (volume_cents IS NULL)",
            name=op.f("ck_published_days_counts_and_sums_together"),
        ),
        sa.PrimaryKeyConstraint("day", "area", name=op.f("pk_published_days")),
    )


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
