"""What the service says about sales and refunds, checked at the door, and what the tablet is shown of it.

States come from the service alone: nothing here may turn one state into another.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SaleState = Literal["open", "accepted", "paid", "expired", "cancelled"]
RefundState = Literal["requested", "accepted", "paid", "refused"]


class _ServiceView(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Refund(_ServiceView):
    id: str = Field(max_length=64)
    sale_id: str = Field(max_length=32)
    amount_cents: int = Field(gt=0)
    state: RefundState
    requested_at_unix_ms: int
    decided_at_unix_ms: int | None = None
    proof_code: str | None = None
    refusal_code: str | None = None


class Sale(_ServiceView):
    id: str = Field(max_length=32)
    amount_cents: int = Field(gt=0)
    label: str | None = None
    state: SaleState
    short_code: str | None = None
    qr_text: str | None = None
    created_at_unix_ms: int
    expires_at_unix_ms: int
    accepted_at_unix_ms: int | None = None
    paid_at_unix_ms: int | None = None
    payer_label: str | None = None
    proof_code: str | None = None
    refusal_code: str | None = None
    refusal_detail: str | None = None
    refunded_cents: int = 0
    refunds: tuple[Refund, ...] = ()


class Currency(_ServiceView):
    name: str
    unit_one: str
    unit_many: str
    symbol: str = ""


class ServiceConfig(_ServiceView):
    """The part of /v1/config a till needs."""

    currency: Currency
    environment: str = "demo"
    server_time_unix_ms: int
    chain_head_unix_s: int | None = None


class Merchant(_ServiceView):
    name: str = Field(max_length=200)


class TillSelf(_ServiceView):
    """What /v1/tills/pair and /v1/till/me say of a till and of the member it belongs to."""

    till_id: str = Field(max_length=64)
    label: str = Field(max_length=120)
    member: Merchant


def shown_sale(sale: Sale, qr_svg: str | None) -> dict[str, Any]:
    """A sale as the tablet gets it: the QR as a picture, and only while the sale can be paid."""
    shown = sale.model_dump(mode="json", exclude={"qr_text"})
    shown["qr_svg"] = qr_svg
    return shown
