"""Reports of every kind and format, and movements known by day, amount and whatever reference there is.

Statements read before were camt.053 with both balances; their movements keep their keys and so their mints.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KINDS = "kind IN ('statement', 'report', 'notification')"
ENTRY_STATES = (
    "state IN ('arriving', 'topup', 'unmatched', 'payout', 'payout_return', 'resolved', 'ignored', 'refined')"
)
OLD_NAME_LENGTH = 40
NEW_NAME_LENGTH = 70


def upgrade() -> None:
    _widen_statements()
    _widen_entries()


def _widen_statements() -> None:
    with op.batch_alter_table("bank_statements") as batch:
        batch.add_column(sa.Column("kind", sa.String(12), nullable=False, server_default="statement"))
        batch.add_column(sa.Column("format", sa.String(24), nullable=False, server_default="camt.053"))
        batch.add_column(sa.Column("from_on", sa.String(10), nullable=False, server_default=""))
        batch.add_column(sa.Column("to_on", sa.String(10), nullable=False, server_default=""))
        batch.add_column(sa.Column("continuity", sa.String(12), nullable=False, server_default="follows"))
        batch.add_column(sa.Column("state", sa.String(12), nullable=False, server_default="booked"))
        batch.add_column(sa.Column("warnings", sa.String(400), nullable=False, server_default=""))
        batch.add_column(sa.Column("decided_by", sa.String(32), nullable=True))
        batch.alter_column("opening_cents", existing_type=sa.BigInteger(), nullable=True)
        batch.alter_column("closing_cents", existing_type=sa.BigInteger(), nullable=True)
        batch.alter_column(
            "statement_id", existing_type=sa.String(OLD_NAME_LENGTH), type_=sa.String(NEW_NAME_LENGTH)
        )
        batch.alter_column(
            "message_id", existing_type=sa.String(OLD_NAME_LENGTH), type_=sa.String(NEW_NAME_LENGTH)
        )
        batch.drop_constraint(op.f("uq_bank_statements_iban_statement_id"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_bank_statements_iban_kind_statement_id_to_on_content_hash"),
            ["iban", "kind", "statement_id", "to_on", "content_hash"],
        )
        batch.create_check_constraint(op.f("ck_bank_statements_kind_known"), KINDS)
        batch.create_check_constraint(
            op.f("ck_bank_statements_continuity_known"),
            "continuity IN ('first', 'follows', 'explained', 'broken', 'unknown')",
        )
        batch.create_check_constraint(
            op.f("ck_bank_statements_state_known"),
            "state IN ('booking', 'booked', 'held', 'accepted', 'dismissed')",
        )
    op.create_index("ix_bank_statements_state", "bank_statements", ["state"])


def _widen_entries() -> None:
    op.drop_index("ix_bank_entries_entry_reference", "bank_entries")
    with op.batch_alter_table("bank_entries") as batch:
        batch.alter_column(
            "entry_reference",
            existing_type=sa.String(OLD_NAME_LENGTH),
            type_=sa.String(NEW_NAME_LENGTH),
            new_column_name="servicer_reference",
            nullable=True,
        )
        batch.alter_column("entry_key", existing_type=sa.String(120), type_=sa.String(180))
        batch.alter_column(
            "end_to_end_id", existing_type=sa.String(OLD_NAME_LENGTH), type_=sa.String(NEW_NAME_LENGTH)
        )
        batch.alter_column(
            "structured_reference", existing_type=sa.String(OLD_NAME_LENGTH), type_=sa.String(NEW_NAME_LENGTH)
        )
        batch.add_column(sa.Column("kind", sa.String(12), nullable=False, server_default="statement"))
        batch.add_column(sa.Column("confirmed_statement_id", sa.String(32), nullable=True))
        batch.add_column(sa.Column("sum_entry_id", sa.String(32), nullable=True))
        batch.add_column(sa.Column("entry_cents", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("transaction_reference", sa.String(NEW_NAME_LENGTH), nullable=True))
        batch.add_column(sa.Column("content_mark", sa.String(64), nullable=True))
        batch.add_column(sa.Column("payer_key", sa.String(64), nullable=True))
        batch.add_column(sa.Column("reason", sa.String(24), nullable=True))
        batch.add_column(sa.Column("is_reversal", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.create_foreign_key(
            op.f("fk_bank_entries_confirmed_statement_id_bank_statements"),
            "bank_statements",
            ["confirmed_statement_id"],
            ["id"],
        )
        batch.create_foreign_key(
            op.f("fk_bank_entries_sum_entry_id_bank_entries"), "bank_entries", ["sum_entry_id"], ["id"]
        )
        batch.drop_constraint(op.f("ck_bank_entries_state_known"), type_="check")
        batch.create_check_constraint(op.f("ck_bank_entries_state_known"), ENTRY_STATES)
        batch.create_check_constraint(op.f("ck_bank_entries_kind_known"), KINDS)
    op.execute(sa.text("UPDATE bank_entries SET confirmed_statement_id = bank_statement_id"))
    op.create_index("ix_bank_entries_booked_on", "bank_entries", ["booked_on"])
    op.create_index("ix_bank_entries_payer_key", "bank_entries", ["payer_key"])
    op.create_index("ix_bank_entries_sum_entry_id", "bank_entries", ["sum_entry_id"])
    op.create_index("ix_bank_entries_servicer_reference", "bank_entries", ["servicer_reference"])


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
