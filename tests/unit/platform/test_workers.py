"""What readiness says of the workers: resting is not failing, failing is."""

from __future__ import annotations

import threading
import time

import pytest
from prometheus_client import REGISTRY

from wallet_service.platform import workers
from wallet_service.platform.workers import Bell, Worker, WorkerSet

ROUND_DEADLINE_S = 10.0


class Clock:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(workers, "time", made)
    return made


class FailsLater:
    """Work that succeeds once."""

    def __init__(self) -> None:
        self.rounds = 0
        self.has_failed = threading.Event()

    def run_once(self) -> None:
        self.rounds += 1
        if self.rounds > 1:
            self.has_failed.set()
            raise RuntimeError


def wait_for_a_good_round(name: str) -> None:
    """Counted after its end is noted, so the clock may be moved then."""
    deadline_s = time.monotonic() + ROUND_DEADLINE_S
    labels = {"worker": name, "outcome": "good"}
    while not REGISTRY.get_sample_value("alba_worker_rounds_total", labels):
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


@pytest.mark.parametrize(("rests_s", "works_s"), [(3_600.0, 0.0), (3_000.0, 600.0)])
def test_a_worker_that_works_and_rests_for_an_hour_is_well_until_it_is_late(
    clock: Clock, rests_s: float, works_s: float
) -> None:
    started = WorkerSet([Worker("resting", lambda: None, rests_s, round_s=works_s)])
    started.start()
    try:
        wait_for_a_good_round("resting")
        clock.now_s += rests_s + works_s
        assert started.are_well()
        clock.now_s += workers.STALLED_AFTER_S + 1
        assert started.stalled() == ["resting"]
    finally:
        started.stop()


def test_a_worker_that_fails_again_and_again_is_named(clock: Clock) -> None:
    work = FailsLater()
    started = WorkerSet([Worker("settler", work.run_once, 0.001)])
    started.start()
    try:
        assert work.has_failed.wait(ROUND_DEADLINE_S)
        assert started.are_well()
        clock.now_s += workers.STALLED_AFTER_S + 1
        assert started.stalled() == ["settler"]
    finally:
        started.stop()


class Rounds:
    """Work that says what it found, and counts."""

    def __init__(self, *found: int) -> None:
        self._found = list(found)
        self.begun = threading.Semaphore(0)

    def run_once(self) -> int:
        self.begun.release()
        return self._found.pop(0) if self._found else 0

    def has_begun(self, within_s: float = ROUND_DEADLINE_S) -> bool:
        return self.begun.acquire(timeout=within_s)


def test_a_worker_with_a_bell_sleeps_until_it_is_rung() -> None:
    work, bell = Rounds(), Bell()
    started = WorkerSet([Worker("belled", work.run_once, 0.001, bell=bell, idle_s=3_600)])
    assert not bell.ring(), "nobody listens yet"
    started.start()
    try:
        assert work.has_begun()
        assert not work.has_begun(0.1), "what was rung before is seen to by the first round"
        assert bell.ring()
        assert work.has_begun()
        assert not work.has_begun(0.1)
    finally:
        started.stop()
    assert not bell.ring(), "nobody listens any more"


def test_a_worker_that_found_something_looks_again_without_a_ring() -> None:
    work = Rounds(3, 1, 0)
    started = WorkerSet([Worker("finding", work.run_once, 0.001, bell=Bell(), idle_s=3_600)])
    started.start()
    try:
        assert all(work.has_begun() for _ in range(3))
        assert not work.has_begun(0.1)
    finally:
        started.stop()


def test_a_worker_that_nobody_rings_looks_all_the_same() -> None:
    work = Rounds()
    started = WorkerSet([Worker("unrung", work.run_once, 0.001, bell=Bell(), idle_s=0.01)])
    started.start()
    try:
        assert all(work.has_begun() for _ in range(3))
    finally:
        started.stop()
