"""Payout files and their lines as the console and other services see them. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wallet_service.bank.pain001 import Debtor, FileTerms

#: What verification of payee says that a person must decide about: close match, no match (EPC218-23).
MISMATCHES = frozenset({"CMTC", "NMTC"})


@dataclass(frozen=True)
class PayoutTerms:
    """From the settings: who pays, how the bank wants its files, and the folders it takes them from.

    `checks`: of files whose names it is to check only, apart from those it executes.
    """

    debtor: Debtor
    file: FileTerms
    outbox: Path
    checks: Path


@dataclass(frozen=True)
class PayoutLine:
    """One transfer a file holds or held, without the account it goes to.

    Attributes:
        state: the redemption's.
        out_reason: why it is in the file no more, None while it is.
        bank_status, bank_reason: the bank's last word on it (ISO 20022 codes).
        payee_match: verification of payee, None when the bank has said nothing.
        payee_name: the holder as the bank knows it, "" when it does not say.
        holder: the holder's name as the file says it, "" when it does not open.
        accepted_by: the officer who lets it go in spite of its match.
    """

    redemption_ref: str
    member_id: str
    public_name: str | None
    net_cents: int
    state: str
    out_reason: str | None
    bank_status: str | None
    bank_reason: str | None
    payee_match: str | None
    payee_name: str
    holder: str
    accepted_by: str | None

    @property
    def waits_for_decision(self) -> bool:
        """The bank says that the account is another person's, and nobody has decided yet."""
        return self.out_reason is None and self.accepted_by is None and self.payee_match in MISMATCHES


@dataclass(frozen=True)
class PayoutFile:
    """A payout file as the console sees it. `state`: prepared, approved, cancelled, rejected.

    `bank_status` is the bank's last word on the whole of it; `is_withheld`: an officer wants it cancelled,
    and it stays out of the bank's reach until another decides. `checks_asked`: how often the bank was asked
    to check its names before it was signed, the last time at `check_asked_at_unix_ms`.
    """

    id: str
    message_id: str
    file_name: str
    total_cents: int
    state: str
    prepared_by: str
    approved_by: str | None
    prepared_at_unix_ms: int
    approved_at_unix_ms: int | None
    written_at_unix_ms: int | None
    bank_status: str | None
    bank_reason: str | None
    is_withheld: bool
    checks_asked: int
    check_asked_at_unix_ms: int | None
    lines: tuple[PayoutLine, ...]

    @property
    def transfers(self) -> tuple[PayoutLine, ...]:
        """The lines it still holds."""
        return tuple(line for line in self.lines if line.out_reason is None)

    @property
    def waits_for_decision(self) -> bool:
        return any(line.waits_for_decision for line in self.lines)

    @property
    def name_acceptors(self) -> frozenset[str]:
        """Those who let a transfer in it go under a name the bank does not know: none of them signs."""
        return frozenset(
            line.accepted_by
            for line in self.transfers
            if line.accepted_by is not None and line.payee_match in MISMATCHES
        )

    @property
    def checked(self) -> int:
        """Of its transfers, those about whose payee's name the bank has said something."""
        return sum(line.payee_match is not None for line in self.transfers)

    @property
    def may_be_withheld(self) -> bool:
        """Signed, and the bank has said nothing: whether it has the file only the folder knows."""
        is_unheard = all(line.state == "exported" for line in self.transfers)
        return self.state == "approved" and not self.is_withheld and self.bank_status is None and is_unheard


@dataclass(frozen=True)
class UnplacedAnswer:
    """What the bank said of a file or a transfer that is not ours, or contradicts what it had booked."""

    id: str
    message_id: str
    named: str
    status: str
    reason: str
    received_at_unix_ms: int
