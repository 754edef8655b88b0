"""Sends to the embedded node in such an order that none is forgotten: transactions and blocks take turns.

anvil reads a sender's nonce when a transaction arrives and puts the transaction into its pool a moment
later. A block that ends between the two takes the predecessor out of the pool: the newcomer then waits for
a predecessor that never comes, as *queued*, and everything behind it too. Blocks of its own making can end
at any moment; so it makes none. After transactions were handed over, and before the next ones are, the
blocks that hold them are asked for here, under one lock.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog

from wallet_service.chain.node.wire import Call, Wire
from wallet_service.platform.errors import ChainUnavailable

SENDING_METHODS = frozenset({"eth_sendRawTransaction", "eth_sendTransaction"})
#: What one handing-over may fill: 64 settlements of 12 million gas are eight blocks.
MAX_BLOCKS_A_TURN = 64
_BLOCK_TIMEOUT_S = 30.0

log = structlog.get_logger(__name__)


class BlockOrder:
    """A Wire around the private one. `makes_blocks` false leaves blocks to the caller (tests)."""

    def __init__(self, wire: Wire) -> None:
        self.makes_blocks = True
        self._wire = wire
        self._lock = threading.RLock()

    def send(self, calls: Sequence[Call], timeout_s: float) -> list[Any]:
        """See Wire.

        When transactions are among the calls, the blocks that hold them are there at return, unless the node
        could not make them: `make_ready_blocks` is then somebody else's to call again.
        """
        if not any(method in SENDING_METHODS for method, _ in calls):
            return self._wire.send(calls, timeout_s)
        with self._lock:
            answers = self._wire.send(calls, timeout_s)
            if self.makes_blocks:
                try:
                    self.make_ready_blocks()
                except ChainUnavailable as error:
                    log.warning("chain.blocks_wait", reason=error.reason)
            return answers

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keeps every other transaction and block waiting."""
        with self._lock:
            yield

    def make_ready_blocks(self) -> int:
        """Make blocks until nothing that is ready waits; how many. Raises ChainUnavailable."""
        with self._lock:
            for made in range(MAX_BLOCKS_A_TURN):
                if self.pool()[0] == 0:
                    return made
                self._ask("evm_mine")
            return MAX_BLOCKS_A_TURN

    def pool(self) -> tuple[int, int]:
        """(transactions ready for a block, transactions that wait for a predecessor).

        Raises ChainUnavailable.
        """
        status = self._ask("txpool_status")
        try:
            return int(status["pending"], 16), int(status["queued"], 16)
        except (TypeError, KeyError, ValueError) as error:
            raise ChainUnavailable("the node's pool has no form") from error

    def _ask(self, method: str, *params: Any) -> Any:
        (answer,) = self._wire.send([(method, params)], _BLOCK_TIMEOUT_S)
        if not isinstance(answer, dict) or "result" not in answer:
            raise ChainUnavailable(f"{method}: {answer.get('error') if isinstance(answer, dict) else answer}")
        return answer["result"]
