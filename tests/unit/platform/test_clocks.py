"""The service's own clock is compared with others, and a jump between two comparisons counts at once."""

from __future__ import annotations

from typing import cast

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Engine

from wallet_service.platform.clocks import MAX_DIFFERENCE_MS, ClockWatch, ahead_of
from wallet_service.protocol.clock import VirtualClock

START_UNIX_MS = 1_795_500_000_000
TEN_MINUTES_MS = 600_000
NO_ENGINE = cast(Engine, None)


class Machine:
    """A clock that can be set, and time that passes whatever it is set to."""

    def __init__(self) -> None:
        self.unix_ms = START_UNIX_MS
        self.passed_s = 50.0

    def now_unix_ms(self) -> int:
        return self.unix_ms

    def now_unix_s(self) -> int:
        return self.unix_ms // 1000

    def pass_s(self, seconds: float) -> None:
        self.passed_s += seconds
        self.unix_ms += int(seconds * 1000)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def clocks(machine: Machine) -> ClockWatch:
    return ClockWatch(machine, NO_ENGINE, lambda: machine.passed_s)


def test_a_clock_is_right_until_it_is_known_to_be_wrong(clocks: ClockWatch) -> None:
    assert clocks.is_right()
    clocks.note("database", 0)
    assert clocks.is_right()


@pytest.mark.parametrize("ahead_ms", [TEN_MINUTES_MS, -TEN_MINUTES_MS, MAX_DIFFERENCE_MS + 1])
@pytest.mark.parametrize("against", ["chain", "database"])
def test_a_difference_from_either_is_wrong_until_it_is_gone(
    clocks: ClockWatch, against: str, ahead_ms: int
) -> None:
    clocks.note("chain", 0)
    clocks.note("database", 0)
    clocks.note("chain" if against == "chain" else "database", ahead_ms)
    assert not clocks.is_right()
    assert REGISTRY.get_sample_value("alba_clock_wrong") == 1
    labels = {"against": against}
    assert REGISTRY.get_sample_value("alba_clock_difference_seconds", labels) == ahead_ms / 1000
    clocks.note("chain" if against == "chain" else "database", MAX_DIFFERENCE_MS)
    assert clocks.is_right()
    assert REGISTRY.get_sample_value("alba_clock_wrong") == 0


@pytest.mark.parametrize("jump_ms", [TEN_MINUTES_MS, -TEN_MINUTES_MS])
def test_a_jump_counts_before_anybody_can_be_asked(
    clocks: ClockWatch, machine: Machine, jump_ms: int
) -> None:
    clocks.note("chain", 0)
    machine.pass_s(300)
    assert clocks.is_right()
    machine.unix_ms += jump_ms
    assert not clocks.is_right()
    machine.pass_s(300)
    machine.unix_ms -= jump_ms
    assert clocks.is_right()


def test_a_clock_that_is_set_right_is_right_before_the_next_comparison(
    clocks: ClockWatch, machine: Machine
) -> None:
    """Without blocks there may be nothing to compare with: payments must not wait for a payment."""
    clocks.note("chain", TEN_MINUTES_MS)
    machine.pass_s(5)
    assert not clocks.is_right()
    machine.unix_ms -= TEN_MINUTES_MS
    assert clocks.is_right()


@pytest.mark.parametrize(
    ("other_ms", "ahead_ms"), [(1_000, 0), (1_500, 0), (2_000, 0), (900, 100), (2_300, -300)]
)
def test_a_slow_answer_is_no_difference(other_ms: int, ahead_ms: int) -> None:
    assert ahead_of(1_000, 2_000, other_ms) == ahead_ms


def test_a_virtual_clock_that_is_never_compared_is_right() -> None:
    """The demonstration's month passes in minutes."""
    clock = VirtualClock(START_UNIX_MS)
    clocks = ClockWatch(clock, NO_ENGINE)
    clock.advance_ms(30 * 86_400_000)
    assert clocks.is_right()
