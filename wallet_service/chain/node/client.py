"""Talks JSON-RPC to the node.

Time-outs, bounded retries, several addresses, and the chain id checked before any use.

Blocks are read raw, so an extraData of any length (proof-of-authority engines) is no trouble. Only `eth_*`
methods are asked here; the embedded node's own methods live in `embedded`. How calls travel is `wire`'s.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from wallet_service.chain import metrics
from wallet_service.chain.node.profile import ChainProfile
from wallet_service.chain.node.wire import Call, HttpWire, Wire
from wallet_service.platform.errors import ChainUnavailable

ATTEMPTS_PER_REQUEST = 3
FIRST_PAUSE_S = 0.05
QUARANTINE_S = 10.0
#: An address that did not answer is asked after the others for so long: nobody waits for it twice.
AWAY_S = 5.0
MAX_BATCH_CALLS = 250
_REVERTED_CODE = 3
#: A node that keeps no old state refuses "latest" when a block arrives between the question and its answer.
_BLOCK_PASSED = "BlockOutOfRange"

#: At most a 256-bit number; no sign, no spaces, no underscores, though int() would take them.
_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_BYTES = re.compile(r"0x(?:[0-9a-fA-F]{2})*")


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

    def __init__(
        self, profile: ChainProfile, chain_id: int | None = None, wires: Sequence[Wire] | None = None
    ) -> None:
        """Speaks to the profile's addresses, or over `wires` where they are given."""
        self.chain_id = chain_id if chain_id is not None else profile.chain_id
        self._timeout_s = profile.request_timeout_s
        self._wires: Sequence[Wire] = wires or [
            HttpWire(url, profile.request_timeout_s) for url in profile.rpc_urls
        ]
        self._names = (
            [f"node {place}" for place in range(len(self._wires))]
            if wires
            else [urlsplit(url).netloc.rpartition("@")[2] for url in profile.rpc_urls]
        )
        self._verified: set[int] = set()
        self._quarantined_until_s: dict[int, float] = {}
        self._away_until_s: dict[int, float] = {}
        self._preferred = 0
        self._lock = threading.Lock()
        self._answered = threading.local()

    def request(self, method: str, *params: Any) -> Any:
        """One call's result.

        Raises NodeError when the node refuses it, ChainUnavailable when there is no node.
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
            for endpoint in self._usable():
                started_s = time.monotonic()
                try:
                    self._verify(endpoint)
                    results = self._send(endpoint, calls)
                except ChainUnavailable as error:
                    reason = error.reason
                    self._verified.discard(endpoint)  # it may come back as another chain
                    self._note_away(endpoint)
                    metrics.requests.labels(method, "failed").inc()
                    continue
                passing = any(isinstance(one, NodeError) and one.is_passing for one in results)
                if passing and attempt + 1 < ATTEMPTS_PER_REQUEST:
                    metrics.requests.labels(method, "asked_again").inc()
                    break
                self._answered.endpoint = self._preferred = endpoint
                metrics.requests.labels(method, "answered").inc()
                metrics.request_seconds.labels(method).observe(time.monotonic() - started_s)
                return results
            if attempt + 1 < ATTEMPTS_PER_REQUEST:
                time.sleep(pause_s)
                pause_s *= 2
        raise ChainUnavailable(reason)

    def ask_each(self, method: str, *params: Any) -> list[Any]:
        """One call's result from every address that answers it, quarantined ones left out; never raises.

        For what one node's word does not suffice for.
        """
        found = []
        for endpoint in self._usable():
            try:
                self._verify(endpoint)
                (answer,) = self._send(endpoint, [(method, params)])
            except ChainUnavailable:
                self._verified.discard(endpoint)
                continue
            if not isinstance(answer, NodeError):
                found.append(answer)
        return found

    def distrust(self) -> bool:
        """Leave out, for QUARANTINE_S, the address this thread was answered by last.

        False when it is the only one: then nothing changes.
        """
        endpoint = getattr(self._answered, "endpoint", None)
        return endpoint is not None and self.leave_out(endpoint)

    @property
    def endpoint_count(self) -> int:
        return len(self._wires)

    def endpoint_name(self, endpoint: int) -> str:
        """Its host and port, for people; never what may stand before or behind them."""
        return self._names[endpoint]

    def ask_at(self, endpoint: int, calls: Sequence[Call]) -> list[Any]:
        """The results of one address, whatever is thought of it; asked once.

        Raises ChainUnavailable, for a refused call too.
        """
        results = self._send(endpoint, calls)
        for result in results:
            if isinstance(result, NodeError):
                raise ChainUnavailable(f"node {endpoint} refuses: {result.message}")
        return results

    def leave_out(self, endpoint: int) -> bool:
        """Ask this address nothing for QUARANTINE_S; False when no other is left to ask."""
        if not [other for other in self._usable() if other != endpoint]:
            return False
        with self._lock:
            self._quarantined_until_s[endpoint] = time.monotonic() + QUARANTINE_S
        return True

    def _note_away(self, endpoint: int) -> None:
        with self._lock:
            self._away_until_s[endpoint] = time.monotonic() + AWAY_S

    def _usable(self) -> list[int]:
        """Places of the addresses to try, the one that answered last first, silent ones last.

        Quarantined ones come back after QUARANTINE_S.
        """
        now_s = time.monotonic()
        count = len(self._wires)
        with self._lock:
            found = [
                endpoint
                for endpoint in ((self._preferred + step) % count for step in range(count))
                if self._quarantined_until_s.get(endpoint, 0.0) <= now_s
            ]
            away = {one for one in found if self._away_until_s.get(one, 0.0) > now_s}
        return sorted(found, key=lambda one: one in away)

    def _verify(self, endpoint: int) -> None:
        if endpoint in self._verified:
            return
        (answer,) = self._send(endpoint, [("eth_chainId", ())])
        if not isinstance(answer, str) or _number(answer) != self.chain_id:
            with self._lock:
                self._quarantined_until_s[endpoint] = time.monotonic() + QUARANTINE_S
            metrics.requests.labels("eth_chainId", "other_chain").inc()
            raise ChainUnavailable(f"node {endpoint} is not chain {self.chain_id}")
        self._verified.add(endpoint)

    def _send(self, endpoint: int, calls: Sequence[Call]) -> list[Any]:
        try:
            answers = self._wires[endpoint].send(calls, self._timeout_s)
        except ChainUnavailable as error:
            raise ChainUnavailable(f"node {endpoint}: {error.reason}") from error
        if len(answers) != len(calls):
            raise ChainUnavailable(f"node {endpoint} answered another number of calls")
        return [self._result(endpoint, answer) for answer in answers]

    @staticmethod
    def _result(endpoint: int, answer: Any) -> Any:
        if not isinstance(answer, dict):
            raise ChainUnavailable(f"node {endpoint} answered something that is not JSON-RPC")
        error = answer.get("error")
        if error is not None:
            if not isinstance(error, dict):
                raise ChainUnavailable(f"node {endpoint} answered an error without form")
            data = error.get("data")
            if isinstance(data, dict):  # some engines wrap it
                data = data.get("data")
            code = error.get("code")
            return NodeError(
                code if isinstance(code, int) else 0,
                str(error.get("message") or ""),
                data if isinstance(data, str) and _BYTES.fullmatch(data) else "",
            )
        if "result" not in answer:
            raise ChainUnavailable(f"node {endpoint} answered neither result nor error")
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
                if answer is not None and not isinstance(answer, dict):
                    raise ChainUnavailable("the node answered a receipt without form")
                found.append(answer)
        return found


def quantity(value: Any) -> int:
    """A JSON-RPC quantity ("0x1f"). Raises ChainUnavailable on anything else: the node talks nonsense."""
    number = _number(value) if isinstance(value, str) else None
    if number is None:
        raise ChainUnavailable("the node answered something that is not a number")
    return number


def hex_bytes(value: Any) -> str:
    """JSON-RPC bytes ("0x" and pairs of hex digits), as they came. Raises ChainUnavailable."""
    if not isinstance(value, str) or _BYTES.fullmatch(value) is None:
        raise ChainUnavailable("the node answered something that is not bytes")
    return value


def _number(text: str) -> int | None:
    return int(text, 16) if _QUANTITY.fullmatch(text) else None
