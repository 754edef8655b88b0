"""What the auditor finds, as plain data. Pure. Amounts are integer cents, times unix milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Code(StrEnum):
    """Stable: log lines, metrics and alarms name them. `chain.*` are the findings of chain.causes."""

    BALANCE = "audit.balance_not_its_postings"
    SUM = "audit.balances_not_zero_sum"
    MINTS = "audit.mints_not_credits"
    JOURNAL_BROKEN = "audit.journal_broken"
    JOURNAL_CUT = "audit.journal_cut"
    ANCHOR_MISSING = "audit.anchor_missing"
    ANCHOR_LATE = "audit.anchor_late"
    CHAIN_MINT = "audit.chain.mint"
    CHAIN_TRANSACTION = "audit.chain.transaction"
    CHAIN_NONCE = "audit.chain.nonce"
    CHAIN_SUPPLY = "audit.chain.supply"
    CHAIN_RESERVE = "audit.chain.reserve"
    CHAIN_BALANCE = "audit.chain.balance"


@dataclass(frozen=True, slots=True)
class Finding:
    """`difference_cents` is what SQL says minus what it should say; None where no amount disagrees."""

    code: Code
    subject: str = ""
    difference_cents: int | None = field(default=None, compare=False)
    detail: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """A finding as recorded: since when it stands, as the service's clock says."""

    finding: Finding
    since_unix_ms: int


@dataclass(frozen=True, slots=True)
class AnchoredHead:
    """The journal's last entry as a transaction on chain has kept it."""

    entry_id: int
    entry_hash: str
