"""How often one client may try what costs us or opens doors. In memory, one process: a restart forgets.

There is no store that can be down; when memory holds more than MAX_CLIENTS counters the limiter is emptied
rather than grown, which errs on the side of letting people in (the acts behind it are bounded by other
means as well).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from wallet_service.web.errors import TooManyRequests

MAX_CLIENTS = 50_000
#: Tests make many wallets from one address; the rule itself is tested with the real numbers.
TEST_ALLOWANCE = 1_000


@dataclass(frozen=True)
class Rate:
    """At most `times` per `minutes` and client."""

    name: str
    times: int
    minutes: int

    def item(self, allowance: int) -> RateLimitItem:
        return RateLimitItemPerMinute(self.times * allowance, self.minutes)


#: Many phones share one address (a market's Wi-Fi, a mobile operator): wide where nothing can be guessed.
WALLET_CREATION = Rate("wallet_creation", 60, 10)
SIGN_IN = Rate("sign_in", 600, 5)
#: Narrow where a short code could be guessed.
PAIRING = Rate("pairing", 10, 5)
OFFICER_SIGN_IN = Rate("officer_sign_in", 20, 5)
#: One database read each, by anybody.
RECEIPT_CHECK = Rate("receipt_check", 60, 5)
DOCUMENT_UPLOAD = Rate("document_upload", 30, 10)


class RateLimits:
    """One per app."""

    def __init__(self, *, allowance: int = 1) -> None:
        self._allowance = allowance
        self._lock = threading.Lock()
        self._empty()

    def check(self, rate: Rate, client: str) -> None:
        """Counts one attempt; raises TooManyRequests."""
        with self._lock:
            if len(self._seen) > MAX_CLIENTS:
                self._empty()
            self._seen.add((rate.name, client))
            limiter = self._limiter
        item = rate.item(self._allowance)
        if not limiter.hit(item, rate.name, client):
            reset_at_s = limiter.get_window_stats(item, rate.name, client).reset_time
            raise TooManyRequests(retry_after_s=max(1, int(reset_at_s - time.time()) + 1))

    def _empty(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._limiter = MovingWindowRateLimiter(MemoryStorage())


def limited(rate: Rate) -> Callable[[Request], None]:
    """A dependency: ``dependencies=[Depends(limited(PAIRING))]``."""

    def check(request: Request) -> None:
        client = request.client.host if request.client else "unknown"
        request.app.state.rate_limits.check(rate, client)

    return check
