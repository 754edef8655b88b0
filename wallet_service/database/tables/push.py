"""What is told: events pushed to open pages, kept for replay, and notices for who has no page open.

Opaque ids and amounts only, no names. Addresses are sealed; a notice says of what kind something happened,
never what.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from wallet_service.database.tables.base import RowNumber, identifier, metadata, moment, state_check

RECIPIENT_KINDS = ("member", "officer")
NOTICE_KINDS = (
    "money",
    "asked",
    "sale",
    "refund_asked",
    "dispute",
    "keyholder",
    "bank",
    "security",
    "waiting",
)

push_events = Table(
    "push_events",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("topic", String(48), nullable=False),  # member:<id> | till:<id> | console | public
    Column("kind", String(32), nullable=False),
    Column("data", JSON, nullable=False),
    moment("created_at_unix_ms", nullable=False),
    Index("ix_push_events_topic_id", "topic", "id"),
    sqlite_autoincrement=True,
)

notices = Table(
    "notices",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("event_id", BigInteger, nullable=True),  # of push_events, when it was told there first
    Column("recipient_kind", String(8), nullable=False),
    Column("recipient_id", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    moment("created_at_unix_ms", nullable=False),
    moment("seen_at_unix_ms", nullable=True),  # a page of theirs was in front of them
    moment("due_at_unix_ms", nullable=True),  # when to send it next; null: nothing is left to send
    moment("mailed_at_unix_ms", nullable=True),
    Column("attempts", Integer, nullable=False),
    state_check("recipient_kind", RECIPIENT_KINDS),
    state_check("kind", NOTICE_KINDS),
    UniqueConstraint("event_id", "recipient_id"),
    Index("ix_notices_due_at_unix_ms", "due_at_unix_ms"),
    Index("ix_notices_recipient_id_seen_at_unix_ms", "recipient_id", "seen_at_unix_ms"),
    Index("ix_notices_created_at_unix_ms", "created_at_unix_ms"),
    sqlite_autoincrement=True,
)

#: Where a browser's push service takes notices for it. The address is the browser's, so it is sealed.
notice_endpoints = Table(
    "notice_endpoints",
    metadata,
    identifier(primary_key=True),
    Column("recipient_kind", String(8), nullable=False),
    Column("recipient_id", String(32), nullable=False, index=True),
    Column("mark", String(64), nullable=False, unique=True),  # finds the same address again
    Column("sealed_endpoint", LargeBinary, nullable=False),
    moment("created_at_unix_ms", nullable=False),
    state_check("recipient_kind", RECIPIENT_KINDS),
)

#: What somebody has chosen of a kind; without a row the kind's own default counts.
notice_choices = Table(
    "notice_choices",
    metadata,
    Column("recipient_kind", String(8), primary_key=True),
    Column("recipient_id", String(32), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("by_push", Boolean, nullable=False),
    Column("by_mail", Boolean, nullable=False),
    state_check("recipient_kind", RECIPIENT_KINDS),
    state_check("kind", NOTICE_KINDS),
)

#: Somebody's mail address: used once they have typed the code that was sent to it.
notice_mails = Table(
    "notice_mails",
    metadata,
    Column("recipient_kind", String(8), primary_key=True),
    Column("recipient_id", String(32), primary_key=True),
    Column("sealed_address", LargeBinary, nullable=False),
    Column("language", String(2), nullable=False),
    Column("code_hash", String(64), nullable=True),
    Column("tries_left", Integer, nullable=False),
    moment("code_expires_at_unix_ms", nullable=False),
    moment("confirmed_at_unix_ms", nullable=True),
    state_check("recipient_kind", RECIPIENT_KINDS),
)
