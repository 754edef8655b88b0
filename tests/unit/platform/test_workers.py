"""What readiness says of the workers: resting is not failing, failing is."""

from __future__ import annotations

import threading
import time

import pytest
from prometheus_client import REGISTRY

from wallet_service.platform import workers
from wallet_service.platform.workers import Worker, WorkerSet

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
