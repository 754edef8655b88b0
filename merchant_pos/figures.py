"""Today's figures of a till: what was paid, what was given back, how many of each. Pure; decides no state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from merchant_pos.views import Refund, Sale


@dataclass(frozen=True)
class Today:
    """Only what is final counts. `complete` is false when the list may not reach back to midnight."""

    net_cents: int
    sales_count: int
    refunds_count: int
    confirming_cents: int
    complete: bool


def today(
    sales: Iterable[Sale], refunds: Iterable[Refund], now_unix_ms: int, zone: ZoneInfo, listed_all: bool
) -> Today:
    """Sales count on the day they were paid, refunds on the day they were decided, in the shop's time
    zone.
    """
    day = _day(now_unix_ms, zone)
    sales = list(sales)
    paid = [sale for sale in sales if sale.state == "paid" and _day(sale.paid_at_unix_ms, zone) == day]
    confirming = [sale for sale in sales if sale.state == "accepted"]
    returned = [
        refund
        for refund in refunds
        if refund.state == "paid"
        and _day(refund.decided_at_unix_ms or refund.requested_at_unix_ms, zone) == day
    ]
    oldest = min((sale.created_at_unix_ms for sale in sales), default=now_unix_ms)
    return Today(
        net_cents=sum(sale.amount_cents for sale in paid) - sum(refund.amount_cents for refund in returned),
        sales_count=len(paid),
        refunds_count=len(returned),
        confirming_cents=sum(sale.amount_cents for sale in confirming),
        complete=listed_all or _day(oldest, zone) != day,
    )


def _day(moment_unix_ms: int | None, zone: ZoneInfo) -> str | None:
    if moment_unix_ms is None:
        return None
    return datetime.fromtimestamp(moment_unix_ms / 1000, zone).date().isoformat()
