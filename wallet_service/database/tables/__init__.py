"""Every table, one module per subject. Importing this package fills `metadata`."""

from __future__ import annotations

from wallet_service.database.tables import (
    assisted,
    bank,
    chain,
    disputes,
    forced_transfers,
    identity,
    keyholders,
    loading,
    members,
    payments,
    people,
    push,
    quarantine,
    recoveries,
    reversals,
    supervision,
)
from wallet_service.database.tables.base import metadata

__all__ = [
    "assisted",
    "bank",
    "chain",
    "disputes",
    "forced_transfers",
    "identity",
    "keyholders",
    "loading",
    "members",
    "metadata",
    "payments",
    "people",
    "push",
    "quarantine",
    "recoveries",
    "reversals",
    "supervision",
]
