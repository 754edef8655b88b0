"""What the API takes and says of a member's own caps. Cents; 0 means none."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wallet_service.accounts.models import OwnCaps
from wallet_service.platform.schema import Body
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS

CapCents = Annotated[
    int, Field(ge=0, le=MAX_AMOUNT_CENTS, strict=True, description="Integer euro cents; 0 means none.")
]


class OwnCapsBody(Body):
    """All three, as they shall be."""

    per_payment_cents: CapCents
    per_day_cents: CapCents
    per_30_days_cents: CapCents

    def wanted(self) -> OwnCaps:
        """As the service asks for them."""
        return OwnCaps(self.per_payment_cents, self.per_day_cents, self.per_30_days_cents)
