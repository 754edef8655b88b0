"""A node that tells lies: a wire to a real node, and on its way back whatever a test plants.

A lie is a function of one call and the node's true answer; it gives what is answered instead. Lies hold until
they are taken away, so that asking again meets them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from wallet_service.chain.node.wire import Call, Wire

#: (method, params, the true result) -> the result to answer
Lie = Callable[[str, list[Any], Any], Any]


class LyingNode:
    """Implements Wire over the honest one. Thread-safe for the plain reading and setting of `lie`."""

    def __init__(self, honest: Wire) -> None:
        self._honest = honest
        self.lie: Lie | None = None

    @contextmanager
    def telling(self, lie: Lie) -> Iterator[None]:
        """Tells this lie, and only this one, inside the block."""
        self.lie = lie
        try:
            yield
        finally:
            self.lie = None

    def send(self, calls: Sequence[Call], timeout_s: float) -> list[Any]:
        """The node's answers, with the planted lie. Errors stay as they are."""
        answers = self._honest.send(calls, timeout_s)
        return [self._twisted(call, answer) for call, answer in zip(calls, answers, strict=True)]

    def _twisted(self, call: Call, answer: Any) -> Any:
        if self.lie is None or "result" not in answer:
            return answer
        method, params = call
        return {**answer, "result": self.lie(method, list(params), answer["result"])}


# --- lies. Each is what a broken, old or hostile node may say.


def without_logs(method: str, params: list[Any], result: Any) -> Any:
    """`eth_getLogs` forgets everything."""
    return [] if method == "eth_getLogs" else result


def without_logs_anywhere(method: str, params: list[Any], result: Any) -> Any:
    """Logs are missing from the filter and from the receipts alike."""
    if method == "eth_getLogs":
        return []
    if method == "eth_getTransactionReceipt" and result is not None:
        return {**result, "logs": []}
    return result


def without_the_last_log(method: str, params: list[Any], result: Any) -> Any:
    return result[:-1] if method == "eth_getLogs" else result


def with_another_amount(method: str, params: list[Any], result: Any) -> Any:
    """The filter gives a transfer's value one cent more."""
    if method != "eth_getLogs":
        return result
    return [
        {**entry, "data": f"0x{int(entry['data'], 16) + 1:064x}"} if len(entry["data"]) == 66 else entry
        for entry in result
    ]


def without_receipts(method: str, params: list[Any], result: Any) -> Any:
    return None if method == "eth_getTransactionReceipt" else result


def with_reverted_receipts(method: str, params: list[Any], result: Any) -> Any:
    """Every transaction is said to have failed."""
    if method == "eth_getTransactionReceipt" and result is not None:
        return {**result, "status": "0x0"}
    return result


def with_failures_and_no_logs(method: str, params: list[Any], result: Any) -> Any:
    """Failed, without logs, and the filter agrees: only the bloom knows better."""
    return without_logs_anywhere(method, params, with_reverted_receipts(method, params, result))


def without_transactions(method: str, params: list[Any], result: Any) -> Any:
    """Blocks are said to be empty, and logs are left out."""
    if method == "eth_getBlockByNumber" and result is not None:
        return {**result, "transactions": []}
    return without_logs(method, params, result)


def with_negative_head(method: str, params: list[Any], result: Any) -> Any:
    return "-0x5" if method == "eth_blockNumber" else result


def with_older_head(method: str, params: list[Any], result: Any) -> Any:
    """The head's number is smaller than it is, and every block is still there."""
    return hex(int(result, 16) - 3) if method == "eth_blockNumber" else result


def with_times_moved_by(seconds: int) -> Lie:
    """Every block, the next one's too, is said to be of another time: a node whose clock is wrong."""

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getBlockByNumber" and result is not None:
            return {**result, "timestamp": hex(int(result["timestamp"], 16) + seconds)}
        return result

    return lie


def with_nothing(method: str, params: list[Any], result: Any) -> Any:
    """`null` to everything but the chain's number."""
    return result if method == "eth_chainId" else None


def with_another_hash_of(number: int) -> Lie:
    """One block has another hash than the one its child names."""

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getBlockByNumber" and result is not None and int(result["number"], 16) == number:
            return {**result, "hash": "0x" + "ab" * 32}
        return result

    return lie


def ending_at(number: int) -> Lie:
    """The chain is said to end at `number`, in every answer alike: a node that came back older."""

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_blockNumber":
            return hex(number)
        if method == "eth_getBlockByNumber" and result is not None and int(result["number"], 16) > number:
            return None
        return result

    return lie
