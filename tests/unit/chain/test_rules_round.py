"""When what is known of the ledger's rules is read anew, and when it is left to grow old."""

from __future__ import annotations

import pytest

from wallet_service.chain.node.several.story import Look, State, judge
from wallet_service.watches import read_rules

TRUTH = "0x" + "11" * 32


@pytest.mark.parametrize(
    ("away", "is_mined", "is_read"),
    [
        (0, True, True),
        (1, False, True),
        (2, True, True),
        (2, False, False),
    ],
    ids=["all well", "one away", "away for us alone", "no block is made"],
)
def test_the_rules_of_a_network_that_makes_no_block_grow_old(
    away: int, is_mined: bool, is_read: bool
) -> None:
    looks = [Look(place, f"node {place}", State.AWAY) for place in range(away)]
    looks += [Look(place, f"node {place}", State.WELL, 9, 1, TRUTH) for place in range(away, 5)]
    read: list[bool] = []
    read_rules(lambda: read.append(True), lambda: judge(looks, None), lambda: is_mined)
    assert bool(read) is is_read


def test_one_node_alone_is_always_asked() -> None:
    read: list[bool] = []
    read_rules(lambda: read.append(True), lambda: None, lambda: False)
    assert read
