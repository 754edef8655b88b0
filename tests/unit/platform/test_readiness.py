"""What `/ready` says comes from memory; a part that hangs is away, and it alone."""

from __future__ import annotations

import threading

import pytest
from prometheus_client import REGISTRY

from wallet_service.platform.readiness import GOOD_FOR_S, LOOK_EVERY_S, Part, ReadinessCache

DEADLINE_S = 10.0


class Passing:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def passing() -> Passing:
    return Passing()


def test_a_part_that_nobody_looked_at_is_not_ready(passing: Passing) -> None:
    readiness = ReadinessCache([Part("chain", lambda: True)], passing)
    assert readiness.answers() == {"chain": False}
    assert readiness.look("chain")
    assert readiness.answers() == {"chain": True}
    assert readiness.away() == []


def test_a_part_that_fails_is_named_and_counted(passing: Passing) -> None:
    def broken() -> bool:
        raise OSError

    readiness = ReadinessCache(
        [Part("disk", broken), Part("bank", lambda: False), Part("copy", lambda: True)], passing
    )
    for name in ("disk", "bank", "copy"):
        readiness.look(name)
    assert readiness.away() == ["disk", "bank"]
    shown = {
        name: REGISTRY.get_sample_value("alba_ready", {"part": name}) for name in ("disk", "bank", "copy")
    }
    assert shown == {"disk": 0, "bank": 0, "copy": 1}


def test_an_old_answer_counts_as_no(passing: Passing) -> None:
    readiness = ReadinessCache([Part("chain", lambda: True)], passing)
    readiness.look("chain")
    passing.now_s += LOOK_EVERY_S + GOOD_FOR_S
    assert readiness.answers() == {"chain": True}
    passing.now_s += 0.1
    assert readiness.answers() == {"chain": False}
    assert REGISTRY.get_sample_value("alba_ready", {"part": "chain"}) == 0


def test_a_part_that_hangs_holds_up_neither_the_answer_nor_the_other_parts(passing: Passing) -> None:
    released, seen = threading.Event(), threading.Event()

    def hangs() -> bool:
        return released.wait(DEADLINE_S)

    def is_well() -> bool:
        seen.set()
        return True

    readiness = ReadinessCache([Part("chain", hangs), Part("database", is_well, every_s=0.001)], passing)
    readiness.start()
    try:
        assert seen.wait(DEADLINE_S)
        seen.clear()
        assert seen.wait(DEADLINE_S)  # a second look: the first one is noted
        assert readiness.answers() == {"chain": False, "database": True}
    finally:
        released.set()
        readiness.stop()
