"""Days and the lengths of time that more than one subject counts by."""

from __future__ import annotations

SECONDS_PER_DAY = 86_400
MS_PER_DAY = SECONDS_PER_DAY * 1000
#: The law's window for loads and spending (CMF R561-16-1).
ROLLING_DAYS = 30


def has_expired(expires_on_day: int | None, today: int) -> bool:
    """Whether a day since 1970-01-01 (UTC) has begun; None and 0 mean no expiry, as on the ledger."""
    return bool(expires_on_day) and today >= (expires_on_day or 0)
