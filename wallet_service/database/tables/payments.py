"""Sales at a till, signed payments on their way through accept, settle and project, and refund requests."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    text,
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

SALE_STATES = ("open", "accepted", "paid", "expired", "cancelled")
#: The transitions live in payments/states.py. "settling" is shown to people as "confirming".
PAYMENT_STATES = ("accepted", "settling", "paid", "refused")
PAYMENT_PURPOSES = ("sale", "person", "refund")
REFUND_REQUEST_STATES = ("requested", "accepted", "paid", "refused")

sales = Table(
    "sales",
    metadata,
    Column("id", String(16), primary_key=True),  # opaque, upper-case base32: it is what the QR carries
    Column("till_id", String(32), ForeignKey("tills.id"), nullable=False),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False),
    word("client_reference", nullable=False, unique=True),  # made by the till before its first attempt
    Column("short_code", String(8), nullable=False),
    Column("cashier_id", String(32), ForeignKey("cashiers.id"), nullable=True),  # who was at the till
    cents("amount_cents", nullable=False),
    cents("tip_cents", nullable=False, server_default=text("0")),  # of amount_cents: what is paid is one sum
    Column("label", String(80), nullable=True),
    Column("state", String(16), nullable=False),
    word("payment_ref", nullable=True),
    moment("created_at_unix_ms", nullable=False),
    moment("expires_at_unix_ms", nullable=False),
    moment("accepted_at_unix_ms", nullable=True),
    moment("paid_at_unix_ms", nullable=True),
    state_check("state", SALE_STATES),
    CheckConstraint("amount_cents > 0", name="amount_positive"),
    CheckConstraint("tip_cents >= 0 AND tip_cents < amount_cents", name="tip_within_amount"),
    Index("ix_sales_till_id_created_at_unix_ms", "till_id", "created_at_unix_ms"),
    Index("ix_sales_member_id_created_at_unix_ms", "member_id", "created_at_unix_ms"),
    # Six digits are few: a code belongs to one living sale at a time, and is free again afterwards.
    Index(
        "uq_sales_living_short_code",
        "short_code",
        unique=True,
        sqlite_where=text("state IN ('open', 'accepted')"),
        postgresql_where=text("state IN ('open', 'accepted')"),
    ),
    Index("ix_sales_state_expires_at_unix_ms", "state", "expires_at_unix_ms"),
)

payments = Table(
    "payments",
    metadata,
    word("ref", primary_key=True),  # made by the payer's device before its first attempt
    Column("sequence", BigInteger, nullable=False, unique=True),  # order of acceptance
    Column("purpose", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("payer_member_id", String(32), ForeignKey("members.id"), nullable=False),
    Column("payee_member_id", String(32), ForeignKey("members.id"), nullable=False),
    address("from_address", nullable=False),
    address("to_address", nullable=False),
    cents("amount_cents", nullable=False),
    Column("nonce", String(78), nullable=False),  # a uint256 in decimal
    Column("small_nonce", BigInteger, nullable=True),  # the same when below 2^40, to find the highest quickly
    moment("valid_before_unix_s", nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("sale_id", String(16), ForeignKey("sales.id"), nullable=True),
    word("refund_of_ref", nullable=True),
    Column("refund_request_id", String(32), ForeignKey("refund_requests.id"), nullable=True),
    Column("ask_part_id", String(32), ForeignKey("ask_parts.id"), nullable=True),
    Column("keyholder_id", String(32), ForeignKey("keyholders.id"), nullable=True),  # whose key signed it
    Column("chain_transaction_id", BigInteger, ForeignKey("chain_transactions.id"), nullable=True),
    Column("refusal_code", String(60), nullable=True),
    moment("accepted_at_unix_ms", nullable=False),
    moment("settling_at_unix_ms", nullable=True),
    moment("final_at_unix_ms", nullable=True),
    Column("final_block", BigInteger, nullable=True),
    state_check("state", PAYMENT_STATES),
    state_check("purpose", PAYMENT_PURPOSES),
    CheckConstraint("amount_cents > 0", name="amount_positive"),
    Index("uq_payments_from_address_nonce", "from_address", "nonce", unique=True),
    Index("ix_payments_from_address_small_nonce", "from_address", "small_nonce"),
    Index("ix_payments_state_sequence", "state", "sequence"),
    Index("ix_payments_final_block", "final_block"),
    Index("ix_payments_payer_member_id_accepted_at_unix_ms", "payer_member_id", "accepted_at_unix_ms"),
    Index("ix_payments_payee_member_id_accepted_at_unix_ms", "payee_member_id", "accepted_at_unix_ms"),
    Index("ix_payments_sale_id", "sale_id"),
    # One living payment per sale, whatever the code above believes.
    Index(
        "uq_payments_sale_id_living",
        "sale_id",
        unique=True,
        sqlite_where=text("purpose = 'sale' AND state <> 'refused'"),
        postgresql_where=text("purpose = 'sale' AND state <> 'refused'"),
    ),
    # And one for each part of an ask.
    Index(
        "uq_payments_ask_part_id_living",
        "ask_part_id",
        unique=True,
        sqlite_where=text("ask_part_id IS NOT NULL AND state <> 'refused'"),
        postgresql_where=text("ask_part_id IS NOT NULL AND state <> 'refused'"),
    ),
    Index("ix_payments_keyholder_id_accepted_at_unix_ms", "keyholder_id", "accepted_at_unix_ms"),
    Index("ix_payments_chain_transaction_id", "chain_transaction_id"),
    Index("ix_payments_refund_of_ref", "refund_of_ref"),
)

refund_requests = Table(
    "refund_requests",
    metadata,
    identifier(primary_key=True),
    word("client_reference", nullable=False, unique=True),
    Column("sale_id", String(16), ForeignKey("sales.id"), nullable=False, index=True),
    Column("till_id", String(32), ForeignKey("tills.id"), nullable=False),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False),
    cents("amount_cents", nullable=False),
    Column("state", String(16), nullable=False),
    word("payment_ref", nullable=True),
    Column("refusal_code", String(60), nullable=True),
    moment("requested_at_unix_ms", nullable=False),
    moment("decided_at_unix_ms", nullable=True),
    state_check("state", REFUND_REQUEST_STATES),
    CheckConstraint("amount_cents > 0", name="amount_positive"),
    Index("ix_refund_requests_member_id_state", "member_id", "state"),
    Index("ix_refund_requests_payment_ref", "payment_ref"),
    Index("ix_refund_requests_till_id_requested_at_unix_ms", "till_id", "requested_at_unix_ms"),
)
