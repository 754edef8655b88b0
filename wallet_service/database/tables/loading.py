"""Loading as a habit: the standing orders that are expected, the balances members want to be told of."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String, Table

from wallet_service.database.tables.base import cents, metadata, moment, state_check

#: followed -> ended by the member; followed again when declared, or when its rhythm is seen anew.
STANDING_ORDER_STATES = ("followed", "ended")
STANDING_ORDER_SOURCES = ("declared", "recognised")

#: One a member. The bank carries it out; this is only what to expect.
standing_orders = Table(
    "standing_orders",
    metadata,
    Column("member_id", String(32), ForeignKey("members.id"), primary_key=True),
    cents("amount_cents", nullable=False),
    Column("day_of_month", Integer, nullable=False),
    Column("source", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("since_on", String(10), nullable=False),  # ISO date: what was due until then is not expected
    Column("missed_on", String(10), nullable=True),  # ISO date: the one the member was last told is missing
    moment("changed_at_unix_ms", nullable=False),
    state_check("source", STANDING_ORDER_SOURCES),
    state_check("state", STANDING_ORDER_STATES),
    CheckConstraint("amount_cents > 0", name="amount_positive"),
    CheckConstraint("day_of_month BETWEEN 1 AND 31", name="day_in_month"),
)

#: Below which balance a member wants to be offered to load.
low_balance_notices = Table(
    "low_balance_notices",
    metadata,
    Column("member_id", String(32), ForeignKey("members.id"), primary_key=True),
    cents("below_cents", nullable=False),
    moment("changed_at_unix_ms", nullable=False),
    CheckConstraint("below_cents > 0", name="below_positive"),
)
