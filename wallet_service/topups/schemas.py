"""What the API says of loading euros: where to send them, with which reference, and what is expected."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wallet_service.platform.schema import AmountCents, Answer, Body, Cents
from wallet_service.topups.rhythm import LONGEST_MONTH

DayOfMonth = Annotated[
    int,
    Field(
        ge=1,
        le=LONGEST_MONTH,
        strict=True,
        description="The day the bank carries it out; the last day of a month that is shorter.",
    ),
]
IsoDate = Annotated[
    str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="A day of the region's time zone.")
]


class TopupAnswer(Answer):
    """How to make the transfer."""

    reference: str = Field(
        description="The member's own (ISO 11649); what the bank hands on ties the credit to them."
    )
    iban: str = Field(description="Of the reserve account.")
    bic: str
    holder: str
    epc_payload: str = Field(description="The text of the SEPA QR code (EPC069-12).")
    minimum_cents: Cents = Field(description="Integer euro cents; less is sent back.")
    maximum_cents: Cents = Field(
        description="Integer euro cents: the room left today under the tier's limits."
    )


class StandingOrderBody(Body):
    """A standing order the member has set up at their bank."""

    amount_cents: AmountCents
    day_of_month: DayOfMonth


class StandingOrderAnswer(Answer):
    """The standing order that is expected, and whether the last one came."""

    amount_cents: Cents
    day_of_month: DayOfMonth
    source: Literal["declared", "recognised"] = Field(
        description="`recognised`: seen in three months' credits of one payer."
    )
    next_on: IsoDate = Field(description="When the next one is due.")
    missed_on: IsoDate | None = Field(
        description="When the last one was due that has not come; null while it has, or may still come."
    )
    arrived_on: IsoDate | None = Field(description="When that amount last came.")


class LowBalanceBody(Body):
    """Below this balance the wallet offers to load."""

    below_cents: AmountCents


class LoadingAnswer(Answer):
    """How the member loads, beside single transfers."""

    standing_order: StandingOrderAnswer | None = Field(description="Null: none is followed.")
    low_balance_cents: Cents | None = Field(
        description="Integer euro cents: below this balance the wallet offers to load; null: never."
    )
