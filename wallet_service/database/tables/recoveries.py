"""New keys for accounts whose phone is lost: who asked, what the ledger says of it; codes kept on paper."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from wallet_service.database.tables.base import address, identifier, metadata, moment, state_check, word

RECOVERY_STATES = (
    "asked",
    "proposing",
    "proposed",
    "executing",
    "vetoing",
    "vetoed",
    "cancelled",
    "executed",
    "lapsed",
)
#: officer: somebody looks at the papers; code: the code kept on paper stands for that look; ledger: proposed
#: there without a request here.
RECOVERY_WAYS = ("officer", "code", "ledger")

recoveries = Table(
    "recoveries",
    metadata,
    identifier(primary_key=True),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False),
    Column("token_digest", String(64), nullable=True, unique=True),  # what the new phone asks about it with
    address("signer_address", nullable=False),
    Column("public_key", String(130), nullable=True),  # 0x + x + y; unknown when the ledger alone has it
    Column("label", String(60), nullable=False),
    Column("way", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    moment("asked_at_unix_ms", nullable=False),
    Column("freeze_id", String(32), ForeignKey("freezes.id"), nullable=True),  # the one it asked for
    Column("decided_by", String(32), nullable=True),  # the officer who put it forward, or ended it
    Column("ground", String(300), nullable=True),
    word("ground_salt", nullable=True),
    word("ground_hash", nullable=True, unique=True),
    Column("number", BigInteger, nullable=True, unique=True),  # the ledger's own, from its event
    moment("executable_at_unix_s", nullable=True),
    moment("next_try_unix_s", nullable=True),  # not before then is it executed, whatever the clock says
    Column("attempts", Integer, nullable=False, server_default="0"),  # commands asked for, refused ones too
    Column("failure", String(60), nullable=True),
    moment("closed_at_unix_ms", nullable=True),
    Column("device_id", String(32), nullable=True),  # what the new key became
    Column("revoked_device_ids", JSON, nullable=True),  # what its execution revoked
    Column("proposed_block", BigInteger, nullable=True),
    Column("final_block", BigInteger, nullable=True),
    state_check("state", RECOVERY_STATES),
    state_check("way", RECOVERY_WAYS),
    CheckConstraint(
        "state NOT IN ('proposed', 'executing', 'vetoing', 'executed') "
        "OR (number IS NOT NULL AND executable_at_unix_s IS NOT NULL)",
        name="numbered_once_proposed",
    ),
    CheckConstraint(
        "(state IN ('vetoed', 'cancelled', 'executed', 'lapsed')) = (closed_at_unix_ms IS NOT NULL)",
        name="closed_when_over",
    ),
    Index("ix_recoveries_member_id_state", "member_id", "state"),
    Index("ix_recoveries_state", "state"),
    Index("ix_recoveries_signer_address", "signer_address"),
)

#: A code a member keeps on paper; of itself only a digest is kept. Good once its owner has typed it back.
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("member_id", String(32), ForeignKey("members.id"), primary_key=True),
    Column("code_hash", String(64), nullable=False, unique=True),
    moment("made_at_unix_ms", nullable=False),
    moment("confirmed_at_unix_ms", nullable=True),
    moment("used_at_unix_ms", nullable=True),
)

#: What the phone that asked has shown of its owner. Sealed under the account's key.
recovery_documents = Table(
    "recovery_documents",
    metadata,
    identifier(primary_key=True),
    Column("recovery_id", String(32), ForeignKey("recoveries.id"), nullable=False, index=True),
    Column("media_type", String(40), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sealed_content", LargeBinary, nullable=False),
    moment("uploaded_at_unix_ms", nullable=False),
)
