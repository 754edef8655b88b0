"""Accounts opened at a desk for people without a smartphone: what was seen, and the cards printed since."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table

from wallet_service.database.tables.base import metadata, moment, word

assisted_accounts = Table(
    "assisted_accounts",
    metadata,
    Column("member_id", String(32), ForeignKey("members.id"), primary_key=True),
    word("origin", nullable=True),  # whose hash the account's address is: no key was ever made for it
    Column("sealed_papers", LargeBinary, nullable=True),  # which paper, its last characters, a telephone
    moment("opened_at_unix_ms", nullable=False),
    Column("opened_by", String(32), nullable=False),
    moment("card_made_at_unix_ms", nullable=False),
    Column("card_made_by", String(32), nullable=False),
    Column("cards_count", Integer, nullable=False),
)
