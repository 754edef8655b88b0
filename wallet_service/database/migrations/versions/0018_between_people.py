"""Adds contacts, personal codes, blocks, own caps, asks and their parts, and which part a payment pays.

Nothing moves: nobody has asked anybody yet, and payments of before pay no part. Notices may be of one kind
more: something that waits for a member's answer.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NOTICE_KINDS = "kind IN ('money', 'asked', 'sale', 'refund_asked', 'bank', 'security', 'waiting')"
LIVING = sa.text("ask_part_id IS NOT NULL AND state <> 'refused'")


def upgrade() -> None:
    for table in ("notices", "notice_choices"):
        kind_known = op.f(f"ck_{table}_kind_known")
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(kind_known, type_="check")
            batch.create_check_constraint(kind_known, NOTICE_KINDS)
    _create_contacts()
    _create_asks()
    op.create_table(
        "ask_parts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("ask_id", sa.String(length=32), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("payer_member_id", sa.String(length=32), nullable=True),
        sa.Column("payee_member_id", sa.String(length=32), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sealed_address", sa.LargeBinary(), nullable=True),
        sa.Column("address_mark", sa.String(length=64), nullable=True),
        sa.Column("mailed_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("sealed_word", sa.LargeBinary(), nullable=True),
        sa.Column("decided_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_ask_parts_amount_positive")),
        sa.CheckConstraint(
            "payer_member_id IS NULL OR payee_member_id IS NULL OR payer_member_id <> payee_member_id",
            name=op.f("ck_ask_parts_not_oneself"),
        ),
        sa.CheckConstraint("way IN ('member', 'link', 'address')", name=op.f("ck_ask_parts_way_known")),
        sa.CheckConstraint(
            "state IN ('waiting', 'open', 'declined', 'cancelled', 'expired')",
            name=op.f("ck_ask_parts_state_known"),
        ),
        sa.ForeignKeyConstraint(["ask_id"], ["asks.id"], name=op.f("fk_ask_parts_ask_id_asks")),
        sa.ForeignKeyConstraint(
            ["payer_member_id"], ["members.id"], name=op.f("fk_ask_parts_payer_member_id_members")
        ),
        sa.ForeignKeyConstraint(
            ["payee_member_id"], ["members.id"], name=op.f("fk_ask_parts_payee_member_id_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask_parts")),
    )
    op.create_index(op.f("ix_ask_parts_ask_id"), "ask_parts", ["ask_id"])
    op.create_index("ix_ask_parts_payer_member_id_state", "ask_parts", ["payer_member_id", "state"])
    op.create_index("ix_ask_parts_payee_member_id_state", "ask_parts", ["payee_member_id", "state"])
    op.create_index("ix_ask_parts_address_mark", "ask_parts", ["address_mark"])
    with op.batch_alter_table("payments") as batch:
        batch.add_column(sa.Column("ask_part_id", sa.String(length=32), nullable=True))
        batch.create_foreign_key(
            op.f("fk_payments_ask_part_id_ask_parts"), "ask_parts", ["ask_part_id"], ["id"]
        )
    op.create_index(
        "uq_payments_ask_part_id_living",
        "payments",
        ["ask_part_id"],
        unique=True,
        sqlite_where=LIVING,
        postgresql_where=LIVING,
    )


def _create_contacts() -> None:
    op.create_table(
        "payee_codes",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("made_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_payee_codes_member_id_members")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_payee_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_payee_codes_code")),
    )
    for table in ("contacts", "contact_blocks"):
        favourite: sa.Column[bool] = sa.Column(
            "is_favourite", sa.Boolean(), server_default=sa.false(), nullable=False
        )
        op.create_table(
            table,
            sa.Column("id", sa.String(length=32), nullable=False),
            sa.Column("owner_member_id", sa.String(length=32), nullable=False),
            sa.Column("member_id", sa.String(length=32), nullable=False),
            *([favourite] if table == "contacts" else []),
            sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
            sa.ForeignKeyConstraint(
                ["owner_member_id"], ["members.id"], name=op.f(f"fk_{table}_owner_member_id_members")
            ),
            sa.ForeignKeyConstraint(
                ["member_id"], ["members.id"], name=op.f(f"fk_{table}_member_id_members")
            ),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
            sa.UniqueConstraint(
                "owner_member_id", "member_id", name=op.f(f"uq_{table}_owner_member_id_member_id")
            ),
        )

    names = ("per_payment_cents", "per_day_cents", "per_30_days_cents")
    op.create_table(
        "own_caps",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in names),
        *(sa.Column(f"next_{name}", sa.BigInteger(), nullable=False) for name in names),
        sa.Column("next_from_unix_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_own_caps_member_id_members")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_own_caps")),
    )


def _create_asks() -> None:
    op.create_table(
        "asks",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("client_reference", sa.String(length=66), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("creator_member_id", sa.String(length=32), nullable=False),
        sa.Column("sealed_message", sa.LargeBinary(), nullable=True),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('ask', 'send')", name=op.f("ck_asks_kind_known")),
        sa.ForeignKeyConstraint(
            ["creator_member_id"], ["members.id"], name=op.f("fk_asks_creator_member_id_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asks")),
        sa.UniqueConstraint("client_reference", name=op.f("uq_asks_client_reference")),
    )
    op.create_index(
        "ix_asks_creator_member_id_created_at_unix_ms", "asks", ["creator_member_id", "created_at_unix_ms"]
    )
    op.create_index("ix_asks_expires_at_unix_ms", "asks", ["expires_at_unix_ms"])


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
