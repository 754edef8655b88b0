"""Where a chaos run happens: the network, the service on it, the load, and ways of looking at them.

Owns no fault. `Seen` is what a fault's line says.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.network import engine, status
from scripts.network import nodes as processes
from scripts.network.layout import Founded, Node
from scripts.network.rpc import NoAnswer, ask
from scripts.network.trials.ground import Ground
from scripts.network.trials.load import Load, quantile, until

MAX_P99_S = 10.0
BACK_WITHIN_S = 60.0
DRAIN_S = 120.0
CALM_S, SHORT_CALM_S = 20.0, 6.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One fault and what was seen. `held`: all that must be so was so; `sentence` says what was not asked."""

    fault: str
    held: bool
    sentence: str


class Scene:
    """One run on one network, under one load."""

    def __init__(
        self, folder: Path, founded: Founded, ground: Ground, load: Load, rng: random.Random, *, short: bool
    ) -> None:
        self.folder, self.founded = folder, founded
        self.ground, self.load, self.rng = ground, load, rng
        self.short = short
        self.calm_s = SHORT_CALM_S if short else CALM_S
        self.engine = engine.built()

    def start(self, names: Sequence[str]) -> None:
        for node in self.founded.nodes:
            if node.name in names:
                processes.start(self.folder, node, self.founded.nodes, self.engine, self.founded)

    def wait_for_agreement(self) -> float | None:
        def agree() -> bool:
            shown = status.look(self.folder, self.founded)
            heights = [one.height for one in shown if one.height is not None]
            return len(heights) == len(shown) and max(heights) - min(heights) <= 1

        return until(agree, BACK_WITHIN_S)

    def heads(self) -> set[str]:
        """Height and hash of every validator that answers."""
        heads = set()
        for url in self.founded.rpc_urls():
            try:
                block = ask(url, "eth_getBlockByNumber", ["latest", False], 2.0)
                heads.add(f"{int(block['number'], 16)}:{block['hash']}")
            except NoAnswer:
                continue
        return heads

    def answers(self, node: Node) -> bool:
        try:
            ask(self.founded.rpc_url(node), "eth_chainId", timeout_s=2.0)
        except NoAnswer:
            return False
        return True

    def is_alarmed(self) -> bool:
        last = self.ground.services.watches.nodes.last()
        return last is not None and last.may_still_fail < 0

    def highest_paid(self) -> int:
        """The last block of which anybody was told *paid*."""
        figures = self.ground.services.reports.figures.last_block()
        return figures.number if figures is not None else 0

    def p99_since(self, since_s: float) -> float | None:
        """Of what has its last word; what still waits counts with the time it has waited."""
        now_s = time.monotonic()
        waited = [now_s - one.sent_s for one in list(self.load.made.values()) if one.final_s is None]
        return quantile(sorted([*self.load.final_since(since_s), *waited]), 0.99)

    def drained(self) -> float | None:
        """Seconds until all that was accepted before now is final."""
        asked = [one for one in list(self.load.made.values()) if one.final_s is None]
        return until(lambda: all(one.final_s is not None for one in asked), DRAIN_S)


def shown_s(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"
