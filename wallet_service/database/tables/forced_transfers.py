"""Transfers by order, whatever they are for: a credit the bank took back, or a contested payment."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, String, Table

from wallet_service.database.tables.base import cents, identifier, metadata, moment, state_check, word

#: asked -> proposed -> executing -> executed, as the ledger says; failed: it would not propose; cancelled:
#: withdrawn or halted there.
FORCED_TRANSFER_STATES = ("asked", "proposed", "executing", "executed", "cancelled", "failed")

forced_transfers = Table(
    "forced_transfers",
    metadata,
    identifier(primary_key=True),
    Column("reversal_id", String(32), ForeignKey("bank_reversals.id"), nullable=True, index=True),
    Column("dispute_id", String(32), ForeignKey("disputes.id"), nullable=True, index=True),
    Column("hold_id", String(32), ForeignKey("dispute_holds.id"), nullable=True),  # where a dispute holds it
    cents("amount_cents", nullable=False),
    Column("ground", String(300), nullable=False),
    word("ground_salt", nullable=False),
    word("ground_hash", nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("asked_by", String(32), nullable=False),
    moment("asked_at_unix_ms", nullable=False),
    Column("number", BigInteger, nullable=True, unique=True),  # the ledger's own, from its event
    moment("executable_at_unix_s", nullable=True),
    Column("executions", BigInteger, nullable=False, server_default="0"),  # how often it was asked to execute
    Column("proposed_block", BigInteger, nullable=True),
    Column("final_block", BigInteger, nullable=True),
    Column("failure", String(60), nullable=True),
    state_check("state", FORCED_TRANSFER_STATES),
    CheckConstraint("amount_cents > 0", name="amount_positive"),
    CheckConstraint("(reversal_id IS NULL) <> (dispute_id IS NULL)", name="for_one_case"),
    CheckConstraint("(hold_id IS NULL) = (dispute_id IS NULL)", name="taken_from_a_hold"),
    CheckConstraint(
        "state NOT IN ('proposed', 'executing', 'executed') "
        "OR (number IS NOT NULL AND executable_at_unix_s IS NOT NULL)",
        name="numbered_once_proposed",
    ),
)
