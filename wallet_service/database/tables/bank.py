"""Euros: statements and their entries, top-ups, attestations, redemptions, payout files."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from wallet_service.database.tables.base import cents, identifier, metadata, moment, state_check, word

ENTRY_STATES = ("topup", "unmatched", "payout", "payout_return", "resolved", "ignored")
#: held -> minting -> credited; minting -> held when the chain refuses; held -> returned by an officer.
TOPUP_STATES = ("held", "minting", "credited", "returned")
REDEMPTION_STATES = ("requested", "locked", "exported", "paid", "returning", "returned", "refused")
PAYOUT_FILE_STATES = ("prepared", "approved", "cancelled")

topup_references = Table(
    "topup_references",
    metadata,
    Column("reference", String(25), primary_key=True),  # ISO 11649 "RF.." creditor reference
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, unique=True),
    moment("created_at_unix_ms", nullable=False),
)

bank_statements = Table(
    "bank_statements",
    metadata,
    identifier(primary_key=True),
    Column("file_sha256", String(64), nullable=False, index=True),  # a file may hold several statements
    Column("file_name", String(120), nullable=False),
    Column("message_id", String(40), nullable=False),
    Column("statement_id", String(40), nullable=False),
    Column("iban", String(34), nullable=False),
    cents("opening_cents", nullable=False),
    cents("closing_cents", nullable=False),
    Column("entries_count", Integer, nullable=False),
    word(
        "content_hash", nullable=False
    ),  # over what is not personal: tells a repetition from a contradiction
    moment("as_of_unix_s", nullable=False),
    moment("received_at_unix_ms", nullable=False),
    UniqueConstraint("iban", "statement_id"),
)

#: Remittance text and counterparty are personal: sealed under the service's bank key, not a person's.
bank_entries = Table(
    "bank_entries",
    metadata,
    identifier(primary_key=True),
    Column("bank_statement_id", String(32), ForeignKey("bank_statements.id"), nullable=False, index=True),
    Column("entry_reference", String(40), nullable=False),  # the bank's own, the same in every file
    Column("entry_key", String(120), nullable=False, unique=True),  # iban, reference, line of a batch
    Column("direction", String(4), nullable=False),  # CRDT | DBIT
    cents("amount_cents", nullable=False),
    Column("booked_on", String(10), nullable=False),  # ISO date
    Column("end_to_end_id", String(40), nullable=True),
    Column("return_reason", String(40), nullable=True),  # a returned transfer: the bank's code (AC04 ...)
    Column("structured_reference", String(40), nullable=True),
    Column("sealed_details", LargeBinary, nullable=True),
    Column("state", String(16), nullable=False),
    Column("resolved_by", String(32), nullable=True),
    Column("resolution", String(200), nullable=True),
    state_check("state", ENTRY_STATES),
    state_check("direction", ("CRDT", "DBIT")),
    CheckConstraint("amount_cents > 0", name="amount_positive"),
    Index("ix_bank_entries_state", "state"),
    Index("ix_bank_entries_entry_reference", "entry_reference"),
)

topups = Table(
    "topups",
    metadata,
    identifier(primary_key=True),
    Column("bank_entry_id", String(32), ForeignKey("bank_entries.id"), nullable=False, unique=True),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, index=True),
    cents("amount_cents", nullable=False),
    word("mint_ref", nullable=False, unique=True),  # derived from the bank's entry key: one credit, one mint
    Column("state", String(16), nullable=False),
    Column("held_reason", String(60), nullable=True),
    Column("attempts", Integer, nullable=False, server_default=text("0")),  # mint commands queued so far
    moment("retry_at_unix_ms", nullable=True),  # when a held top-up is looked at again
    word("redemption_ref", nullable=True),  # set when these euros are a paid redemption sent back by the bank
    moment("matched_at_unix_ms", nullable=False),
    moment("credited_at_unix_ms", nullable=True),
    Column("final_block", BigInteger, nullable=True),  # the block that minted it
    state_check("state", TOPUP_STATES),
    CheckConstraint("amount_cents > 0", name="amount_positive"),
    Index("ix_topups_state", "state"),
)

attestations = Table(
    "attestations",
    metadata,
    identifier(primary_key=True),
    Column("bank_statement_id", String(32), ForeignKey("bank_statements.id"), nullable=False, unique=True),
    cents("amount_cents", nullable=False),
    moment("as_of_unix_s", nullable=False),
    word("statement_hash", nullable=False),
    moment("created_at_unix_ms", nullable=False),
    moment("attested_at_unix_s", nullable=True),  # the time of its block; null until final
    Column("final_block", BigInteger, nullable=True),
    Column("failure", String(200), nullable=True),
)

payout_files = Table(
    "payout_files",
    metadata,
    identifier(primary_key=True),
    Column("message_id", String(35), nullable=False, unique=True),
    Column("file_name", String(120), nullable=False),
    Column("sealed_content", LargeBinary, nullable=False),
    cents("total_cents", nullable=False),
    Column("state", String(16), nullable=False),
    Column("prepared_by", String(32), nullable=False),
    Column("approved_by", String(32), nullable=True),
    moment("prepared_at_unix_ms", nullable=False),
    moment("approved_at_unix_ms", nullable=True),
    moment("written_at_unix_ms", nullable=True),  # in the bank's outbox
    state_check("state", PAYOUT_FILE_STATES),
)

#: What a payee hash is keyed with, so that nobody can guess a bank account from the chain. Sealed under the
#: person's key: erasing the person makes the hash meaningless.
payee_secrets = Table(
    "payee_secrets",
    metadata,
    Column("member_id", String(32), ForeignKey("members.id"), primary_key=True),
    Column("sealed_secret", LargeBinary, nullable=False),
    moment("created_at_unix_ms", nullable=False),
)

redemptions = Table(
    "redemptions",
    metadata,
    word("ref", primary_key=True),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, index=True),
    cents("amount_cents", nullable=False),
    cents("fee_cents", nullable=False),
    Column("sealed_iban", LargeBinary, nullable=False),
    word("payee_hash", nullable=False),
    Column("nonce", String(78), nullable=False),
    moment("valid_before_unix_s", nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    Column("end_to_end_id", String(35), nullable=False, unique=True),
    Column("payout_file_id", String(32), ForeignKey("payout_files.id"), nullable=True),
    Column("bank_entry_id", String(32), ForeignKey("bank_entries.id"), nullable=True),  # its debit
    Column("return_entry_id", String(32), ForeignKey("bank_entries.id"), nullable=True),  # sent back
    Column("return_reason", String(40), nullable=True),
    Column("refusal_code", String(60), nullable=True),
    moment("requested_at_unix_ms", nullable=False),
    moment("locked_at_unix_ms", nullable=True),
    moment("closed_at_unix_ms", nullable=True),
    Column("locked_block", BigInteger, nullable=True),
    Column("final_block", BigInteger, nullable=True),  # the block that burned the units or gave them back
    state_check("state", REDEMPTION_STATES),
    CheckConstraint("amount_cents > fee_cents AND fee_cents >= 0", name="fee_below_amount"),
    Index("ix_redemptions_state", "state"),
)
