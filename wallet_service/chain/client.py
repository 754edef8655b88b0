"""Talks JSON-RPC to the node: time-outs, bounded retries, several addresses, and the chain id checked
before any use.

Owns the wire only. Blocks are read raw, so an extraData of any length (proof-of-authority engines) is no
trouble. Only `eth_*` methods are asked here; the embedded node's own methods live in `embedded`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any, cast

from requests.exceptions import RequestException
from web3 import HTTPProvider
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint

from wallet_service.chain import metrics
from wallet_service.chain.errors import ChainUnavailable
from wallet_service.chain.profile import ChainProfile

ATTEMPTS_PER_REQUEST = 3
FIRST_PAUSE_S = 0.05
QUARANTINE_S = 10.0
MAX_BATCH_CALLS = 250
_REVERTED_CODE = 3
#: A node that keeps no old state refuses "latest" when a block arrives between the question and its answer.
_BLOCK_PASSED = "BlockOutOfRange"

Call = tuple[str, Sequence[Any]]


class NodeError(Exception):
    """The node answered with a JSON-RPC error. `data` holds revert data as 0x hex, or ""."""

    def __init__(self, code: int, message: str, data: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.data = data

    @property
    def is_revert(self) -> bool:
        return self.code == _REVERTED_CODE or bool(self.data) or "revert" in self.message.lower()

    @property
    def is_passing(self) -> bool:
        """The same question, asked again, has an answer."""
        return _BLOCK_PASSED in self.message


class NodeClient:
    """Thread-safe. Every method raises ChainUnavailable when no address answers in time with sense."""

    def __init__(self, profile: ChainProfile, chain_id: int | None = None) -> None:
        self.chain_id = chain_id if chain_id is not None else profile.chain_id
        self._providers = [
            HTTPProvider(
                url,
                request_kwargs={"timeout": profile.request_timeout_s},
                exception_retry_configuration=None,
            )
            for url in profile.rpc_urls
        ]
        self._verified: set[int] = set()
        self._quarantined_until_s: dict[int, float] = {}
        self._lock = threading.Lock()

    def request(self, method: str, *params: Any) -> Any:
        """One call's result. Raises NodeError when the node refuses it, ChainUnavailable when there is no
        node.
        """
        result = self.batch([(method, params)])[0]
        if isinstance(result, NodeError):
            raise result
        return result

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        """The results in order; a refused call's place holds its NodeError. At most MAX_BATCH_CALLS calls."""
        if not calls:
            return []
        if len(calls) > MAX_BATCH_CALLS:
            raise ValueError(f"at most {MAX_BATCH_CALLS} calls in one batch")
        method = calls[0][0]
        reason = "no node address"
        pause_s = FIRST_PAUSE_S
        for attempt in range(ATTEMPTS_PER_REQUEST):
            for place in self._usable():
                started_s = time.monotonic()
                try:
                    self._verify(place)
                    results = self._send(place, calls)
                except ChainUnavailable as error:
                    reason = error.reason
                    self._verified.discard(place)  # it may come back as another chain
                    metrics.requests.labels(method, "failed").inc()
                    continue
                passing = any(isinstance(one, NodeError) and one.is_passing for one in results)
                if passing and attempt + 1 < ATTEMPTS_PER_REQUEST:
                    metrics.requests.labels(method, "asked_again").inc()
                    break
                metrics.requests.labels(method, "answered").inc()
                metrics.request_seconds.labels(method).observe(time.monotonic() - started_s)
                return results
            if attempt + 1 < ATTEMPTS_PER_REQUEST:
                time.sleep(pause_s)
                pause_s *= 2
        raise ChainUnavailable(reason)

    def _usable(self) -> list[int]:
        """Places of the addresses to try. Quarantined ones come back after QUARANTINE_S."""
        now_s = time.monotonic()
        with self._lock:
            return [
                place
                for place in range(len(self._providers))
                if self._quarantined_until_s.get(place, 0.0) <= now_s
            ]

    def _verify(self, place: int) -> None:
        if place in self._verified:
            return
        (answer,) = self._send(place, [("eth_chainId", ())])
        if not isinstance(answer, str) or _number(answer) != self.chain_id:
            with self._lock:
                self._quarantined_until_s[place] = time.monotonic() + QUARANTINE_S
            metrics.requests.labels("eth_chainId", "other_chain").inc()
            raise ChainUnavailable(f"node {place} is not chain {self.chain_id}")
        self._verified.add(place)

    def _send(self, place: int, calls: Sequence[Call]) -> list[Any]:
        provider = self._providers[place]
        try:
            if len(calls) == 1:
                method, params = calls[0]
                answers: Any = [provider.make_request(RPCEndpoint(method), list(params))]
            else:
                answers = provider.make_batch_request(
                    [(RPCEndpoint(method), list(params)) for method, params in calls]
                )
        except (RequestException, Web3Exception, ValueError, OSError) as error:
            raise ChainUnavailable(f"node {place}: {type(error).__name__}") from error
        if not isinstance(answers, list) or len(answers) != len(calls):
            raise ChainUnavailable(f"node {place} answered another number of calls")
        return [self._result(place, answer) for answer in answers]

    @staticmethod
    def _result(place: int, answer: Any) -> Any:
        if not isinstance(answer, dict):
            raise ChainUnavailable(f"node {place} answered something that is not JSON-RPC")
        error = answer.get("error")
        if error is not None:
            if not isinstance(error, dict):
                raise ChainUnavailable(f"node {place} answered an error without form")
            data = error.get("data")
            if isinstance(data, dict):  # some engines wrap it
                data = data.get("data")
            return NodeError(
                int(error.get("code") or 0),
                str(error.get("message") or ""),
                data if isinstance(data, str) and data.startswith("0x") else "",
            )
        if "result" not in answer:
            raise ChainUnavailable(f"node {place} answered neither result nor error")
        return answer["result"]

    def block_number(self) -> int:
        return quantity(self.request("eth_blockNumber"))

    def transaction_count(self, address: str) -> int:
        """The next nonce of `address` after the latest block."""
        return quantity(self.request("eth_getTransactionCount", address, "latest"))

    def receipts(self, hashes: Sequence[str]) -> list[dict[str, Any] | None]:
        """Receipts in order, None where the node has none."""
        found: list[dict[str, Any] | None] = []
        for start in range(0, len(hashes), MAX_BATCH_CALLS):
            part = hashes[start : start + MAX_BATCH_CALLS]
            for answer in self.batch([("eth_getTransactionReceipt", (one,)) for one in part]):
                if isinstance(answer, NodeError):
                    raise answer
                found.append(cast("dict[str, Any] | None", answer))
        return found


def quantity(value: Any) -> int:
    """A JSON-RPC quantity ("0x1f"). Raises ChainUnavailable on anything else: the node talks nonsense."""
    number = _number(value) if isinstance(value, str) else None
    if number is None:
        raise ChainUnavailable("the node answered something that is not a number")
    return number


def _number(text: str) -> int | None:
    try:
        return int(text, 16)
    except ValueError:
        return None
