"""A credit may be given in parts, to several members; and what members said they would send.

Every top-up there is was its whole credit (part 0), given by the officer its entry names, if one did. What
officers gave whole counts as given.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _entries_in_parts()
    _topups_of_parts()
    op.create_table(
        "announced_topups",
        sa.Column("member_id", sa.String(32), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("announced_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_announced_topups_member_id_members")
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_announced_topups")),
    )
    op.create_index("ix_announced_topups_amount_cents", "announced_topups", ["amount_cents"])


def _entries_in_parts() -> None:
    op.drop_index("ix_bank_entries_state", "bank_entries")
    op.drop_index("ix_bank_entries_booked_on", "bank_entries")
    with op.batch_alter_table("bank_entries") as batch:
        batch.add_column(
            sa.Column("given_cents", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
        )
        batch.create_check_constraint(
            op.f("ck_bank_entries_given_of_what_came"), "given_cents >= 0 AND given_cents <= amount_cents"
        )
    op.create_index("ix_bank_entries_state_booked_on_id", "bank_entries", ["state", "booked_on", "id"])
    op.create_index("ix_bank_entries_booked_on_id", "bank_entries", ["booked_on", "id"])
    op.execute(
        sa.text(
            "UPDATE bank_entries SET given_cents = amount_cents"
            " WHERE state = 'topup' AND resolved_by IS NOT NULL"
        )
    )


def _topups_of_parts() -> None:
    with op.batch_alter_table("topups") as batch:
        batch.add_column(sa.Column("part", sa.Integer(), nullable=False, server_default=sa.text("0")))
        batch.add_column(sa.Column("given_by", sa.String(32), nullable=True))
        batch.drop_constraint(op.f("uq_topups_bank_entry_id"), type_="unique")
        batch.create_unique_constraint(op.f("uq_topups_bank_entry_id_part"), ["bank_entry_id", "part"])
    op.execute(
        sa.text(
            "UPDATE topups SET given_by ="
            " (SELECT resolved_by FROM bank_entries WHERE bank_entries.id = topups.bank_entry_id)"
        )
    )


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
