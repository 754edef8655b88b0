"""A reversal and what came back for it. Frozen data, amounts in cents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wallet_service.forced_transfers.models import ForcedTransfer


class ReversalState(StrEnum):
    """open: units stand without euros. The others say how it ended.

    clawed_back: the member gave the units back by signed payments. forced: a transfer by order took the last
    of them. loss: a named reserve bears what is missing. mistaken: the bank credited the euros again.
    not_minted: no unit had been made for these euros, and none is.
    """

    OPEN = "open"
    CLAWED_BACK = "clawed_back"
    FORCED = "forced"
    LOSS = "loss"
    MISTAKEN = "mistaken"
    NOT_MINTED = "not_minted"


class RecoveryKind(StrEnum):
    """How units left the member."""

    PAYMENT = "payment"
    FORCED = "forced"


@dataclass(frozen=True, slots=True)
class Reversal:
    """One credit the bank took back.

    Attributes:
        bank_entry_id: the debit that took it back.
        gap_cents: what the member no longer held at that moment.
        recovered_cents: what has come back since, from final blocks.
        reason: the bank's code, when it gave one.
        freeze_id: the freeze it asked for; None when it needs none, or the member was frozen already, or
            cannot be.
    """

    id: str
    bank_entry_id: str
    topup_id: str
    member_id: str
    account_address: str
    amount_cents: int
    gap_cents: int
    recovered_cents: int
    reason: str | None
    state: ReversalState
    freeze_id: str | None
    noted_at_unix_ms: int
    pay_back_allowed_by: str | None
    pay_back_allowed_at_unix_ms: int | None
    decided_by: str | None
    ground: str | None
    decided_at_unix_ms: int | None
    loss_account: str | None
    lost_cents: int | None
    recredit_entry_id: str | None

    @property
    def missing_cents(self) -> int:
        """What has not come back."""
        return self.amount_cents - self.recovered_cents


@dataclass(frozen=True, slots=True)
class Recovery:
    """Units that left the member for a reversal."""

    kind: RecoveryKind
    ref: str
    amount_cents: int
    at_unix_ms: int


@dataclass(frozen=True, slots=True)
class ReversedTopup:
    """The top-up a debit takes back, as far as a decision needs it."""

    id: str
    member_id: str
    account_address: str
    amount_cents: int
    booked_on: str


@dataclass(frozen=True, slots=True)
class Recredit:
    """A credit of the same amount that nothing matched: it may be the bank's correction."""

    entry_id: str
    amount_cents: int
    booked_on: str


@dataclass(frozen=True, slots=True)
class ReversalCase:
    """A reversal with all an officer needs to settle it.

    `holds_cents`: what the member can spend now. `is_sending_stopped`: the member owes so much that all
    sending stops; else that much is held back.
    """

    reversal: Reversal
    holds_cents: int
    recoveries: tuple[Recovery, ...]
    forced: tuple[ForcedTransfer, ...]
    recredits: tuple[Recredit, ...]
    asked: frozenset[str]  # the acts that wait for a second officer
    has_returns_account: bool
    is_sending_stopped: bool


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Units that stand without euros because of reversals, and what was done about them. Cents.

    Attributes:
        open_cents: of open reversals, what has not come back.
        lost_cents: booked as loss; the named reserves owe it to the reserve account.
        given_back_cents: given back to the returns account, counted as supply until it is burned.
    """

    open_count: int
    open_cents: int
    losses: tuple[tuple[str, int], ...]
    given_back_cents: int

    @property
    def lost_cents(self) -> int:
        return sum(amount for _, amount in self.losses)
