"""The node's pulse: asked by one worker, read from memory, and what its blocks say of the time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Engine

from wallet_service.chain.node.access import ChainAccess
from wallet_service.chain.node.client import NodeError
from wallet_service.chain.node.pulse import AWAY_AFTER_S, COMPARED, Pulse
from wallet_service.chain.ports import Head
from wallet_service.platform.clocks import ClockWatch
from wallet_service.platform.errors import ChainUnavailable

NOW_UNIX_S = 1_795_500_000
TEN_MINUTES_S = 600


class Machine:
    """One machine's clock and the passing of time; the node's clock is ahead by `node_ahead_s`."""

    def __init__(self, *, node_ahead_s: int = 0, tells_pending: bool = True, depth: int = 0) -> None:
        self.passed_s = 0.0
        self.node_ahead_s = node_ahead_s
        self.tells_pending = tells_pending
        self.is_away = False
        self.asked = 0
        self.number, self.made_unix_s = 7, NOW_UNIX_S - 5_000
        client = SimpleNamespace(request=self._request)
        profile = SimpleNamespace(finality_depth=depth)
        access = cast(ChainAccess, SimpleNamespace(client=client, profile=profile))
        self.clocks = ClockWatch(self, cast(Engine, None), lambda: self.passed_s)
        self.pulse = Pulse(access, self, self.clocks, lambda: self.passed_s)

    def now_unix_ms(self) -> int:
        return int((NOW_UNIX_S + self.passed_s) * 1000)

    def now_unix_s(self) -> int:
        return self.now_unix_ms() // 1000

    def make_block(self) -> None:
        self.number += 1
        self.made_unix_s = self.now_unix_s() + self.node_ahead_s

    def _request(self, method: str, name: str, full: bool) -> Any:
        self.asked += 1
        if self.is_away:
            raise ChainUnavailable("away")
        assert (method, full) == ("eth_getBlockByNumber", False)
        if name == "latest":
            return {"number": hex(self.number), "timestamp": hex(self.made_unix_s)}
        if not self.tells_pending:
            raise NodeError(-32601, "unknown block")
        next_unix_s = self.now_unix_s() + self.node_ahead_s
        return {"number": hex(self.number + 1), "timestamp": hex(next_unix_s)}


def test_the_head_is_remembered_and_grows_old() -> None:
    machine = Machine()
    assert not machine.pulse.answers()
    assert machine.pulse.run_once() == 7
    asked = machine.asked
    machine.passed_s += AWAY_AFTER_S
    assert machine.pulse.head() == Head(7, machine.made_unix_s)
    machine.passed_s += 0.1
    assert machine.pulse.head() is None
    assert not machine.pulse.answers()
    assert machine.asked == asked


def test_a_node_that_is_away_leaves_the_last_answer_to_grow_old() -> None:
    machine = Machine()
    machine.pulse.run_once()
    machine.is_away = True
    machine.passed_s += 1
    with pytest.raises(ChainUnavailable):
        machine.pulse.run_once()
    assert machine.pulse.answers()
    machine.passed_s += AWAY_AFTER_S
    assert not machine.pulse.answers()


def test_what_is_not_final_is_not_told() -> None:
    machine = Machine(depth=3)
    machine.pulse.run_once()
    assert machine.pulse.head() == Head(4, machine.made_unix_s)


def test_an_idle_chain_whose_clock_agrees_is_no_alarm() -> None:
    """Its head is old because nobody pays; what the next block would say is now."""
    machine = Machine()
    for _ in range(3):
        machine.pulse.run_once()
        machine.passed_s += 1
    assert machine.clocks.is_right()


@pytest.mark.parametrize("node_ahead_s", [TEN_MINUTES_S, -TEN_MINUTES_S])
def test_ten_minutes_either_way_are_seen_on_an_idle_chain(node_ahead_s: int) -> None:
    machine = Machine(node_ahead_s=node_ahead_s)
    machine.pulse.run_once()
    assert not machine.clocks.is_right()
    machine.node_ahead_s = 0
    machine.pulse.run_once()
    assert machine.clocks.is_right()


@pytest.mark.parametrize("node_ahead_s", [TEN_MINUTES_S, -TEN_MINUTES_S])
def test_ten_minutes_either_way_are_seen_by_a_new_block(node_ahead_s: int) -> None:
    machine = Machine(node_ahead_s=node_ahead_s, tells_pending=False)
    machine.pulse.run_once()
    assert machine.clocks.is_right()  # the old head proves nothing
    machine.passed_s += 1
    machine.make_block()
    machine.pulse.run_once()
    assert not machine.clocks.is_right()


def test_a_block_made_some_time_between_two_distant_looks_proves_nothing() -> None:
    machine = Machine(tells_pending=False)
    machine.pulse.run_once()
    machine.make_block()
    machine.passed_s += TEN_MINUTES_S
    machine.pulse.run_once()
    assert machine.clocks.is_right()


def test_a_block_that_waited_for_votes_is_no_wrong_clock() -> None:
    """It was built twelve seconds before it counted: of several validators one hung."""
    machine = Machine(tells_pending=False)
    for waited_s in (0, 0, 12, 0, 12, 12, 0):
        machine.pulse.run_once()
        machine.passed_s += 1
        machine.make_block()
        machine.made_unix_s -= waited_s
        machine.pulse.run_once()
        assert machine.clocks.is_right(), waited_s


def test_a_chain_that_falls_behind_is_seen_by_its_third_block() -> None:
    machine, seen = Machine(tells_pending=False), []
    for node_ahead_s in (0, 0, -TEN_MINUTES_S, -TEN_MINUTES_S, -TEN_MINUTES_S):
        machine.node_ahead_s = node_ahead_s
        machine.pulse.run_once()
        machine.passed_s += 1
        machine.make_block()
        machine.pulse.run_once()
        seen.append(machine.clocks.is_right())
    assert seen == [True] * (COMPARED + 1) + [False]


def test_our_own_clock_that_jumps_is_wrong_at_once_and_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was compared before the jump does not excuse it."""
    machine = Machine()
    machine.pulse.run_once()
    before = machine.now_unix_ms
    chain_unix_s = machine.now_unix_s()
    monkeypatch.setattr(machine, "now_unix_s", lambda: chain_unix_s)  # what the node says
    monkeypatch.setattr(machine, "now_unix_ms", lambda: before() + TEN_MINUTES_S * 1000)
    assert not machine.clocks.is_right()
    machine.pulse.run_once()
    assert not machine.clocks.is_right()


def test_fresh_blocks_of_a_right_clock_are_right() -> None:
    machine = Machine(tells_pending=False)
    for _ in range(5):
        machine.pulse.run_once()
        machine.passed_s += 1.3
        machine.make_block()
    assert machine.clocks.is_right()
