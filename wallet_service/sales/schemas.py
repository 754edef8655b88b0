"""What the API says of sales and refund requests: to the till, to a payer, to the merchant's wallet."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from wallet_service.platform.schema import (
    Address,
    AmountCents,
    Answer,
    Body,
    Cents,
    ClientReference,
    Line,
    ProofCode,
    RefusalCode,
    RefusalDetail,
    SignedCents,
    UnixMs,
    Word,
)
from wallet_service.protocol.text.lines import MAX_SALE_LABEL_CHARACTERS
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS
from wallet_service.sales.states import RefundRequestState, SaleState

ShortCode = Annotated[str, Field(pattern=r"^\d{6}$", description="Six digits, unique among open sales.")]


class SaleBody(Body):
    """Opens a sale, once per `client_reference`."""

    client_reference: ClientReference
    amount_cents: AmountCents
    label: Line | None = Field(
        default=None, max_length=MAX_SALE_LABEL_CHARACTERS, description="What the payer reads of it."
    )
    tip_cents: int = Field(
        default=0,
        ge=0,
        le=MAX_AMOUNT_CENTS,
        strict=True,
        description="How much of `amount_cents` is a tip: at most the rest, or 500 where that is more.",
    )


class RefundBody(Body):
    """Asks for a refund, whole or in part, once per `client_reference`."""

    client_reference: ClientReference
    amount_cents: AmountCents


class RefundAnswer(Answer):
    """A refund request: the till asks, the merchant's wallet signs (docs/decisions/0002)."""

    id: str
    sale_id: str
    client_reference: ClientReference
    amount_cents: Cents
    state: RefundRequestState
    refusal_code: RefusalCode | None
    proof_code: ProofCode | None
    requested_at_unix_ms: UnixMs
    decided_at_unix_ms: UnixMs | None = Field(description="When it was paid or refused, unix ms.")


class TillSaleAnswer(Answer):
    """A sale as its till sees it."""

    id: str
    amount_cents: Cents
    tip_cents: Cents = Field(description="Integer euro cents of `amount_cents` that are a tip.")
    short_code: ShortCode
    state: SaleState
    created_at_unix_ms: UnixMs
    expires_at_unix_ms: UnixMs
    accepted_at_unix_ms: UnixMs | None
    paid_at_unix_ms: UnixMs | None = Field(description="When its payment's block was made, unix ms.")
    proof_code: ProofCode | None
    refunded_cents: Cents = Field(description="Integer euro cents that were given back.")
    label: str | None
    client_reference: ClientReference
    qr_text: str = Field(description="What the QR code says: the sale's address.")
    receipt_url: str | None = Field(
        description="Where anybody who has it reads its receipt, once it is paid."
    )
    payer_label: str | None = Field(description="Personal: the payer's short name, or that it is a visitor.")
    cashier_label: str | None = Field(description="Personal: who was at the till, where the shop names them.")
    refunds: list[RefundAnswer] = Field(description="Oldest first.")
    refusal_code: RefusalCode | None = Field(
        description="Why the last payment for this open sale was refused (docs/errors.md)."
    )
    refusal_detail: RefusalDetail | None


class CashierDayAnswer(Answer):
    """What one cashier sold on a day."""

    cashier_label: str | None = Field(description="Personal: the cashier's name; null: nobody was named.")
    sales_count: int = Field(ge=0)
    sales_cents: Cents
    tips_cents: Cents


class TillDayAnswer(Answer):
    """One day of a till in sums, of all its sales; nobody who paid is in it."""

    day: date = Field(description="In the region's time zone.")
    counted_at_unix_ms: UnixMs = Field(description="When it was counted, unix ms; later sales are not in it.")
    sales_count: int = Field(ge=0, description="Paid on that day.")
    sales_cents: Cents
    tips_count: int = Field(ge=0, description="Sales with a tip, of those paid.")
    tips_cents: Cents = Field(description="Integer euro cents of `sales_cents` that are tips.")
    refunds_count: int = Field(ge=0, description="Asked for at this till, and paid back on that day.")
    refunds_cents: Cents
    net_cents: SignedCents = Field(description="Integer euro cents: sales less refunds.")
    confirming_count: int = Field(
        ge=0, description="Confirmed by their payers, not yet paid: in no other sum."
    )
    confirming_cents: Cents
    expired_count: int = Field(ge=0, description="Sales of the day nobody paid in time.")
    cancelled_count: int = Field(ge=0)
    refused_count: int = Field(ge=0, description="Payments for this till's sales that were refused.")
    first_paid_at_unix_ms: UnixMs | None
    last_paid_at_unix_ms: UnixMs | None
    cashiers: list[CashierDayAnswer] = Field(description="Empty where nobody was named at this till.")


class Shop(Answer):
    """Who is paid, as the register of professionals shows them to anybody."""

    name: str
    description: str | None
    sector: str | None = Field(description="The trade, in the language of the request.")
    commune: str | None = Field(description="The commune's name.")


class PayableSaleAnswer(Answer):
    """A sale as a payer sees it before paying: who, where, how much, until when."""

    id: str
    amount_cents: Cents
    tip_cents: Cents = Field(description="Integer euro cents of `amount_cents` that are a tip.")
    short_code: ShortCode = Field(description="What the till shows beside the QR, to type in another wallet.")
    label: str | None
    state: SaleState
    expires_at_unix_ms: UnixMs
    to_address: Address
    merchant: Shop
    your_payment_ref: Word | None = Field(
        description="The caller's own payment of it, on its way or paid; null for anybody else."
    )
    your_payment_at_unix_ms: UnixMs | None = Field(description="When that was accepted, unix ms.")


class AskedRefundAnswer(RefundAnswer):
    """A refund request as the merchant's wallet needs it: whom to pay back, which sale, which till asked."""

    to_address: Address
    refund_of_ref: Word = Field(description="The payment that is given back.")
    sale_amount_cents: Cents
    payer_label: str = Field(description="Personal: the payer's short name, or that it is a visitor.")
    till_label: str | None
