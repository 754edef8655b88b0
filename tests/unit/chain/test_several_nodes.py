"""Several nodes of one chain: who is left out, who is believed, how many may still fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from wallet_service.chain.node.client import NodeClient
from wallet_service.chain.node.profile import ChainProfile
from wallet_service.chain.node.several.story import MAX_LAG_BLOCKS, Look, State, compared_height, judge
from wallet_service.chain.node.several.watch import NodeWatch
from wallet_service.chain.node.wire import Call
from wallet_service.platform.errors import ChainUnavailable

CHAIN_ID = 777
TRUTH, LIE = "0x" + "11" * 32, "0x" + "22" * 32


def look(endpoint: int, height: int | None, block_hash: str | None = TRUTH) -> Look:
    state = State.AWAY if height is None else State.WELL
    return Look(endpoint, f"node {endpoint}", state, height, 1, None if height is None else block_hash)


def states(looks: Sequence[Look], known_hash: str | None = None) -> list[State]:
    return [node.state for node in judge(looks, known_hash).nodes]


def test_nodes_with_one_story_are_well() -> None:
    found = judge([look(place, 10) for place in range(5)], None)
    assert (found.left_out, found.is_undecided, found.may_still_fail) == ((), False, 1)


def test_more_than_half_outweigh_a_liar_and_our_copy() -> None:
    looks = [look(0, 10, LIE), look(1, 10), look(2, 10)]
    assert states(looks) == [State.OTHER_STORY, State.WELL, State.WELL]
    assert states(looks, LIE) == [State.OTHER_STORY, State.WELL, State.WELL]
    assert judge(looks, None).left_out == (0,)


def test_of_two_the_copy_decides_and_without_it_nobody_is_left_out() -> None:
    looks = [look(0, 10, LIE), look(1, 10)]
    assert states(looks, TRUTH) == [State.OTHER_STORY, State.WELL]
    undecided = judge(looks, None)
    assert undecided.is_undecided
    assert undecided.left_out == ()


def test_a_node_behind_is_left_out_and_one_a_little_behind_is_not() -> None:
    looks = [look(0, 100), look(1, 100 - MAX_LAG_BLOCKS), look(2, 99 - MAX_LAG_BLOCKS)]
    assert states(looks) == [State.WELL, State.WELL, State.BEHIND]
    assert [node.lag_blocks for node in judge(looks, None).nodes] == [0, MAX_LAG_BLOCKS, MAX_LAG_BLOCKS + 1]


@pytest.mark.parametrize(("away", "left"), [(0, 1), (1, 0), (2, -1)])
def test_of_five_one_may_fail(away: int, left: int) -> None:
    looks = [look(place, None if place < away else 10) for place in range(5)]
    assert judge(looks, None).may_still_fail == left


def test_blocks_are_compared_where_all_have_one() -> None:
    assert compared_height([look(0, 12), look(1, None), look(2, 9)]) == 9
    assert compared_height([look(0, None)]) is None


class FakeWire:
    """A node whose blocks all have the hash of `story`."""

    def __init__(self, story: str = TRUTH, height: int = 10, chain_id: int = CHAIN_ID) -> None:
        self.story, self.height, self.chain_id, self.is_away = story, height, chain_id, False
        self.asked: list[str] = []

    def send(self, calls: Sequence[Call], timeout_s: float) -> list[Any]:
        if self.is_away:
            raise ChainUnavailable("away")
        self.asked += [method for method, _ in calls]
        return [{"result": self._answer(method, params)} for method, params in calls]

    def _answer(self, method: str, params: Sequence[Any]) -> Any:
        if method == "eth_chainId":
            return hex(self.chain_id)
        if method == "eth_blockNumber":
            return hex(self.height)
        number = self.height if params[0] == "latest" else int(params[0], 16)
        return {
            "number": hex(number),
            "hash": self.story,
            "parentHash": "0x" + "00" * 32,
            "timestamp": "0x1",
            "transactions": [],
            "logsBloom": "0x" + "00" * 256,
        }


Watched = Callable[..., tuple[NodeClient, NodeWatch]]


@pytest.fixture
def watched() -> Watched:
    def make(*wires: FakeWire) -> tuple[NodeClient, NodeWatch]:
        gas = {"secp256k1": 1, "p256": 1, "passkey": 1}
        profile = ChainProfile("test", ("nobody",), CHAIN_ID, 0, 12_000_000, 0, 8, 30, 1, 100, gas)
        client = NodeClient(profile, wires=wires)
        return client, NodeWatch(client, lambda number: None)

    return make


@pytest.mark.parametrize(
    "bad",
    [FakeWire(LIE), FakeWire(height=1), FakeWire(chain_id=1)],
    ids=["another hash", "an older head", "another chain"],
)
def test_a_node_that_cannot_be_right_is_asked_nothing_more(watched: Watched, bad: FakeWire) -> None:
    client, watch = watched(bad, FakeWire(), FakeWire())
    assert watch.run_once() == 2
    bad.asked.clear()
    assert client.block_number() == 10
    assert "eth_blockNumber" not in bad.asked


def test_a_node_that_went_silent_is_waited_for_once(watched: Watched) -> None:
    silent, other = FakeWire(height=9), FakeWire()
    client, _ = watched(silent, other)
    assert client.block_number() == 9
    silent.is_away = True
    assert client.block_number() == 10
    silent.is_away = False
    silent.asked.clear()
    assert client.block_number() == 10, "who answered last is asked first"
    assert silent.asked == []


def test_a_watch_says_how_each_node_is(watched: Watched) -> None:
    away = FakeWire()
    away.is_away = True
    _, watch = watched(FakeWire(), FakeWire(), away, FakeWire())
    assert watch.last() is None
    watch.run_once()
    found = watch.last()
    assert found is not None
    assert [node.state for node in found.nodes] == [State.WELL, State.WELL, State.AWAY, State.WELL]
    assert found.may_still_fail == 0
