"""How often one client may try: counters of a moving window, in memory, one process; a restart forgets.

There is no store that can be down; when more than MAX_CLIENTS counters are held all are forgotten rather than
more kept, which errs on the side of letting people in (what is behind them is bounded by other means too).
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

MAX_CLIENTS = 50_000


@dataclass(frozen=True)
class Rate:
    """At most `times` per `minutes` and client."""

    name: str
    times: int
    minutes: int

    def item(self, allowance: int) -> RateLimitItem:
        return RateLimitItemPerMinute(self.times * allowance, self.minutes)


class RateExceeded(Exception):
    """One more try than the rate allows; `retry_after_s` whole seconds, at least 1."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(retry_after_s)
        self.retry_after_s = retry_after_s


class RateCounters:
    """One per app. `allowance` multiplies every rate: for tests, which have one address for everybody."""

    def __init__(self, *, allowance: int = 1) -> None:
        self._allowance = allowance
        self._lock = threading.Lock()
        self._empty()

    def count(self, rate: Rate, client: str) -> None:
        """Counts one try. Raises RateExceeded; such a try is not counted."""
        with self._lock:
            if len(self._seen) > MAX_CLIENTS:
                self._empty()
            self._seen.add((rate.name, client))
            limiter = self._limiter
        item = rate.item(self._allowance)
        if not limiter.hit(item, rate.name, client):
            reset_at_s = limiter.get_window_stats(item, rate.name, client).reset_time
            raise RateExceeded(max(1, int(reset_at_s - time.time()) + 1))

    def _empty(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
