"""Transactions and blocks of the embedded node take turns: none is handed over while a block is made."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from wallet_service.chain.node.block_order import BlockOrder
from wallet_service.chain.node.wire import Call
from wallet_service.platform.errors import ChainUnavailable

WAIT_S = 5.0
SEND: Call = ("eth_sendRawTransaction", ("0x00",))


class Node:
    """Counts what its pool holds; a block takes until `block_may_end`."""

    def __init__(self, transactions_a_block: int = 1000) -> None:
        self.ready, self.blocks = 0, 0
        self.asked: list[str] = []
        self.during_block: list[str] = []
        self.transactions_a_block = transactions_a_block
        self.block_begun, self.block_may_end = threading.Event(), threading.Event()
        self.block_may_end.set()
        self.refuses_blocks = False

    def send(self, calls: Sequence[Call], timeout_s: float) -> list[Any]:
        return [{"result": self._answer(method)} for method, _ in calls]

    def _answer(self, method: str) -> Any:
        self.asked.append(method)
        if self.block_begun.is_set() and not self.block_may_end.is_set():
            self.during_block.append(method)
        if method == "eth_sendRawTransaction":
            self.ready += 1
        if method == "txpool_status":
            return {"pending": hex(self.ready), "queued": "0x0"}
        if method == "evm_mine":
            if self.refuses_blocks:
                raise ChainUnavailable("no block now")
            self.block_begun.set()
            assert self.block_may_end.wait(WAIT_S)
            self.ready = max(0, self.ready - self.transactions_a_block)
            self.blocks += 1
        return "0x0"


def test_the_block_of_what_was_handed_over_is_there_at_return() -> None:
    node = Node()
    order = BlockOrder(node)
    assert len(order.send([SEND, SEND], WAIT_S)) == 2
    assert (node.ready, node.blocks) == (0, 1)


def test_full_blocks_are_followed_by_more() -> None:
    node = Node(transactions_a_block=2)
    BlockOrder(node).send([SEND] * 5, WAIT_S)
    assert (node.ready, node.blocks) == (0, 3)


def test_nothing_is_handed_over_while_a_block_is_made_and_reading_goes_on() -> None:
    node = Node()
    order = BlockOrder(node)
    node.block_may_end.clear()
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(order.send, [SEND], WAIT_S)
        assert node.block_begun.wait(WAIT_S)
        second = pool.submit(order.send, [SEND], WAIT_S)
        reading = pool.submit(order.send, [("eth_call", ())], WAIT_S)
        assert reading.result(WAIT_S) == [{"result": "0x0"}]
        assert not second.done()
        node.block_may_end.set()
        first.result(WAIT_S)
        second.result(WAIT_S)
    assert node.during_block == ["eth_call"]
    assert (node.ready, node.blocks) == (0, 2)


def test_reading_makes_no_block_and_asks_for_no_pool() -> None:
    node = Node()
    BlockOrder(node).send([("eth_call", ()), ("eth_getLogs", ())], WAIT_S)
    assert node.asked == ["eth_call", "eth_getLogs"]


def test_a_block_that_could_not_be_made_costs_no_answer_and_is_made_later() -> None:
    node = Node()
    order = BlockOrder(node)
    node.refuses_blocks = True
    assert order.send([SEND], WAIT_S) == [{"result": "0x0"}]
    assert node.ready == 1
    node.refuses_blocks = False
    assert order.make_ready_blocks() == 1
    assert node.ready == 0
