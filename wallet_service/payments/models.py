"""What sales, payments and refunds are made of: frozen dataclasses shared by the whole subject. Pure.

Amounts are cents, times say their unit in their name, addresses and references are lower-case 0x hex.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wallet_service.payments.states import PaymentState, RefundRequestState, SaleState
from wallet_service.protocol.floors import PasskeyFloors


class Purpose(StrEnum):
    SALE = "sale"
    PERSON = "person"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """A signed payment as it came, its signature already checked: `signer_address` is who really signed."""

    from_address: str
    to_address: str
    amount_cents: int
    ref: str
    valid_before_unix_s: int
    nonce: int
    signature: bytes
    signer_address: str
    by_passkey: bool = False
    sale_id: str | None = None
    refund_request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as recorded."""

    ref: str
    purpose: Purpose
    state: PaymentState
    payer_member_id: str
    payee_member_id: str
    from_address: str
    to_address: str
    amount_cents: int
    nonce: int
    valid_before_unix_s: int
    sale_id: str | None
    refund_of_ref: str | None
    refund_request_id: str | None
    refusal_code: str | None
    accepted_at_unix_ms: int
    final_at_unix_ms: int | None


@dataclass(frozen=True, slots=True)
class Party:
    """What must be known of a member to let money move. `sectors` and names play no part."""

    member_id: str
    kind: str
    tier: str
    state: str
    account_address: str
    frozen_incoming: bool
    frozen_outgoing: bool
    identity_expires_on_day: int | None


@dataclass(frozen=True, slots=True)
class TierLimits:
    """Cents; 0 means no limit. The ledger's own, kept apart so that decisions import nothing of the chain."""

    max_balance_cents: int
    max_payment_cents: int
    max_day_cents: int
    max_30_days_cents: int


@dataclass(frozen=True, slots=True)
class Rules:
    """The ledger's rules as last read; limits and passkey floors by tier word."""

    limits: Mapping[str, TierLimits]
    payments_stopped: bool
    floors: Mapping[str, PasskeyFloors] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spending:
    """What a member has spent or reserved, not counting what was refused."""

    today_cents: int
    last_30_days_cents: int


@dataclass(frozen=True, slots=True)
class Balance:
    posted_cents: int
    reserved_cents: int

    @property
    def available_cents(self) -> int:
        return self.posted_cents - self.reserved_cents


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

    def state_at(self, now_unix_ms: int) -> SaleState:
        """The state people see: an open sale past its time is expired even before the sweep wrote it."""
        if self.state is SaleState.OPEN and now_unix_ms >= self.expires_at_unix_ms:
            return SaleState.EXPIRED
        return self.state


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
