"""What is shown of a sale, a refund request and a payment, in an event and in an answer alike. Pure.

Owns these shapes and the words for states in them. Nobody's name is in them: names are only ever answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SaleStateWord = Literal["open", "accepted", "paid", "expired", "cancelled"]
RefundStateWord = Literal["requested", "accepted", "paid", "refused"]
#: What people are shown: a payment between acceptance and the chain's answer is one thing to them.
PaymentStateWord = Literal["confirming", "paid", "refused"]


@dataclass(frozen=True)
class ShownSale:
    """A sale without the names of those it concerns. Amounts in cents; `proof_code` once it has a payment.

    `tip_cents` is part of `amount_cents`.
    """

    id: str
    amount_cents: int
    tip_cents: int
    short_code: str
    state: SaleStateWord
    created_at_unix_ms: int
    expires_at_unix_ms: int
    accepted_at_unix_ms: int | None
    paid_at_unix_ms: int | None
    proof_code: str | None
    refunded_cents: int


@dataclass(frozen=True)
class ShownRefund:
    """A refund request; `refusal_code` says why the last payment for it, or the merchant, refused."""

    id: str
    sale_id: str
    client_reference: str
    amount_cents: int
    state: RefundStateWord
    refusal_code: str | None
    proof_code: str | None
    requested_at_unix_ms: int
    decided_at_unix_ms: int | None


@dataclass(frozen=True)
class ShownPayment:
    """A payment as its payer and payee see it, without the other's name."""

    ref: str
    state: PaymentStateWord
    amount_cents: int
    proof_code: str
    sale_id: str | None
    refusal_code: str | None
    accepted_at_unix_ms: int
    final_at_unix_ms: int | None
