"""Time as integers.

Everything that asks for the time is given a Clock; tests and the demo's history give a virtual one.
"""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    def now_unix_ms(self) -> int: ...

    def now_unix_s(self) -> int: ...


class SystemClock:
    """The machine's clock, UTC."""

    def now_unix_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def now_unix_s(self) -> int:
        return time.time_ns() // 1_000_000_000


class VirtualClock:
    """A clock that moves only when told. Safe between threads; never goes back."""

    def __init__(self, start_unix_ms: int) -> None:
        self._now_unix_ms = start_unix_ms
        self._lock = threading.Lock()

    def now_unix_ms(self) -> int:
        with self._lock:
            return self._now_unix_ms

    def now_unix_s(self) -> int:
        return self.now_unix_ms() // 1000

    def advance_ms(self, duration_ms: int) -> None:
        if duration_ms < 0:
            raise ValueError("time does not go back")
        with self._lock:
            self._now_unix_ms += duration_ms

    def move_to_unix_ms(self, moment_unix_ms: int) -> None:
        """Go forward to that moment; a moment already past changes nothing."""
        with self._lock:
            self._now_unix_ms = max(self._now_unix_ms, moment_unix_ms)
