"""Looks at every node of the profile each second, compares them, and leaves out those that cannot be right.

Owns the looking, the metrics and the alarms; what makes a node wrong is `story`'s. A round never raises for a
node: one that hangs is one that is away.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from wallet_service.chain import metrics
from wallet_service.chain.node.client import NodeClient, quantity
from wallet_service.chain.node.evidence import block_of
from wallet_service.chain.node.several.story import Judgement, Look, State, compared_height, judge
from wallet_service.platform.errors import ChainUnavailable

MAX_ASKED_AT_ONCE = 8
LOG_AGAIN_AFTER_S = 30.0

log = structlog.get_logger(__name__)


class NodeWatch:
    """`run_once` is its worker's round; `last` may be asked from any thread."""

    def __init__(
        self,
        client: NodeClient,
        known_hash: Callable[[int], str | None],
        passing_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`known_hash` is our copy's block at a height."""
        self._client = client
        self._known_hash = known_hash
        self._passing_s = passing_s
        self._lock = threading.Lock()
        self._last: Judgement | None = None
        self._logged_at_s: dict[str, float] = {}

    def last(self) -> Judgement | None:
        """What the last round found; None before the first, and where there is one node only."""
        with self._lock:
            return self._last

    def run_once(self) -> int:
        """How many nodes are well."""
        endpoints = range(self._client.endpoint_count)
        with ThreadPoolExecutor(min(MAX_ASKED_AT_ONCE, len(endpoints))) as pool:
            looks = list(pool.map(self._look, endpoints))
            height = compared_height(looks)
            if height is not None:
                looks = list(pool.map(lambda look: self._with_hash(look, height), looks))
        found = judge(looks, None if height is None else self._known_hash(height))
        for endpoint in found.left_out:
            self._client.leave_out(endpoint)
        for state in State:
            metrics.nodes.labels(state.value).set(found.count(state))
        self._alarm(found)
        with self._lock:
            self._last = found
        return found.count(State.WELL)

    def _look(self, endpoint: int) -> Look:
        name = self._client.endpoint_name(endpoint)
        try:
            chain, head = self._client.ask_at(
                endpoint, [("eth_chainId", ()), ("eth_getBlockByNumber", ("latest", False))]
            )
            if quantity(chain) != self._client.chain_id:
                return Look(endpoint, name, State.OTHER_CHAIN)
            block = block_of(head)
        except ChainUnavailable:
            return Look(endpoint, name, State.AWAY)
        return Look(endpoint, name, State.WELL, block.number, block.timestamp_unix_s)

    def _with_hash(self, look: Look, height: int) -> Look:
        if look.height is None:
            return look
        try:
            (found,) = self._client.ask_at(look.endpoint, [("eth_getBlockByNumber", (hex(height), False))])
            block = block_of(found)
        except ChainUnavailable:
            return Look(look.endpoint, look.name, State.AWAY)
        return Look(look.endpoint, look.name, look.state, look.height, look.block_unix_s, block.hash)

    def _alarm(self, found: Judgement) -> None:
        for node in found.nodes:
            if node.state in (State.OTHER_STORY, State.OTHER_CHAIN):
                self._log(f"{node.name}:{node.state}", "chain.node_left_out", node.name, node.state.value)
        if found.is_undecided:
            self._log("undecided", "chain.nodes_disagree", "", "no story has more than half")
        if found.may_still_fail < 0:
            self._log("too_few", "chain.too_few_nodes", "", f"{found.count(State.WELL)} are well")

    def _log(self, key: str, event: str, node: str, state: str) -> None:
        now_s = self._passing_s()
        if now_s - self._logged_at_s.get(key, float("-inf")) < LOG_AGAIN_AFTER_S:
            return
        self._logged_at_s[key] = now_s
        log.error(event, node=node, state=state)
