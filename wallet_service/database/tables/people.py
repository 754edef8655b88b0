"""Between people: who knows whom, and who asks whom for money or wants to send some.

Messages, words and addresses of people are sealed. Money is never here: a part of an ask is paid by a row of
`payments` that names it.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
)

from wallet_service.database.tables.base import cents, identifier, metadata, moment, state_check, word

ASK_KINDS = ("ask", "send")
PART_WAYS = ("member", "link", "address")
#: The transitions live in asks/states.py. Confirming and paid are the payment's, not the part's.
PART_STATES = ("waiting", "open", "declined", "cancelled", "expired")

#: What a person shows to be paid by others: in a QR, in a link. Another one makes the old one worthless.
payee_codes = Table(
    "payee_codes",
    metadata,
    Column("member_id", String(32), ForeignKey("members.id"), primary_key=True),
    Column("code", String(16), nullable=False, unique=True),  # opaque, upper-case base32
    moment("made_at_unix_ms", nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    identifier(primary_key=True),
    Column("owner_member_id", String(32), ForeignKey("members.id"), nullable=False),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False),
    Column("is_favourite", Boolean, nullable=False, server_default=false()),
    moment("created_at_unix_ms", nullable=False),
    UniqueConstraint("owner_member_id", "member_id"),
)

#: Whom a member does not want to hear of. The other is never told.
contact_blocks = Table(
    "contact_blocks",
    metadata,
    identifier(primary_key=True),
    Column("owner_member_id", String(32), ForeignKey("members.id"), nullable=False),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False),
    moment("created_at_unix_ms", nullable=False),
    UniqueConstraint("owner_member_id", "member_id"),
)

#: What members let themselves spend; 0 is no cap. A higher one waits in the columns of `next`.
own_caps = Table(
    "own_caps",
    metadata,
    Column("member_id", String(32), ForeignKey("members.id"), primary_key=True),
    cents("per_payment_cents", nullable=False),
    cents("per_day_cents", nullable=False),
    cents("per_30_days_cents", nullable=False),
    cents("next_per_payment_cents", nullable=False),
    cents("next_per_day_cents", nullable=False),
    cents("next_per_30_days_cents", nullable=False),
    moment("next_from_unix_ms", nullable=True),
)

asks = Table(
    "asks",
    metadata,
    identifier(primary_key=True),
    word("client_reference", nullable=False, unique=True),  # made by the phone before its first attempt
    Column("kind", String(8), nullable=False),
    Column("creator_member_id", String(32), ForeignKey("members.id"), nullable=False),
    Column("sealed_message", LargeBinary, nullable=True),  # under the creator's own key
    moment("created_at_unix_ms", nullable=False),
    moment("expires_at_unix_ms", nullable=False),
    state_check("kind", ASK_KINDS),
    Index("ix_asks_creator_member_id_created_at_unix_ms", "creator_member_id", "created_at_unix_ms"),
    Index("ix_asks_expires_at_unix_ms", "expires_at_unix_ms"),
)

ask_parts = Table(
    "ask_parts",
    metadata,
    identifier(primary_key=True),  # opaque: what a link carries
    Column("ask_id", String(32), ForeignKey("asks.id"), nullable=False, index=True),
    Column("way", String(8), nullable=False),
    Column("payer_member_id", String(32), ForeignKey("members.id"), nullable=True),  # null: whoever opens it
    Column("payee_member_id", String(32), ForeignKey("members.id"), nullable=True),  # null: not claimed yet
    cents("amount_cents", nullable=False),
    Column("state", String(16), nullable=False),
    Column("sealed_address", LargeBinary, nullable=True),  # under the creator's own key, while it waits
    Column("address_mark", String(64), nullable=True),  # finds the same address again, while it waits
    moment("mailed_at_unix_ms", nullable=True),
    Column("sealed_word", LargeBinary, nullable=True),  # of who declined, under their own key
    moment("decided_at_unix_ms", nullable=True),
    state_check("way", PART_WAYS),
    state_check("state", PART_STATES),
    CheckConstraint("amount_cents > 0", name="amount_positive"),
    CheckConstraint(
        "payer_member_id IS NULL OR payee_member_id IS NULL OR payer_member_id <> payee_member_id",
        name="not_oneself",
    ),
    Index("ix_ask_parts_payer_member_id_state", "payer_member_id", "state"),
    Index("ix_ask_parts_payee_member_id_state", "payee_member_id", "state"),
    Index("ix_ask_parts_address_mark", "address_mark"),
)
