"""Contested payments: what each is about, what is held for it and where, what came back, what the sides show.

`account_holds` is what all of them hold on one account, as one figure: the ledger knows no other.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from wallet_service.database.tables.base import (
    address,
    cents,
    identifier,
    metadata,
    moment,
    state_check,
    word,
)

#: The transitions live in disputes/decisions.py.
DISPUTE_STATES = ("open", "upheld", "returned", "ended", "dismissed", "withdrawn")
DISPUTE_REASONS = ("not_me", "not_received", "wrong_amount", "wrong_payee", "paid_twice", "deceived")
RETURN_KINDS = ("payment", "forced")

disputes = Table(
    "disputes",
    metadata,
    identifier(primary_key=True),
    word("payment_ref", ForeignKey("payments.ref"), nullable=False, unique=True),
    Column("payer_member_id", String(32), ForeignKey("members.id"), nullable=False),
    Column("payee_member_id", String(32), ForeignKey("members.id"), nullable=False),
    address("payer_address", nullable=False),
    address("payee_address", nullable=False),
    cents("amount_cents", nullable=False),
    Column("reason", String(16), nullable=False),
    Column("sealed_words", LargeBinary, nullable=True),  # the payer's, under their own key
    Column("state", String(16), nullable=False),
    moment("opened_at_unix_ms", nullable=False),
    moment("decide_by_unix_ms", nullable=False),
    Column("sealed_answer", LargeBinary, nullable=True),  # the payee's, under their own key
    Column("agrees", Boolean, nullable=True),  # the payee says that it is to go back
    moment("answered_at_unix_ms", nullable=True),
    moment("upheld_at_unix_ms", nullable=True),
    Column("decided_by", String(32), nullable=True),  # the officer; null while none has decided
    Column("ground", String(300), nullable=True),
    moment("closed_at_unix_ms", nullable=True),
    state_check("state", DISPUTE_STATES),
    state_check("reason", DISPUTE_REASONS),
    CheckConstraint("amount_cents > 0", name="amount_positive"),
    CheckConstraint("payer_member_id <> payee_member_id", name="not_oneself"),
    CheckConstraint(
        "(state IN ('open', 'upheld')) = (closed_at_unix_ms IS NULL)",
        name="closed_when_over",
    ),
    CheckConstraint(
        "state NOT IN ('upheld', 'ended', 'dismissed') OR (decided_by IS NOT NULL AND ground IS NOT NULL)",
        name="an_officer_decided",
    ),
    CheckConstraint("(answered_at_unix_ms IS NULL) = (agrees IS NULL)", name="answered_whole"),
    Index("ix_disputes_payer_member_id_opened_at_unix_ms", "payer_member_id", "opened_at_unix_ms"),
    Index("ix_disputes_payee_member_id_state", "payee_member_id", "state"),
    Index("ix_disputes_state_decide_by_unix_ms", "state", "decide_by_unix_ms"),
)

#: `amount_cents` as first held, `left_cents` what is held of it now.
dispute_holds = Table(
    "dispute_holds",
    metadata,
    identifier(primary_key=True),
    Column("dispute_id", String(32), ForeignKey("disputes.id"), nullable=False),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False),
    address("account_address", nullable=False),
    Column("hop", Integer, nullable=False),  # 0 the payee, 1 whom they passed it on to
    cents("amount_cents", nullable=False),
    cents("left_cents", nullable=False),
    moment("released_at_unix_ms", nullable=True),  # an officer let it go before the end
    UniqueConstraint("dispute_id", "account_address"),
    CheckConstraint("amount_cents > 0", name="amount_positive"),
    CheckConstraint("left_cents BETWEEN 0 AND amount_cents", name="left_within_amount"),
    Index("ix_dispute_holds_member_id", "member_id"),
    Index("ix_dispute_holds_account_address", "account_address"),
)

#: What all disputes hold on an account together, and what the ledger was told of it, and said.
account_holds = Table(
    "account_holds",
    metadata,
    address("account_address", primary_key=True),
    cents("wanted_cents", nullable=False),
    Column("asked", Integer, nullable=False),  # how often the ledger was told: what makes each command one
    cents("seen_cents", nullable=True),
    Column("seen_block", BigInteger, nullable=True),
    Column("failure", String(60), nullable=True),
    CheckConstraint("wanted_cents >= 0", name="wanted_not_negative"),
    Index("ix_account_holds_seen_block", "seen_block"),
)

#: Units that came back to the payer, each from a final event.
dispute_returns = Table(
    "dispute_returns",
    metadata,
    identifier(primary_key=True),
    Column("dispute_id", String(32), ForeignKey("disputes.id"), nullable=False),
    Column("hold_id", String(32), ForeignKey("dispute_holds.id"), nullable=True),  # taken from there by order
    Column("kind", String(16), nullable=False),
    word("ref", nullable=False),  # the payment's reference, or the order's ground hash
    cents("amount_cents", nullable=False),
    moment("at_unix_ms", nullable=False),
    Column("final_block", BigInteger, nullable=False),
    UniqueConstraint("dispute_id", "ref"),
    state_check("kind", RETURN_KINDS),
    CheckConstraint("amount_cents > 0", name="amount_positive"),
    CheckConstraint("(kind = 'forced') = (hold_id IS NOT NULL)", name="taken_from_a_hold"),
    Index("ix_dispute_returns_ref", "ref"),
    Index("ix_dispute_returns_final_block", "final_block"),
)

#: What payer and payee show for their side. Sealed under the key of who shows it.
dispute_documents = Table(
    "dispute_documents",
    metadata,
    identifier(primary_key=True),
    Column("dispute_id", String(32), ForeignKey("disputes.id"), nullable=False, index=True),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sealed_content", LargeBinary, nullable=False),
    moment("uploaded_at_unix_ms", nullable=False),
    Index("ix_dispute_documents_member_id", "member_id"),
)
