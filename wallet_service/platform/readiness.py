"""What `/ready` says, part by part. Each part is looked at by a thread of its own; asking reads memory.

A part that hangs holds up nobody: an answer older than GOOD_FOR_S counts as no, for that part alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import structlog
from prometheus_client import Gauge

LOOK_EVERY_S = 1.0
#: What is away is looked at more often: a service that starts, or a part that comes back, is ready at once.
LOOK_AGAIN_S = 0.2
GOOD_FOR_S = 4.0
STOP_TIMEOUT_S = 2.0

log = structlog.get_logger(__name__)
READY = Gauge("alba_ready", "1 while this part of what the service depends on is well", ["part"])


@dataclass(frozen=True, slots=True)
class Part:
    """`is_well` may take its time and may raise: both count as no."""

    name: str
    is_well: Callable[[], bool]
    every_s: float = LOOK_EVERY_S


class ReadinessCache:
    """`answers` may be asked from any thread, the event loop's too."""

    def __init__(self, parts: Iterable[Part], passing_s: Callable[[], float] = time.monotonic) -> None:
        self._parts = {part.name: part for part in parts}
        self._passing_s = passing_s
        self._seen: dict[str, tuple[bool, float]] = {}
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        for part in self._parts.values():  # asked at each scrape: a part that hangs must not stay 1
            READY.labels(part.name).set_function(partial(self._is_well, part))

    def start(self) -> None:
        """One thread for each part."""
        self._stopping.clear()
        for part in self._parts.values():
            thread = threading.Thread(target=self._run, args=(part,), name=f"ready-{part.name}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Lets looks under way finish, within a bound."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(STOP_TIMEOUT_S)
        self._threads.clear()

    def answers(self) -> dict[str, bool]:
        """By part, from memory."""
        return {part.name: self._is_well(part) for part in self._parts.values()}

    def away(self) -> list[str]:
        """The parts that are not well, in their order."""
        return [name for name, is_well in self.answers().items() if not is_well]

    def look(self, name: str) -> bool:
        """One look at one part, now: its thread's round."""
        part, before = self._parts[name], self._seen.get(name)
        try:
            is_well = bool(part.is_well())
        except Exception:
            is_well = False
            if before is None or before[0]:
                log.exception("ready.look_failed", part=name)
        self._seen[name] = (is_well, self._passing_s())
        if before is not None and before[0] != is_well:
            log.warning("ready.changed", part=name, is_well=is_well)
        return is_well

    def _is_well(self, part: Part) -> bool:
        is_well, seen_at_s = self._seen.get(part.name, (False, 0.0))
        return is_well and self._passing_s() - seen_at_s <= part.every_s + GOOD_FOR_S

    def _run(self, part: Part) -> None:
        while not self._stopping.is_set():
            is_well = self.look(part.name)
            self._stopping.wait(part.every_s if is_well else LOOK_AGAIN_S)
