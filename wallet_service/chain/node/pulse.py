"""The node's pulse: its newest block, asked by one worker every second; everybody else reads memory.

Also what the chain says of the time. A block's timestamp proves how late it is on the chain only when the
block is fresh: chains without payments make no blocks, so an old head alone proves nothing. Where validators
vote, a block that waited for votes is old when it comes: only several in a row are late because of a clock.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wallet_service.chain.node.access import ChainAccess
from wallet_service.chain.node.client import NodeError, quantity
from wallet_service.chain.ports import Head
from wallet_service.platform.clocks import ClockWatch, ahead_of
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.protocol.clock import Clock

#: A node that has not answered for so long is away.
AWAY_AFTER_S = 5.0
#: So many comparisons in a row must find the chain late before it counts; the least of them is the truth.
COMPARED = 3
_SECOND_MS = 1_000


@dataclass(frozen=True, slots=True)
class _Look:
    head: Head
    asked_at_s: float
    asked_at_unix_ms: int


class Pulse:
    """`run_once` is its worker's round. Thread-safe."""

    def __init__(
        self,
        access: ChainAccess,
        clock: Clock,
        clocks: ClockWatch,
        passing_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._access = access
        self._clock = clock
        self._clocks = clocks
        self._passing_s = passing_s
        self._lock = threading.Lock()
        self._last: _Look | None = None
        self._offsets_ms: deque[int] = deque(maxlen=COMPARED)  # ahead of the chain, less our clock's drift

    def run_once(self) -> int:
        """Asks the node; its newest block's number. Raises ChainUnavailable: what was known grows old."""
        asked_at_s, before_unix_ms = self._passing_s(), self._clock.now_unix_ms()
        head = self._block("latest")
        if head is None:
            raise ChainUnavailable("the node has no head")
        after_unix_ms = self._clock.now_unix_ms()
        last = self._last
        if head.timestamp_unix_s * _SECOND_MS > after_unix_ms:  # the chain is ahead, however old the block is
            self._clocks.note("chain", after_unix_ms - head.timestamp_unix_s * _SECOND_MS)
        elif last is not None and head.number > last.head.number:  # made between the two looks
            self._compare(last.asked_at_unix_ms, after_unix_ms, head)
        else:
            self._compare_with_the_next(head)
        with self._lock:
            self._last = _Look(head, asked_at_s, before_unix_ms)
        return head.number

    def head(self) -> Head | None:
        """The last final block's number and the newest block's time; None while the node is away."""
        with self._lock:
            last = self._last
        if last is None or self._passing_s() - last.asked_at_s > AWAY_AFTER_S:
            return None
        depth = self._access.profile.finality_depth
        return Head(max(0, last.head.number - depth), last.head.timestamp_unix_s)

    def answers(self) -> bool:
        """For readiness."""
        return self.head() is not None

    def _compare(self, before_unix_ms: int, after_unix_ms: int, block: Head) -> None:
        """A block made between two moments of ours; its time is a whole second that may have been begun."""
        made_unix_ms = block.timestamp_unix_s * _SECOND_MS
        ahead_ms = ahead_of(before_unix_ms - _SECOND_MS, after_unix_ms, made_unix_ms)
        drift_ms = after_unix_ms - int(self._passing_s() * _SECOND_MS)
        self._offsets_ms.append(max(0, ahead_ms) - drift_ms)
        self._clocks.note("chain", min(self._offsets_ms) + drift_ms if ahead_ms > 0 else ahead_ms)

    def _compare_with_the_next(self, head: Head) -> None:
        """Engines that make blocks when there are transactions say which time the next one would have."""
        before_unix_ms = self._clock.now_unix_ms()
        following = self._block("pending")
        if following is not None and following.number == head.number + 1:
            self._compare(before_unix_ms, self._clock.now_unix_ms(), following)

    def _block(self, name: str) -> Head | None:
        try:
            block: Any = self._access.client.request("eth_getBlockByNumber", name, False)
        except NodeError as error:
            if name == "latest":
                raise ChainUnavailable(f"the node refuses its head: {error.message}") from error
            return None
        if not isinstance(block, dict):
            return None
        if name == "pending" and block.get("number") is None:
            return None
        return Head(quantity(block.get("number")), quantity(block.get("timestamp")))
