"""Which nodes tell the chain's story, and which another one. Pure: judges what was asked elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

#: Nodes are asked one beside the other while the chain runs: so many blocks apart is no lag.
MAX_LAG_BLOCKS = 5
#: Of so many validators, this part may be away while blocks are still made (Byzantine agreement).
_TOLERATED_OF = 3


class State(StrEnum):
    """`OTHER_STORY`: another hash at the same height, which no honest node can have."""

    WELL = "well"
    BEHIND = "behind"
    AWAY = "away"
    OTHER_CHAIN = "other_chain"
    OTHER_STORY = "other_story"


@dataclass(frozen=True, slots=True)
class Look:
    """What one node said. `state` is AWAY or OTHER_CHAIN where it said nothing of use; then `height` is None.

    `compared_hash` is its block at the height all were compared at.
    """

    endpoint: int
    name: str
    state: State
    height: int | None = None
    block_unix_s: int | None = None
    compared_hash: str | None = None


@dataclass(frozen=True, slots=True)
class ShownNode:
    """One node as the console shows it; `lag_blocks` behind the highest."""

    name: str
    state: State
    height: int | None
    lag_blocks: int | None
    block_unix_s: int | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """`left_out` are the endpoints not to be asked for a while.

    `is_undecided`: there are several stories, none with more than half, and our copy has none of them.
    """

    nodes: tuple[ShownNode, ...]
    left_out: tuple[int, ...]
    is_undecided: bool

    def count(self, state: State) -> int:
        return sum(node.state is state for node in self.nodes)

    @property
    def may_still_fail(self) -> int:
        """How many more may go before no block is made; below zero none is made now.

        For nodes that are the validators, all of them.
        """
        return (len(self.nodes) - 1) // _TOLERATED_OF - (len(self.nodes) - self.count(State.WELL))


def compared_height(looks: Sequence[Look]) -> int | None:
    """The highest block that every node that answers has."""
    return min((look.height for look in looks if look.height is not None), default=None)


def judge(looks: Sequence[Look], known_hash: str | None) -> Judgement:
    """`known_hash` is our copy's block at the compared height, where it has one.

    More than half of those that answer outweigh the copy, which may come from the one that lies.
    """
    answering = [look for look in looks if look.compared_hash is not None]
    highest = max((look.height or 0 for look in answering), default=0)
    votes = Counter(look.compared_hash for look in answering)
    truth = known_hash if known_hash in votes else None
    if votes:
        favourite, count = votes.most_common(1)[0]
        if 2 * count > len(answering):
            truth = favourite
    is_undecided = len(votes) > 1 and truth is None
    shown, left_out = [], []
    for look in looks:
        state = look.state
        if look.compared_hash is not None and look.height is not None:
            if truth is not None and look.compared_hash != truth:
                state = State.OTHER_STORY
            elif highest - look.height > MAX_LAG_BLOCKS:
                state = State.BEHIND
        if state in (State.OTHER_STORY, State.BEHIND):
            left_out.append(look.endpoint)
        lag = None if look.height is None else highest - look.height
        shown.append(ShownNode(look.name, state, look.height, lag, look.block_unix_s))
    return Judgement(tuple(shown), tuple(left_out), is_undecided)
