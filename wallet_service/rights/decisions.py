"""How long what a closed account leaves is kept. Pure."""

from __future__ import annotations

#: What a person proved who they are with outlives their account so long (CMF L561-12: five years), leap years
#: counted in.
KEPT_AFTER_CLOSING_DAYS = 5 * 366
MS_PER_DAY = 86_400_000


def erased_from_unix_ms(closed_unix_ms: int, *, must_keep: bool) -> int:
    """From when on the key of a person whose account was closed then is destroyed."""
    return closed_unix_ms + (KEPT_AFTER_CLOSING_DAYS * MS_PER_DAY if must_keep else 0)
