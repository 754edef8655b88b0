"""What the service says about sales and refunds, checked at the door, and what the tablet is shown of it.

The fields are those of docs/openapi.json that a till needs; a test holds them against it. States come from
the service alone: nothing here may turn one state into another.
"""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from merchant_pos.schemas import SaleAnswer
from wallet_service.protocol.shown import RefundStateWord, SaleStateWord


class _ServiceView(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, from_attributes=True)


class ServiceRefund(_ServiceView):
    """A refund request of this till. Amounts in cents."""

    id: str = Field(max_length=64)
    sale_id: str = Field(max_length=32)
    amount_cents: int = Field(gt=0)
    state: RefundStateWord
    requested_at_unix_ms: int
    decided_at_unix_ms: int | None
    proof_code: str | None
    refusal_code: str | None


class ServiceSale(_ServiceView):
    """A sale of this till. Amounts in cents."""

    id: str = Field(max_length=32)
    amount_cents: int = Field(gt=0)
    tip_cents: int = Field(ge=0)
    label: str | None
    state: SaleStateWord
    short_code: str
    qr_text: str
    receipt_url: str | None
    created_at_unix_ms: int
    expires_at_unix_ms: int
    accepted_at_unix_ms: int | None
    paid_at_unix_ms: int | None
    payer_label: str | None
    cashier_label: str | None
    proof_code: str | None
    refusal_code: str | None
    refusal_detail: str | None
    refunded_cents: int
    refunds: tuple[ServiceRefund, ...]


class ServiceCashier(_ServiceView):
    """Who may be at this till."""

    id: str = Field(max_length=32)
    name: str = Field(max_length=60)


class ServiceCashiers(_ServiceView):
    """Whom this till may choose among, and who is at it."""

    cashiers: tuple[ServiceCashier, ...]
    current_id: str | None


class ServiceCashierDay(_ServiceView):
    """What one cashier sold on a day. Amounts in cents."""

    cashier_label: str | None
    sales_count: int
    sales_cents: int
    tips_cents: int


class ServiceDay(_ServiceView):
    """A day of this till in sums. Amounts in cents."""

    day: date
    counted_at_unix_ms: int
    sales_count: int
    sales_cents: int
    tips_count: int
    tips_cents: int
    refunds_count: int
    refunds_cents: int
    net_cents: int
    confirming_count: int
    confirming_cents: int
    expired_count: int
    cancelled_count: int
    refused_count: int
    first_paid_at_unix_ms: int | None
    last_paid_at_unix_ms: int | None
    cashiers: tuple[ServiceCashierDay, ...]


class Currency(_ServiceView):
    """How amounts are called."""

    name: str
    unit_one: str
    unit_many: str
    symbol: str


class ServiceConfig(_ServiceView):
    """The part of /v1/config a till needs."""

    currency: Currency
    environment: str
    server_time_unix_ms: int
    chain_head_unix_s: int | None
    payments_stopped: bool = False


class Merchant(_ServiceView):
    """The member a till sells for."""

    name: str = Field(max_length=200)


class TillSelf(_ServiceView):
    """What /v1/tills/pair and /v1/till/me say of a till and of the member it belongs to."""

    till_id: str = Field(max_length=64)
    label: str = Field(max_length=120)
    member: Merchant


def sale_view(sale: ServiceSale, qr_svg: str | None) -> SaleAnswer:
    """A sale as the tablet gets it: the QR as a picture, and only while the sale can be paid."""
    return SaleAnswer.model_validate(
        {**sale.model_dump(exclude={"qr_text", "receipt_url"}), "qr_svg": qr_svg}
    )
