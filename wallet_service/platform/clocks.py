"""Whether this machine's clock is right, by the database's clock and the chain's: payments hang on it.

A service whose clock is wrong accepts what the ledger refuses as expired, or ends what is still good. So
nothing is accepted, opened or ended by the clock while it differs from another by more than
MAX_DIFFERENCE_MS. Between two comparisons the clock is watched against time as it passes: a jump counts at
once, also while nobody can be asked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import structlog
from prometheus_client import Gauge
from sqlalchemy import Engine

from wallet_service.database import moments
from wallet_service.database.unit_of_work import reading
from wallet_service.protocol.clock import Clock

#: Far above what whole seconds, a slow answer and a block's interval make; far below a payment's lifetime.
MAX_DIFFERENCE_MS = 10_000

Other = Literal["database", "chain"]

log = structlog.get_logger(__name__)
DIFFERENCE = Gauge(
    "alba_clock_difference_seconds", "This clock minus the other, as last compared", ["against"]
)
WRONG = Gauge("alba_clock_wrong", "1 while this clock differs so much that no payment is accepted")


@dataclass(frozen=True, slots=True)
class _Comparison:
    ahead_ms: int
    drift_ms: int  # our clock minus the time that has passed, then


class ClockWatch:
    """`run_once` compares with the database; the chain's side is noted by whoever asks the node."""

    def __init__(self, clock: Clock, engine: Engine, passing_s: Callable[[], float] = time.monotonic) -> None:
        """`passing_s` is time as it passes, whatever the clock is set to."""
        self._clock = clock
        self._engine = engine
        self._passing_s = passing_s
        self._lock = threading.Lock()
        self._compared: dict[Other, _Comparison] = {}
        self._was_right = True

    def run_once(self) -> int:
        """Milliseconds this clock is ahead of the database's."""
        before_unix_ms = self._clock.now_unix_ms()
        with reading(self._engine) as connection:
            database_unix_ms = moments.now_unix_ms(connection)
        ahead_ms = ahead_of(before_unix_ms, self._clock.now_unix_ms(), database_unix_ms)
        self.note("database", ahead_ms)
        return ahead_ms

    def note(self, against: Other, ahead_ms: int) -> None:
        """This clock was found to be so far ahead of another; negative: behind."""
        with self._lock:
            self._compared[against] = _Comparison(ahead_ms, self._drift_ms())
        DIFFERENCE.labels(against).set(ahead_ms / 1000)
        self._tell()

    def is_right(self) -> bool:
        """By all that is known; true before the first comparison."""
        with self._lock:
            drift_ms = self._drift_ms()
            return all(
                abs(one.ahead_ms + drift_ms - one.drift_ms) <= MAX_DIFFERENCE_MS
                for one in self._compared.values()
            )

    def _drift_ms(self) -> int:
        return self._clock.now_unix_ms() - int(self._passing_s() * 1000)

    def _tell(self) -> None:
        is_right = self.is_right()
        WRONG.set(not is_right)
        if is_right == self._was_right:
            return
        self._was_right = is_right
        ahead_ms = {name: one.ahead_ms for name, one in self._compared.items()}
        if is_right:
            log.warning("clock.right_again", ahead_ms=ahead_ms)
        else:
            log.error("clock.wrong", ahead_ms=ahead_ms)


def ahead_of(before_unix_ms: int, after_unix_ms: int, other_unix_ms: int) -> int:
    """How far our clock is ahead of another that was read between two of our own readings.

    0 when the other lies between them: a slow answer is no difference.
    """
    if other_unix_ms > after_unix_ms:
        return after_unix_ms - other_unix_ms
    return max(0, before_unix_ms - other_unix_ms)
