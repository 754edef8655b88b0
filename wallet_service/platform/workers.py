"""The service's threads: each worker does one round again and again, until told to stop.

Owns threads, pauses after failures and what readiness says of them. What a round does belongs to its
subject; rounds that must not run twice hold a lease there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import structlog
from prometheus_client import Counter, Gauge, Metric

from wallet_service.platform.companion.early import Early

MAX_PAUSE_S = 5.0
STOP_TIMEOUT_S = 10.0
#: A worker that has not finished a round for so long is stuck or failing: the service is not ready.
STALLED_AFTER_S = 30.0

log = structlog.get_logger(__name__)
ROUNDS = Counter("alba_worker_rounds_total", "Rounds of a worker", ["worker", "outcome"])
LAST_ROUND = Gauge("alba_worker_last_good_round_unix_s", "When a worker last finished a round", ["worker"])


class Bell:
    """Wakes the one worker that has it, from any thread. Nothing rung is lost, however late it is heard."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self.is_heard = False

    def ring(self) -> bool:
        """False when no worker of this process listens: whoever rings must see to it in another way."""
        self._rung.set()
        return self.is_heard

    def ring_only(self) -> None:
        """For whoever has no other way."""
        self._rung.set()

    def wait(self, timeout_s: float) -> None:
        self._rung.wait(max(0.0, timeout_s))

    def mute(self) -> None:
        """What was rung so far is seen to by the round that begins now."""
        self._rung.clear()


@dataclass(frozen=True)
class Worker:
    """`run_once` does one bounded round, within `round_s`; `on_stop` runs once after the last.

    Between two rounds `interval_s` pass. One with a `bell` sleeps on after a round that found nothing to do
    (it returned 0), until somebody rings or `idle_s` have passed: what no bell of this process tells of,
    another process's work or lost time, is seen then.
    """

    name: str
    run_once: Callable[[], object]
    interval_s: float
    on_stop: Callable[[], object] | None = None
    round_s: float = 0.0
    bell: Bell | None = None
    idle_s: float = 0.0


class Apart(Protocol):
    """A worker that may run in a process of its own: platform.companion."""

    name: str

    def adopt(self, early: Early | None) -> None: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def is_well(self) -> bool: ...

    def collect(self) -> Iterator[Metric]: ...


class WorkerSet:
    """Starts and stops the workers it was given; answers for their health.

    `apart` keeps the one of its name in another process, when it is started so.
    """

    def __init__(self, workers: Iterable[Worker], apart: Apart | None = None) -> None:
        self._workers = {worker.name: worker for worker in workers}
        self.apart = apart
        self._threads: dict[str, threading.Thread] = {}
        self._finished_at_s: dict[str, float] = {}
        self._stopping = threading.Event()

    def names(self) -> list[str]:
        return list(self._workers)

    def start(self, names: Iterable[str] | None = None, *, is_apart: bool = False) -> None:
        """Starts all, or those named. `is_apart`: of all, one in its own process. Raises KeyError."""
        self._stopping.clear()
        chosen = list(self._workers if names is None else names)
        if names is None and is_apart and self.apart is not None:
            chosen.remove(self.apart.name)
            self.apart.start()
        for name in chosen:
            worker = self._workers[name]
            self._finished_at_s[name] = time.monotonic()
            if worker.bell is not None:
                worker.bell.is_heard = True
            thread = threading.Thread(target=self._run, args=(worker,), name=name, daemon=True)
            self._threads[name] = thread
            thread.start()

    def stop(self) -> None:
        """Lets every round finish, within a bound."""
        self._stopping.set()
        for worker in self._workers.values():
            if worker.bell is not None:
                worker.bell.is_heard = False
                worker.bell.ring()
        if self.apart is not None:
            self.apart.stop()
        deadline_s = time.monotonic() + STOP_TIMEOUT_S
        for name, thread in self._threads.items():
            thread.join(max(0.0, deadline_s - time.monotonic()))
            if thread.is_alive():
                log.error("worker.did_not_stop", worker=name)
        self._threads.clear()

    def stalled(self) -> list[str]:
        """Started workers without a good round for `STALLED_AFTER_S` more than they work and rest."""
        now_s = time.monotonic()
        late = [
            name for name in list(self._threads) if now_s - self._finished_at_s[name] > self._patience_s(name)
        ]
        return late if self.apart is None or self.apart.is_well() else [*late, self.apart.name]

    def _patience_s(self, name: str) -> float:
        worker = self._workers[name]
        return max(worker.interval_s, worker.idle_s) + worker.round_s + STALLED_AFTER_S

    def are_well(self) -> bool:
        return not self.stalled()

    def _run(self, worker: Worker) -> None:
        failures = 0
        while not self._stopping.is_set():
            found: object = None
            if worker.bell is not None:
                worker.bell.mute()
            try:
                found = worker.run_once()
                failures = 0
                self._finished_at_s[worker.name] = time.monotonic()
                LAST_ROUND.labels(worker.name).set_to_current_time()
                ROUNDS.labels(worker.name, "good").inc()
            except Exception:
                failures += 1
                ROUNDS.labels(worker.name, "failed").inc()
                log.exception("worker.round_failed", worker=worker.name, failures=failures)
            pause_s = min(worker.interval_s * 2 ** min(failures, 10), max(MAX_PAUSE_S, worker.interval_s))
            self._stopping.wait(pause_s)
            if worker.bell is not None and not found and not failures:
                worker.bell.wait(worker.idle_s - pause_s)
        if worker.on_stop is not None:
            try:
                worker.on_stop()
            except Exception:
                log.exception("worker.stop_failed", worker=worker.name)
