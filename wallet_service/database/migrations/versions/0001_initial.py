"""The schema as first released. Generated from the tables of that day; frozen, a test holds its hash."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_IS_OPEN = "EXISTS (SELECT 1 FROM open_guards WHERE name = 'rewind')"

_SQLITE = (
    """CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
       BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""",
    """CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {condition}
       BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""",
)
_POSTGRESQL = (
    """CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
       BEGIN
           IF TG_OP = 'DELETE' AND {allowed} THEN RETURN OLD; END IF;
           RAISE EXCEPTION '{table} is append-only';
       END $body$""",
    """CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
       FOR EACH ROW EXECUTE FUNCTION {table}_append_only()""",
    """CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
       FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()""",
)


def guard_statements(dialect: str) -> list[str]:
    statements: list[str] = []
    for table, may_open in (("postings", True), ("journal", False)):
        if dialect == "sqlite":
            condition = f"WHEN NOT {_IS_OPEN}" if may_open else ""
            statements += [text.format(table=table, condition=condition) for text in _SQLITE]
        else:
            allowed = _IS_OPEN if may_open else "false"
            statements += [text.format(table=table, allowed=allowed) for text in _POSTGRESQL]
    return statements


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("act", sa.String(length=48), nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("ground", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("asked_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'approved', 'refused', 'expired')", name=op.f("ck_approvals_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    with op.batch_alter_table("approvals", schema=None) as batch_op:
        batch_op.create_index("ix_approvals_state", ["state"], unique=False)

    op.create_table(
        "balances",
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("posted_cents", sa.BigInteger(), nullable=False),
        sa.Column("reserved_cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_balances")),
    )
    op.create_table(
        "bank_statements",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("statement_id", sa.String(length=40), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("opening_cents", sa.BigInteger(), nullable=False),
        sa.Column("closing_cents", sa.BigInteger(), nullable=False),
        sa.Column("entries_count", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=66), nullable=False),
        sa.Column("as_of_unix_s", sa.BigInteger(), nullable=False),
        sa.Column("received_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statements")),
        sa.UniqueConstraint("iban", "statement_id", name=op.f("uq_bank_statements_iban_statement_id")),
    )
    with op.batch_alter_table("bank_statements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_statements_file_sha256"), ["file_sha256"], unique=False)

    op.create_table(
        "blocks",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("parent_hash", sa.String(length=66), nullable=False),
        sa.Column("timestamp_unix_s", sa.BigInteger(), nullable=False),
        sa.Column("indexed_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_blocks")),
    )
    op.create_table(
        "chain_events",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index", name=op.f("pk_chain_events")),
    )
    with op.batch_alter_table("chain_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chain_events_name"), ["name"], unique=False)

    op.create_table(
        "chain_transactions",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("sender", sa.String(length=42), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("stored_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("mined_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.Column("block_position", sa.Integer(), nullable=True),
        sa.Column("block_timestamp_unix_s", sa.BigInteger(), nullable=True),
        sa.Column("gas_used", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('stored', 'mined', 'reverted', 'displaced')",
            name=op.f("ck_chain_transactions_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_transactions")),
        sa.UniqueConstraint("sender", "nonce", name=op.f("uq_chain_transactions_sender_nonce")),
        sa.UniqueConstraint("transaction_hash", name=op.f("uq_chain_transactions_transaction_hash")),
    )
    with op.batch_alter_table("chain_transactions", schema=None) as batch_op:
        batch_op.create_index("ix_chain_transactions_state_id", ["state", "id"], unique=False)

    op.create_table(
        "challenges",
        sa.Column("challenge", sa.String(length=100), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=True),
        sa.Column("expires_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('register', 'sign_in', 'device_sign_in')", name=op.f("ck_challenges_purpose_known")
        ),
        sa.CheckConstraint(
            "subject_kind IN ('member', 'officer')", name=op.f("ck_challenges_subject_kind_known")
        ),
        sa.PrimaryKeyConstraint("challenge", name=op.f("pk_challenges")),
    )
    with op.batch_alter_table("challenges", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_challenges_expires_at_unix_ms"), ["expires_at_unix_ms"], unique=False
        )

    op.create_table(
        "cursors",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.String(length=66), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cursors")),
    )
    op.create_table(
        "journal",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.String(length=32), nullable=True),
        sa.Column("act", sa.String(length=48), nullable=False),
        sa.Column("subject_kind", sa.String(length=24), nullable=True),
        sa.Column("subject_id", sa.String(length=80), nullable=True),
        sa.Column("ground", sa.String(length=300), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=66), nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sa.UniqueConstraint("hash", name=op.f("uq_journal_hash")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index(
            "ix_journal_subject_kind_subject_id", ["subject_kind", "subject_id"], unique=False
        )

    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("expires_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("account_address", sa.String(length=42), nullable=False),
        sa.Column("sector", sa.String(length=8), nullable=True),
        sa.Column("commune_code", sa.String(length=5), nullable=True),
        sa.Column("public_name", sa.String(length=120), nullable=True),
        sa.Column("public_description", sa.String(length=200), nullable=True),
        sa.Column("sealed_identity", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("identity_expires_on_day", sa.Integer(), nullable=True),
        sa.Column("frozen_incoming", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("frozen_outgoing", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("enrolled_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('resident', 'merchant', 'association', 'treasury')", name=op.f("ck_members_kind_known")
        ),
        sa.CheckConstraint("state IN ('pending', 'active', 'closed')", name=op.f("ck_members_state_known")),
        sa.CheckConstraint(
            "tier IN ('none', 'visitor', 'declared', 'verified', 'professional')",
            name=op.f("ck_members_tier_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("account_address", name=op.f("uq_members_account_address")),
    )
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.create_index("ix_members_kind_commune_code", ["kind", "commune_code"], unique=False)

    op.create_table(
        "officers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("display_name", sa.String(length=80), nullable=False),
        sa.Column("rights", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'revoked')", name=op.f("ck_officers_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officers")),
    )
    op.create_table(
        "open_guards",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_open_guards")),
    )
    op.create_table(
        "passkeys",
        sa.Column("credential_id", sa.String(length=400), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "subject_kind IN ('member', 'officer')", name=op.f("ck_passkeys_subject_kind_known")
        ),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_passkeys")),
    )
    with op.batch_alter_table("passkeys", schema=None) as batch_op:
        batch_op.create_index(
            "ix_passkeys_subject_kind_subject_id", ["subject_kind", "subject_id"], unique=False
        )

    op.create_table(
        "payout_files",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.String(length=35), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("prepared_by", sa.String(length=32), nullable=False),
        sa.Column("approved_by", sa.String(length=32), nullable=True),
        sa.Column("prepared_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("approved_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("written_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('prepared', 'approved', 'cancelled')", name=op.f("ck_payout_files_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_files")),
        sa.UniqueConstraint("message_id", name=op.f("uq_payout_files_message_id")),
    )
    op.create_table(
        "postings",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("leg", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ref", sa.String(length=66), nullable=True),
        sa.Column("block_timestamp_unix_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index", "leg", name=op.f("pk_postings")),
    )
    with op.batch_alter_table("postings", schema=None) as batch_op:
        batch_op.create_index("ix_postings_account_block_number", ["account", "block_number"], unique=False)
        batch_op.create_index("ix_postings_ref", ["ref"], unique=False)

    op.create_table(
        "push_events",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("topic", sa.String(length=48), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_events")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("push_events", schema=None) as batch_op:
        batch_op.create_index("ix_push_events_topic_id", ["topic", "id"], unique=False)

    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("csrf_token", sa.String(length=64), nullable=False),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "method IN ('creation', 'device', 'passkey', 'code')", name=op.f("ck_sessions_method_known")
        ),
        sa.CheckConstraint(
            "subject_kind IN ('member', 'officer')", name=op.f("ck_sessions_subject_kind_known")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_sessions_subject_kind_subject_id", ["subject_kind", "subject_id"], unique=False
        )

    op.create_table(
        "attestations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("bank_statement_id", sa.String(length=32), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("as_of_unix_s", sa.BigInteger(), nullable=False),
        sa.Column("statement_hash", sa.String(length=66), nullable=False),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("attested_at_unix_s", sa.BigInteger(), nullable=True),
        sa.Column("final_block", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["bank_statement_id"],
            ["bank_statements.id"],
            name=op.f("fk_attestations_bank_statement_id_bank_statements"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestations")),
        sa.UniqueConstraint("bank_statement_id", name=op.f("uq_attestations_bank_statement_id")),
    )
    op.create_table(
        "bank_entries",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("bank_statement_id", sa.String(length=32), nullable=False),
        sa.Column("entry_reference", sa.String(length=40), nullable=False),
        sa.Column("entry_key", sa.String(length=120), nullable=False),
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("booked_on", sa.String(length=10), nullable=False),
        sa.Column("end_to_end_id", sa.String(length=40), nullable=True),
        sa.Column("return_reason", sa.String(length=40), nullable=True),
        sa.Column("structured_reference", sa.String(length=40), nullable=True),
        sa.Column("sealed_details", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("resolved_by", sa.String(length=32), nullable=True),
        sa.Column("resolution", sa.String(length=200), nullable=True),
        sa.CheckConstraint("direction IN ('CRDT', 'DBIT')", name=op.f("ck_bank_entries_direction_known")),
        sa.CheckConstraint(
            "state IN ('topup', 'unmatched', 'payout', 'payout_return', 'resolved', 'ignored')",
            name=op.f("ck_bank_entries_state_known"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_bank_entries_amount_positive")),
        sa.ForeignKeyConstraint(
            ["bank_statement_id"],
            ["bank_statements.id"],
            name=op.f("fk_bank_entries_bank_statement_id_bank_statements"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_entries")),
        sa.UniqueConstraint("entry_key", name=op.f("uq_bank_entries_entry_key")),
    )
    with op.batch_alter_table("bank_entries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_bank_entries_bank_statement_id"), ["bank_statement_id"], unique=False
        )
        batch_op.create_index("ix_bank_entries_entry_reference", ["entry_reference"], unique=False)
        batch_op.create_index("ix_bank_entries_state", ["state"], unique=False)

    op.create_table(
        "chain_commands",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("chain_transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(length=200), nullable=True),
        sa.Column("queued_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("done_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'done', 'failed')", name=op.f("ck_chain_commands_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["chain_transaction_id"],
            ["chain_transactions.id"],
            name=op.f("fk_chain_commands_chain_transaction_id_chain_transactions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_commands")),
        sa.UniqueConstraint("ref", name=op.f("uq_chain_commands_ref")),
    )
    with op.batch_alter_table("chain_commands", schema=None) as batch_op:
        batch_op.create_index("ix_chain_commands_state_id", ["state", "id"], unique=False)

    op.create_table(
        "device_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("expires_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("device_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_device_codes_member_id_members")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_device_codes")),
    )
    with op.batch_alter_table("device_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_device_codes_member_id"), ["member_id"], unique=False)

    op.create_table(
        "devices",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("signer_address", sa.String(length=42), nullable=False),
        sa.Column("key_kind", sa.String(length=16), nullable=False),
        sa.Column("public_key", sa.String(length=130), nullable=False),
        sa.Column("credential_id", sa.String(length=400), nullable=True),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'active', 'revoked')", name=op.f("ck_devices_state_known")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_devices_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint("signer_address", name=op.f("uq_devices_signer_address")),
    )
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_devices_member_id"), ["member_id"], unique=False)

    op.create_table(
        "freezes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("incoming", sa.Boolean(), nullable=False),
        sa.Column("outgoing", sa.Boolean(), nullable=False),
        sa.Column("ground", sa.String(length=300), nullable=False),
        sa.Column("ground_salt", sa.String(length=66), nullable=False),
        sa.Column("ground_hash", sa.String(length=66), nullable=False),
        sa.Column("until_unix_s", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("lifted_by", sa.String(length=32), nullable=True),
        sa.Column("lifted_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("frozen_block", sa.BigInteger(), nullable=True),
        sa.Column("lifted_block", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'active', 'lifted', 'expired', 'failed')", name=op.f("ck_freezes_state_known")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_freezes_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freezes")),
    )
    with op.batch_alter_table("freezes", schema=None) as batch_op:
        batch_op.create_index("ix_freezes_ground_hash", ["ground_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_freezes_member_id"), ["member_id"], unique=False)
        batch_op.create_index("ix_freezes_state_until_unix_s", ["state", "until_unix_s"], unique=False)

    op.create_table(
        "identity_files",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_tier", sa.String(length=16), nullable=False),
        sa.Column("sealed_declaration", sa.LargeBinary(), nullable=True),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("decided_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decision_reason", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'refused')",
            name=op.f("ck_identity_files_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_identity_files_member_id_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_files")),
    )
    with op.batch_alter_table("identity_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_files_member_id"), ["member_id"], unique=False)
        batch_op.create_index(
            "ix_identity_files_state_submitted_at_unix_ms", ["state", "submitted_at_unix_ms"], unique=False
        )

    op.create_table(
        "officer_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("expires_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_officer_codes_officer_id_officers")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_officer_codes")),
    )
    op.create_table(
        "pairing_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("till_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_pairing_codes_member_id_members")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_pairing_codes")),
    )
    with op.batch_alter_table("pairing_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pairing_codes_member_id"), ["member_id"], unique=False)

    op.create_table(
        "payee_secrets",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_payee_secrets_member_id_members")
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_payee_secrets")),
    )
    op.create_table(
        "person_keys",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("destroyed_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_person_keys_member_id_members")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_person_keys")),
    )
    op.create_table(
        "tills",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("public_key", sa.String(length=130), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("paired_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('active', 'revoked')", name=op.f("ck_tills_state_known")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_tills_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tills")),
    )
    with op.batch_alter_table("tills", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tills_member_id"), ["member_id"], unique=False)

    op.create_table(
        "topup_references",
        sa.Column("reference", sa.String(length=25), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_topup_references_member_id_members")
        ),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_topup_references")),
        sa.UniqueConstraint("member_id", name=op.f("uq_topup_references_member_id")),
    )
    op.create_table(
        "identity_documents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("identity_file_id", sa.String(length=32), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_file_id"],
            ["identity_files.id"],
            name=op.f("fk_identity_documents_identity_file_id_identity_files"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_documents")),
    )
    with op.batch_alter_table("identity_documents", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_identity_documents_identity_file_id"), ["identity_file_id"], unique=False
        )

    op.create_table(
        "redemptions",
        sa.Column("ref", sa.String(length=66), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("sealed_iban", sa.LargeBinary(), nullable=False),
        sa.Column("payee_hash", sa.String(length=66), nullable=False),
        sa.Column("nonce", sa.String(length=78), nullable=False),
        sa.Column("valid_before_unix_s", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("end_to_end_id", sa.String(length=35), nullable=False),
        sa.Column("payout_file_id", sa.String(length=32), nullable=True),
        sa.Column("bank_entry_id", sa.String(length=32), nullable=True),
        sa.Column("return_entry_id", sa.String(length=32), nullable=True),
        sa.Column("return_reason", sa.String(length=40), nullable=True),
        sa.Column("refusal_code", sa.String(length=60), nullable=True),
        sa.Column("requested_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("locked_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("closed_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("locked_block", sa.BigInteger(), nullable=True),
        sa.Column("final_block", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'locked', 'exported', 'paid', 'returning', 'returned', 'refused')",
            name=op.f("ck_redemptions_state_known"),
        ),
        sa.CheckConstraint(
            "amount_cents > fee_cents AND fee_cents >= 0", name=op.f("ck_redemptions_fee_below_amount")
        ),
        sa.ForeignKeyConstraint(
            ["bank_entry_id"], ["bank_entries.id"], name=op.f("fk_redemptions_bank_entry_id_bank_entries")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_redemptions_member_id_members")),
        sa.ForeignKeyConstraint(
            ["payout_file_id"], ["payout_files.id"], name=op.f("fk_redemptions_payout_file_id_payout_files")
        ),
        sa.ForeignKeyConstraint(
            ["return_entry_id"], ["bank_entries.id"], name=op.f("fk_redemptions_return_entry_id_bank_entries")
        ),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_redemptions")),
        sa.UniqueConstraint("end_to_end_id", name=op.f("uq_redemptions_end_to_end_id")),
    )
    with op.batch_alter_table("redemptions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_redemptions_member_id"), ["member_id"], unique=False)
        batch_op.create_index("ix_redemptions_state", ["state"], unique=False)

    op.create_table(
        "sales",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("till_id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("client_reference", sa.String(length=66), nullable=False),
        sa.Column("short_code", sa.String(length=8), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("payment_ref", sa.String(length=66), nullable=True),
        sa.Column("created_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("paid_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'paid', 'expired', 'cancelled')", name=op.f("ck_sales_state_known")
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_sales_amount_positive")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_sales_member_id_members")),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("fk_sales_till_id_tills")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales")),
        sa.UniqueConstraint("client_reference", name=op.f("uq_sales_client_reference")),
    )
    with op.batch_alter_table("sales", schema=None) as batch_op:
        batch_op.create_index(
            "ix_sales_member_id_created_at_unix_ms", ["member_id", "created_at_unix_ms"], unique=False
        )
        batch_op.create_index(
            "ix_sales_state_expires_at_unix_ms", ["state", "expires_at_unix_ms"], unique=False
        )
        batch_op.create_index(
            "ix_sales_till_id_created_at_unix_ms", ["till_id", "created_at_unix_ms"], unique=False
        )
        batch_op.create_index(
            "uq_sales_living_short_code",
            ["short_code"],
            unique=True,
            sqlite_where=sa.text("state IN ('open', 'accepted')"),
            postgresql_where=sa.text("state IN ('open', 'accepted')"),
        )

    op.create_table(
        "till_nonces",
        sa.Column("till_id", sa.String(length=32), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("expires_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("fk_till_nonces_till_id_tills")),
        sa.PrimaryKeyConstraint("till_id", "nonce", name=op.f("pk_till_nonces")),
    )
    with op.batch_alter_table("till_nonces", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_till_nonces_expires_at_unix_ms"), ["expires_at_unix_ms"], unique=False
        )

    op.create_table(
        "topups",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("bank_entry_id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("mint_ref", sa.String(length=66), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("held_reason", sa.String(length=60), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("retry_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("redemption_ref", sa.String(length=66), nullable=True),
        sa.Column("matched_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("credited_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("final_block", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('held', 'minting', 'credited', 'returned')", name=op.f("ck_topups_state_known")
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_topups_amount_positive")),
        sa.ForeignKeyConstraint(
            ["bank_entry_id"], ["bank_entries.id"], name=op.f("fk_topups_bank_entry_id_bank_entries")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_topups_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topups")),
        sa.UniqueConstraint("bank_entry_id", name=op.f("uq_topups_bank_entry_id")),
        sa.UniqueConstraint("mint_ref", name=op.f("uq_topups_mint_ref")),
    )
    with op.batch_alter_table("topups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_topups_member_id"), ["member_id"], unique=False)
        batch_op.create_index("ix_topups_state", ["state"], unique=False)

    op.create_table(
        "refund_requests",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("client_reference", sa.String(length=66), nullable=False),
        sa.Column("sale_id", sa.String(length=16), nullable=False),
        sa.Column("till_id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("payment_ref", sa.String(length=66), nullable=True),
        sa.Column("refusal_code", sa.String(length=60), nullable=True),
        sa.Column("requested_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("decided_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'accepted', 'paid', 'refused')",
            name=op.f("ck_refund_requests_state_known"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_refund_requests_amount_positive")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_refund_requests_member_id_members")
        ),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_refund_requests_sale_id_sales")),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("fk_refund_requests_till_id_tills")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_requests")),
        sa.UniqueConstraint("client_reference", name=op.f("uq_refund_requests_client_reference")),
    )
    with op.batch_alter_table("refund_requests", schema=None) as batch_op:
        batch_op.create_index("ix_refund_requests_member_id_state", ["member_id", "state"], unique=False)
        batch_op.create_index("ix_refund_requests_payment_ref", ["payment_ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_refund_requests_sale_id"), ["sale_id"], unique=False)
        batch_op.create_index(
            "ix_refund_requests_till_id_requested_at_unix_ms",
            ["till_id", "requested_at_unix_ms"],
            unique=False,
        )

    op.create_table(
        "payments",
        sa.Column("ref", sa.String(length=66), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("payer_member_id", sa.String(length=32), nullable=False),
        sa.Column("payee_member_id", sa.String(length=32), nullable=False),
        sa.Column("from_address", sa.String(length=42), nullable=False),
        sa.Column("to_address", sa.String(length=42), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.String(length=78), nullable=False),
        sa.Column("small_nonce", sa.BigInteger(), nullable=True),
        sa.Column("valid_before_unix_s", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("sale_id", sa.String(length=16), nullable=True),
        sa.Column("refund_of_ref", sa.String(length=66), nullable=True),
        sa.Column("refund_request_id", sa.String(length=32), nullable=True),
        sa.Column("note", sa.String(length=80), nullable=True),
        sa.Column("chain_transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("refusal_code", sa.String(length=60), nullable=True),
        sa.Column("accepted_at_unix_ms", sa.BigInteger(), nullable=False),
        sa.Column("settling_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("final_at_unix_ms", sa.BigInteger(), nullable=True),
        sa.Column("final_block", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("purpose IN ('sale', 'person', 'refund')", name=op.f("ck_payments_purpose_known")),
        sa.CheckConstraint(
            "state IN ('accepted', 'settling', 'paid', 'refused')", name=op.f("ck_payments_state_known")
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payments_amount_positive")),
        sa.ForeignKeyConstraint(
            ["chain_transaction_id"],
            ["chain_transactions.id"],
            name=op.f("fk_payments_chain_transaction_id_chain_transactions"),
        ),
        sa.ForeignKeyConstraint(
            ["payee_member_id"], ["members.id"], name=op.f("fk_payments_payee_member_id_members")
        ),
        sa.ForeignKeyConstraint(
            ["payer_member_id"], ["members.id"], name=op.f("fk_payments_payer_member_id_members")
        ),
        sa.ForeignKeyConstraint(
            ["refund_request_id"],
            ["refund_requests.id"],
            name=op.f("fk_payments_refund_request_id_refund_requests"),
        ),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_payments_sale_id_sales")),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_payments")),
        sa.UniqueConstraint("sequence", name=op.f("uq_payments_sequence")),
    )
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.create_index("ix_payments_chain_transaction_id", ["chain_transaction_id"], unique=False)
        batch_op.create_index("ix_payments_final_block", ["final_block"], unique=False)
        batch_op.create_index(
            "ix_payments_from_address_small_nonce", ["from_address", "small_nonce"], unique=False
        )
        batch_op.create_index(
            "ix_payments_payee_member_id_accepted_at_unix_ms",
            ["payee_member_id", "accepted_at_unix_ms"],
            unique=False,
        )
        batch_op.create_index(
            "ix_payments_payer_member_id_accepted_at_unix_ms",
            ["payer_member_id", "accepted_at_unix_ms"],
            unique=False,
        )
        batch_op.create_index("ix_payments_refund_of_ref", ["refund_of_ref"], unique=False)
        batch_op.create_index("ix_payments_sale_id", ["sale_id"], unique=False)
        batch_op.create_index("ix_payments_state_sequence", ["state", "sequence"], unique=False)
        batch_op.create_index("uq_payments_from_address_nonce", ["from_address", "nonce"], unique=True)
        batch_op.create_index(
            "uq_payments_sale_id_living",
            ["sale_id"],
            unique=True,
            sqlite_where=sa.text("purpose = 'sale' AND state <> 'refused'"),
            postgresql_where=sa.text("purpose = 'sale' AND state <> 'refused'"),
        )

    for statement in guard_statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
