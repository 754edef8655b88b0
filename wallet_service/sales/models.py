"""What a till asks for: sales and refund requests, frozen. Pure.

Amounts are cents, times say their unit in their name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from wallet_service.sales.states import RefundRequestState, SaleState


@dataclass(frozen=True, slots=True)
class Sale:
    id: str
    till_id: str
    member_id: str
    client_reference: str
    short_code: str
    amount_cents: int
    label: str | None
    state: SaleState
    payment_ref: str | None
    created_at_unix_ms: int
    expires_at_unix_ms: int
    accepted_at_unix_ms: int | None
    paid_at_unix_ms: int | None
    tip_cents: int = 0  # part of amount_cents
    cashier_id: str | None = None

    def state_at(self, now_unix_ms: int) -> SaleState:
        """The state people see: an open sale past its time is expired even before the sweep wrote it."""
        if self.state is SaleState.OPEN and now_unix_ms >= self.expires_at_unix_ms:
            return SaleState.EXPIRED
        return self.state


@dataclass(frozen=True, slots=True)
class SaleTerms:
    """What a till asks for: the same reference asks for the same, or is refused."""

    till_id: str
    member_id: str
    amount_cents: int
    tip_cents: int
    label: str | None

    @staticmethod
    def of(sale: Sale) -> SaleTerms:
        return SaleTerms(sale.till_id, sale.member_id, sale.amount_cents, sale.tip_cents, sale.label)


@dataclass(frozen=True, slots=True)
class CountedCents:
    """How many, and how much together."""

    count: int
    cents: int


@dataclass(frozen=True, slots=True)
class CashierSums:
    """What one cashier sold on a day; None: nobody was named at the till."""

    cashier_id: str | None
    sales: CountedCents
    tips_cents: int


@dataclass(frozen=True, slots=True)
class TillDay:
    """What one till took and gave back on one day of the region; `confirming` is in none of the other sums.

    `tips` are part of the sales, whatever was given back of them since.
    """

    day: date
    counted_at_unix_ms: int
    sales: CountedCents
    tips: CountedCents
    refunds: CountedCents
    confirming: CountedCents
    expired_count: int
    cancelled_count: int
    refused_count: int
    first_paid_at_unix_ms: int | None
    last_paid_at_unix_ms: int | None
    by_cashier: tuple[CashierSums, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicReceipt:
    """What a paid sale's receipt says to anybody who has its address: never who paid."""

    sale_id: str
    shop: str
    commune: str | None
    till: str | None
    amount_cents: int
    tip_cents: int
    label: str | None
    paid_at_unix_ms: int
    proof_code: str
    #: Cents given back and when, oldest first.
    refunds: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class OwnPayment:
    """A member's own payment of a sale, on its way or paid."""

    ref: str
    accepted_at_unix_ms: int


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """A till asks, the merchant's wallet signs (docs/decisions/0002)."""

    id: str
    client_reference: str
    sale_id: str
    till_id: str
    member_id: str
    amount_cents: int
    state: RefundRequestState
    payment_ref: str | None
    refusal_code: str | None
    requested_at_unix_ms: int
    decided_at_unix_ms: int | None
