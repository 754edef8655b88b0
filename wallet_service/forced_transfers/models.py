"""One transfer by order. Frozen data, amounts in cents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ForcedTransferState(StrEnum):
    """As the ledger says: see the table. executing: due, and its execution on the way."""

    ASKED = "asked"
    PROPOSED = "proposed"
    EXECUTING = "executing"
    EXECUTED = "executed"
    CANCELLED = "cancelled"
    FAILED = "failed"


class CaseKind(StrEnum):
    """What a transfer is ordered for: a credit the bank took back, or a contested payment."""

    REVERSAL = "reversal"
    DISPUTE = "dispute"


@dataclass(frozen=True, slots=True)
class Order:
    """So much from one account to another, for a case; `hold_id` where a dispute holds it."""

    case_id: str
    from_address: str
    to_address: str
    amount_cents: int
    hold_id: str | None = None


@dataclass(frozen=True, slots=True)
class ForcedTransfer:
    """An order as it was asked for, and what the ledger says of it.

    `number`: the ledger's own. `executions`: how often it was told to execute it.
    `failure`: its last refusal.
    """

    id: str
    case_id: str
    hold_id: str | None
    amount_cents: int
    ground: str
    ground_hash: str
    state: ForcedTransferState
    asked_by: str
    asked_at_unix_ms: int
    number: int | None
    executable_at_unix_s: int | None
    executions: int
    failure: str | None
