"""The journal, freezes with their grounds, acts that wait for a second officer, and days told to everybody.

The journal is chained by hashes.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
)

from wallet_service.database.tables.base import (
    RowNumber,
    address,
    identifier,
    metadata,
    moment,
    state_check,
    word,
)

APPROVAL_STATES = ("asked", "approved", "refused", "expired")
#: asked: queued for the chain; failed: the chain refused it, nobody is frozen by it.
FREEZE_STATES = ("asked", "active", "lifted", "expired", "failed")
#: As of freezes; at its end a suspension is over by itself, whatever its state.
SUSPENSION_STATES = ("asked", "active", "released", "failed")

journal = Table(
    "journal",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    moment("at_unix_ms", nullable=False),
    Column("actor_kind", String(16), nullable=False),  # officer | member | till | service
    Column("actor_id", String(32), nullable=True),
    Column(
        "act", String(48), nullable=False
    ),  # a stable code: member.frozen, identity.approved, payments.stopped ...
    Column("subject_kind", String(24), nullable=True),
    Column("subject_id", String(80), nullable=True),
    Column("ground", String(300), nullable=True),
    Column("details", JSON, nullable=False),
    word("previous_hash", nullable=False),
    word("hash", nullable=False, unique=True),
    Index("ix_journal_subject_kind_subject_id", "subject_kind", "subject_id"),
)

freezes = Table(
    "freezes",
    metadata,
    identifier(primary_key=True),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, index=True),
    Column("incoming", Boolean, nullable=False),
    Column("outgoing", Boolean, nullable=False),
    Column("ground", String(300), nullable=False),
    word("ground_salt", nullable=False),  # keeps the ground from being guessed out of its hash on chain
    word("ground_hash", nullable=False),
    moment("until_unix_s", nullable=False),
    Column("asked_by", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    moment("asked_at_unix_ms", nullable=False),
    Column("lifted_by", String(32), nullable=True),
    moment("lifted_at_unix_ms", nullable=True),
    Column("frozen_block", BigInteger, nullable=True),
    Column("lifted_block", BigInteger, nullable=True),
    Column("failure", String(200), nullable=True),
    state_check("state", FREEZE_STATES),
    Index("ix_freezes_state_until_unix_s", "state", "until_unix_s"),
    Index("ix_freezes_ground_hash", "ground_hash"),
)

#: A key of an account whose signatures count for nothing for a while, as asked and as the ledger said.
#: One that nobody asked for here (the officer's own key sent it) has no ground and nobody who asked.
key_suspensions = Table(
    "key_suspensions",
    metadata,
    identifier(primary_key=True),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, index=True),
    address("signer_address", nullable=False, index=True),
    Column("ground", String(300), nullable=True),
    word("ground_salt", nullable=True),
    word("ground_hash", nullable=False),
    moment("until_unix_s", nullable=False),
    Column("asked_by", String(32), nullable=True),
    Column("state", String(16), nullable=False),
    moment("asked_at_unix_ms", nullable=False),
    Column("released_by", String(32), nullable=True),
    moment("released_at_unix_ms", nullable=True),
    Column("suspended_block", BigInteger, nullable=True),
    Column("released_block", BigInteger, nullable=True),
    Column("failure", String(200), nullable=True),
    state_check("state", SUSPENSION_STATES),
    Index("ix_key_suspensions_ground_hash", "ground_hash"),
)

approvals = Table(
    "approvals",
    metadata,
    identifier(primary_key=True),
    Column("act", String(48), nullable=False),  # payments.resume | payout.approve ...
    Column("subject_id", String(80), nullable=True),
    Column("details", JSON, nullable=False),
    Column("ground", String(300), nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked_by", String(32), nullable=False),
    moment("asked_at_unix_ms", nullable=False),
    Column("decided_by", String(32), nullable=True),
    moment("decided_at_unix_ms", nullable=True),
    state_check("state", APPROVAL_STATES),
    Index("ix_approvals_state", "state"),
)

#: What the auditor found and still finds: `ended_at_unix_ms` is set when it does no more, or a person answers
#: for it.
audit_findings = Table(
    "audit_findings",
    metadata,
    Column("code", String(48), primary_key=True),
    Column("subject", String(80), primary_key=True),  # an account, an entry, a transaction; "" where only one
    Column("difference_cents", BigInteger, nullable=True),
    Column("detail", String(200), nullable=False),
    moment("since_unix_ms", nullable=False),
    moment("ended_at_unix_ms", nullable=True),
)

#: Published once: what is open cannot be taken back.
#: One row a day for the whole region (area "") and one for each département. Nulls: too few people.
published_days = Table(
    "published_days",
    metadata,
    Column("day", String(10), primary_key=True),  # ISO, the region's own days
    Column("area", String(3), primary_key=True),
    Column("supply_cents", BigInteger, nullable=True),  # of the region only, as the next two
    Column("reserve_cents", BigInteger, nullable=True),
    Column("members_count", Integer, nullable=True),
    Column("professionals_count", Integer, nullable=True),
    Column("payers_count", Integer, nullable=True),
    Column("payees_count", Integer, nullable=True),
    Column("payments_count", Integer, nullable=True),
    Column("volume_cents", BigInteger, nullable=True),
    moment("published_at_unix_ms", nullable=False),
    CheckConstraint("(payments_count IS NULL) = (volume_cents IS NULL)", name="counts_and_sums_together"),
)
