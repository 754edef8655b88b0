"""Whom members let pay with their account: invitations, keys, limits, ends. Names are sealed."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, LargeBinary, String, Table

from wallet_service.database.tables.base import address, cents, identifier, metadata, moment, state_check

KEYHOLDER_KINDS = ("child", "helper", "joint")
#: The transitions live in keyholders/decisions.py.
KEYHOLDER_STATES = ("invited", "joined", "adding", "active", "ended")
KEYHOLDER_ENDS = ("holder", "self", "time", "recovery", "closing", "ledger")

keyholders = Table(
    "keyholders",
    metadata,
    identifier(primary_key=True),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, index=True),
    Column("kind", String(8), nullable=False),
    Column("state", String(8), nullable=False),
    Column("sealed_name", LargeBinary, nullable=True),  # as the holder calls them, under the holder's own key
    cents("per_payment_cents", nullable=False),  # 0: no such limit, as on the ledger
    cents("per_day_cents", nullable=False),
    Column("expires_at_unix_s", BigInteger, nullable=False),
    Column("invitation", String(64), nullable=False, unique=True),  # SHA-256 of a code of the two phones
    Column("old_public_key", String(130), nullable=False),
    Column("public_key", String(130), nullable=True),
    address("signer_address", nullable=True, unique=True),  # once the holder has said yes to the key
    Column("device_id", String(32), nullable=True),  # a joint holder's key is a device of the account
    Column("label", String(60), nullable=False),
    moment("invitation_ends_at_unix_ms", nullable=False),
    moment("created_at_unix_ms", nullable=False),
    moment("added_at_unix_ms", nullable=True),
    Column("added_block", BigInteger, nullable=True),
    moment("ended_at_unix_ms", nullable=True),
    Column("ended_block", BigInteger, nullable=True),  # where the ledger's word ended it
    Column("ended_by", String(8), nullable=True),
    # The last payment refused for a limit that its holder was told of.
    moment("refused_at_unix_ms", nullable=True),
    Column("refused_code", String(60), nullable=True),
    cents("refused_cents", nullable=True),
    state_check("kind", KEYHOLDER_KINDS),
    state_check("state", KEYHOLDER_STATES),
    CheckConstraint("(state = 'ended') = (ended_by IS NOT NULL)", name="ended_by_somebody"),
    CheckConstraint("state IN ('invited', 'joined') OR public_key IS NOT NULL", name="key_before_the_ledger"),
    CheckConstraint(
        "kind <> 'joint' OR (per_payment_cents = 0 AND per_day_cents = 0 AND expires_at_unix_s = 0)",
        name="joint_without_limits",
    ),
    Index("ix_keyholders_state_expires_at_unix_s", "state", "expires_at_unix_s"),
)
