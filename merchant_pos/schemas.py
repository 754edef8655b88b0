"""What the point of sale and its tablets say to each other over `/api`. Pydantic only; no FastAPI.

The service's words (states, codes) are passed on as they came: nothing here may turn one state into another.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from wallet_service.protocol.shown import RefundStateWord, SaleStateWord

Cents = Annotated[int, Field(ge=0, description="Integer euro cents; one unit of the currency is 100.")]
UnixMs = Annotated[
    int, Field(ge=0, description="A moment in milliseconds since 1970-01-01 UTC, by the service's clock.")
]


class TabletBody(BaseModel):
    """What a tablet sends. An unknown field is refused; a number is not read from a text."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TabletAnswer(BaseModel):
    """What a tablet is answered. Every field is always there; what has no value is null."""

    model_config = ConfigDict(from_attributes=True)


class TabletProblem(BaseModel):
    """A refusal, the point of sale's own or the service's passed on (RFC 9457)."""

    type: str
    title: str
    status: int = Field(ge=400, lt=600, description="The HTTP status.")
    code: str = Field(description="A code of docs/errors.md; the point of sale's own start with `pos.`.")
    detail: str = Field(description="The sentence for people, in the tablet's language.")
    values: dict[str, str | int] = Field(
        description="What the sentence was made of; names end in their unit."
    )
    instance: str = Field(default="", description="The service's own name of this refusal, when it made it.")
    correlation_id: str = Field(description="What the point of sale's log line of this request carries.")


class ShownProblem(TabletAnswer):
    """A refusal inside an answer that itself succeeded: why the book cannot be shown."""

    status: int
    code: str
    detail: str


class PairingBody(TabletBody):
    """Makes this tablet a till of the merchant whose code it is."""

    code: str = Field(max_length=60, description="As typed; spaces and hyphens do not matter.")
    label: str = Field(
        default="",
        max_length=200,
        description="What the till is called, 40 characters at most; empty: the name the code was made with.",
    )


class MoneyBody(TabletBody):
    """Asks for money, or for money back, once per `client_reference`."""

    client_reference: str = Field(max_length=66, description="32 random bytes, 0x hex, made by the page.")
    amount_cents: int = Field(description="Integer euro cents, from 1 to the largest sale of this till.")


class CashierEntersBody(TabletBody):
    """A cashier begins at this tablet."""

    cashier_id: str = Field(max_length=32)
    pin: str = Field(pattern=r"^[0-9]{4,6}$", description="Digits; passed on and kept nowhere here.")


class SellBody(MoneyBody):
    """Opens a sale, once per `client_reference`."""

    label: str = Field(
        default="",
        max_length=200,
        description="A few words the payer reads of it, 80 characters at most; empty: none.",
    )
    tip_cents: int = Field(
        default=0, ge=0, description="How much of `amount_cents` is a tip; the service says how much may be."
    )


class PairedAnswer(TabletAnswer):
    """This tablet is a till from now on; the session has changed."""

    paired: Literal[True]


class TabletRefundAnswer(TabletAnswer):
    """A refund the till asked the merchant's wallet for."""

    id: str
    sale_id: str
    amount_cents: Cents
    state: RefundStateWord
    requested_at_unix_ms: UnixMs
    decided_at_unix_ms: UnixMs | None
    proof_code: str | None
    refusal_code: str | None


class SaleAnswer(TabletAnswer):
    """A sale as the tablet shows it; `qr_svg` only while it can be paid."""

    id: str
    amount_cents: Cents
    tip_cents: Cents = Field(description="Integer euro cents of `amount_cents` that are a tip.")
    label: str | None
    state: SaleStateWord
    short_code: str
    created_at_unix_ms: UnixMs
    expires_at_unix_ms: UnixMs
    accepted_at_unix_ms: UnixMs | None
    paid_at_unix_ms: UnixMs | None
    payer_label: str | None = Field(description="Personal: the payer's short name.")
    cashier_label: str | None = Field(description="Personal: who was at the till; null: nobody was named.")
    proof_code: str | None
    refusal_code: str | None = Field(description="Why the last payment was refused.")
    refusal_detail: str | None
    refunded_cents: Cents
    refunds: list[TabletRefundAnswer]
    qr_svg: str | None = Field(description="The QR code as SVG.")


class ReceiptLinkAnswer(TabletAnswer):
    """Where whoever is given it reads the receipt of a paid sale; both null while it is not paid."""

    url: str | None
    qr_svg: str | None = Field(description="The address as a QR code, SVG.")


class BookAnswer(TabletAnswer):
    """The last sales and refunds of the till; its figures are the page's own sums."""

    sales: list[SaleAnswer]
    refunds: list[TabletRefundAnswer]
    complete_since_unix_ms: UnixMs | None = Field(
        description="Every sale opened since then is listed; null when every sale is."
    )


class TabletCashier(TabletAnswer):
    """Who may be at this tablet."""

    id: str
    name: str = Field(description="Personal: as the merchant calls them.")


class CashiersAnswer(TabletAnswer):
    """Whom to choose among, and who is at the tablet; none where the shop named nobody."""

    cashiers: list[TabletCashier]
    current_id: str | None


class TabletCashierDay(TabletAnswer):
    """What one cashier sold on a day."""

    cashier_label: str | None = Field(description="Null: nobody was named.")
    sales_count: int
    sales_cents: Cents
    tips_cents: Cents


class DayAnswer(TabletAnswer):
    """One day of the till in the service's sums, of all its sales: the page of the evening."""

    day: date
    counted_at_unix_ms: UnixMs
    sales_count: int
    sales_cents: Cents
    tips_count: int = Field(description="Sales with a tip, of those paid.")
    tips_cents: Cents
    refunds_count: int
    refunds_cents: Cents
    net_cents: int = Field(description="Sales less refunds, integer euro cents; may be below 0.")
    confirming_count: int = Field(description="Confirmed, not yet paid: in no other sum.")
    confirming_cents: Cents
    expired_count: int
    cancelled_count: int
    refused_count: int
    first_paid_at_unix_ms: UnixMs | None
    last_paid_at_unix_ms: UnixMs | None
    cashiers: list[TabletCashierDay]


class ConnectionAnswer(TabletAnswer):
    """Whether the service is there, what time it has, how old its last block is."""

    online: bool
    server_time_unix_ms: UnixMs
    block_age_s: int | None = Field(ge=0, description="Seconds; null before the first block.")
    payments_stopped: bool = Field(description="Nobody can pay now: all payments are stopped.")


class TabletCurrencyAnswer(TabletAnswer):
    """How amounts are called."""

    name: str
    unit_one: str
    unit_many: str
    symbol: str


class ShownTill(TabletAnswer):
    """What the header says."""

    label: str
    merchant_name: str


class StateAnswer(TabletAnswer):
    """Everything the page needs to start, or to start again."""

    csrf_token: str = Field(description="Goes into `X-CSRF-Token` with every unsafe request.")
    paired: bool
    time_zone: str = Field(description="IANA name: what today means in this shop.")
    largest_sale_cents: Cents
    currency: TabletCurrencyAnswer | None = Field(description="Null until the service has answered once.")
    environment: str | None
    till: ShownTill | None
    book: BookAnswer | None
    cashiers: CashiersAnswer | None = Field(description="Null with the book.")
    problem: ShownProblem | None = Field(description="Why a paired till has no book now.")
    connection: ConnectionAnswer


class HealthAnswer(TabletAnswer):
    """Alive; whether the service answers is said beside it."""

    status: Literal["ok"]
    service_reachable: bool
    paired_tills: int = Field(ge=0)
