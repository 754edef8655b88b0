"""What a member's own caps allow, and when a change of them counts. Pure.

Lower counts at once; higher waits a day: who holds an unlocked phone for a moment gains nothing by it.
"""

from __future__ import annotations

from wallet_service.accounts.models import NO_CAPS, KeptCaps, OwnCaps, Spending
from wallet_service.caps import errors
from wallet_service.protocol.calendar import MS_PER_DAY

#: How long a higher cap waits.
RAISE_AFTER_MS = MS_PER_DAY


def in_force(kept: KeptCaps | None, now_unix_ms: int) -> OwnCaps:
    """Those that count now; zeros where nothing was chosen."""
    if kept is None:
        return NO_CAPS
    has_come = kept.next is not None and now_unix_ms >= (kept.next_from_unix_ms or 0)
    return kept.next if has_come and kept.next is not None else kept.now


def after_choice(kept: KeptCaps | None, wanted: OwnCaps, now_unix_ms: int) -> KeptCaps:
    """What stands once `wanted` was chosen: each cap's lower one now, the higher ones a day later.

    Chosen again while it waits, it waits no longer for that.
    """
    current = in_force(kept, now_unix_ms)
    now = OwnCaps(*(_lower(one, other) for one, other in zip(_of(current), _of(wanted), strict=True)))
    if now == wanted:
        return KeptCaps(wanted)
    waits = kept is not None and kept.next == wanted and now_unix_ms < (kept.next_from_unix_ms or 0)
    since_unix_ms = kept.next_from_unix_ms if kept is not None and waits else None
    return KeptCaps(now, wanted, since_unix_ms or now_unix_ms + RAISE_AFTER_MS)


def check_caps(caps: OwnCaps, amount_cents: int, spending: Spending) -> None:
    """Raises OwnPaymentCapPassed, OwnDayCapPassed, OwnMonthCapPassed."""
    if 0 < caps.per_payment_cents < amount_cents:
        raise errors.OwnPaymentCapPassed(limit_cents=caps.per_payment_cents)
    for limit_cents, spent_cents, refusal in (
        (caps.per_day_cents, spending.today_cents, errors.OwnDayCapPassed),
        (caps.per_30_days_cents, spending.last_30_days_cents, errors.OwnMonthCapPassed),
    ):
        if 0 < limit_cents < spent_cents + amount_cents:
            raise refusal(limit_cents=limit_cents, left_cents=max(limit_cents - spent_cents, 0))


def _of(caps: OwnCaps) -> tuple[int, int, int]:
    return caps.per_payment_cents, caps.per_day_cents, caps.per_30_days_cents


def _lower(one: int, other: int) -> int:
    """The tighter of two caps, of which 0 is none at all."""
    return min(one, other) if one and other else one or other
