"""What the API tells a member of credits the bank took back."""

from __future__ import annotations

from pydantic import Field

from wallet_service.platform.schema import Answer, Cents, UnixMs
from wallet_service.reversals.models import ReversalState


class ReversalAnswer(Answer):
    """A transfer the bank took back after it had been credited."""

    id: str
    state: ReversalState = Field(description="`open` until it is settled; the others say how it was.")
    amount_cents: Cents = Field(description="Integer euro cents the bank took back.")
    missing_cents: Cents = Field(description="Integer euro cents not given back yet.")
    may_pay_back: bool = Field(description="The association waits for a payment to its account.")
    stops_payments: bool = Field(
        description="No payment but to the association is taken; else `missing_cents` of the balance stay."
    )
    noted_at_unix_ms: UnixMs
