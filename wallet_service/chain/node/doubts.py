"""Whether the node is believed at the moment: what contradicted itself, since when, and that people see it.

Owns the metrics, the log lines and the answer `/ready` gives. Decides nothing about the copy.
"""

from __future__ import annotations

import threading
import time

import structlog

from wallet_service.chain import metrics

#: A block that changes between two questions is ordinary; one range that cannot be read for so long is not.
UNSETTLED_FOR_S = 5.0
LOG_AGAIN_AFTER_S = 30.0

log = structlog.get_logger(__name__)


class Doubts:
    """One per indexer. Thread-safe: readiness asks from another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kind: str | None = None
        self._logged_at_s = float("-inf")
        self._unsettled_since_s: float | None = None

    @property
    def kind(self) -> str | None:
        """The word for what is wrong; None while the node is believed."""
        return self._kind

    def is_clear(self) -> bool:
        return self._kind is None

    def contradicted(self, kind: str, block_number: int) -> None:
        """The node said something that cannot be: nothing of it was taken."""
        now_s = time.monotonic()
        with self._lock:
            is_due = kind != self._kind or now_s - self._logged_at_s >= LOG_AGAIN_AFTER_S
            if is_due:
                self._logged_at_s = now_s
            self._kind = kind
        metrics.contradictions.labels(kind).inc()
        metrics.node_doubted.set(1)
        if is_due:
            log.error("chain.node_contradicts_itself", kind=kind, block_number=block_number)

    def unsettled(self, block_number: int) -> None:
        """The chain changed while it was read; a doubt only when it goes on for UNSETTLED_FOR_S."""
        now_s = time.monotonic()
        with self._lock:
            if self._unsettled_since_s is None:
                self._unsettled_since_s = now_s
            lasts_too_long = now_s - self._unsettled_since_s >= UNSETTLED_FOR_S
        if lasts_too_long:
            self.contradicted("unsettled", block_number)

    def settled(self) -> None:
        """The copy is at the head, or a range was taken whole."""
        with self._lock:
            kind, self._kind, self._unsettled_since_s = self._kind, None, None
        if kind is not None:
            metrics.node_doubted.set(0)
            log.warning("chain.node_agrees_again", kind=kind)
