"""A contested payment, what is held for it and where, what came back. Frozen data, amounts in cents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DisputeState(StrEnum):
    """open: held, and an officer is to decide. upheld: it is to go back, held until then.

    returned: all of it is back with the payer. ended: upheld, and no more than came back can be had.
    dismissed: the payee keeps it. withdrawn: the payer contests it no longer.
    """

    OPEN = "open"
    UPHELD = "upheld"
    RETURNED = "returned"
    ENDED = "ended"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class DisputeReason(StrEnum):
    """Why the payer contests it, as they chose among plain sentences."""

    NOT_ME = "not_me"
    NOT_RECEIVED = "not_received"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_PAYEE = "wrong_payee"
    PAID_TWICE = "paid_twice"
    DECEIVED = "deceived"


class DisputeRole(StrEnum):
    """What a member is to a dispute. holder: disputed money was passed on to them."""

    PAYER = "payer"
    PAYEE = "payee"
    HOLDER = "holder"


class ReturnKind(StrEnum):
    """How units came back to the payer: signed by the payee, or taken by order."""

    PAYMENT = "payment"
    FORCED = "forced"


@dataclass(frozen=True, slots=True)
class ContestedPayment:
    """What must be known of a payment to say whether it may be contested.

    `given_back_cents`: refunds of it that are paid or on their way. `is_settlable`: both accounts are open.
    """

    ref: str
    payer_member_id: str
    payee_member_id: str
    amount_cents: int
    given_back_cents: int
    is_paid: bool
    is_refund: bool
    paid_at_unix_ms: int
    is_settlable: bool = True

    @property
    def contestable_cents(self) -> int:
        return self.amount_cents - self.given_back_cents


@dataclass(frozen=True, slots=True)
class OwnDisputes:
    """How many a member has: open or upheld now, opened in the last day, dismissed in the last year."""

    open: int
    today: int
    dismissed_lately: int


@dataclass(frozen=True, slots=True)
class Holder:
    """A member's account on which something may be held."""

    member_id: str
    account_address: str


@dataclass(frozen=True, slots=True)
class Passed:
    """Money that left an account: to whom, how much, and where in the ledger (block, index in it)."""

    to: Holder
    amount_cents: int
    position: tuple[int, int]


@dataclass(frozen=True, slots=True)
class PlannedHold:
    """So much is to be held there; `hop` 0 is the payee."""

    place: Holder
    hop: int
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Hold:
    """`amount_cents` as first held, `left_cents` what is held of it now."""

    id: str
    dispute_id: str
    member_id: str
    account_address: str
    hop: int
    amount_cents: int
    left_cents: int
    released_at_unix_ms: int | None


@dataclass(frozen=True, slots=True)
class Return:
    """Units that came back; `hold_id` where they were taken from by order."""

    kind: ReturnKind
    ref: str
    hold_id: str | None
    amount_cents: int
    at_unix_ms: int


@dataclass(frozen=True, slots=True)
class Dispute:
    """One contested payment. `returned_cents`: what has come back since, from final blocks."""

    id: str
    payment_ref: str
    payer_member_id: str
    payee_member_id: str
    payer_address: str
    payee_address: str
    amount_cents: int
    returned_cents: int
    reason: DisputeReason
    state: DisputeState
    opened_at_unix_ms: int
    decide_by_unix_ms: int
    answered_at_unix_ms: int | None
    agrees: bool | None
    upheld_at_unix_ms: int | None
    decided_by: str | None
    ground: str | None
    closed_at_unix_ms: int | None

    @property
    def missing_cents(self) -> int:
        """What has not come back."""
        return self.amount_cents - self.returned_cents

    def is_late(self, now_unix_ms: int) -> bool:
        """No officer has decided in time."""
        return self.state is DisputeState.OPEN and now_unix_ms >= self.decide_by_unix_ms
