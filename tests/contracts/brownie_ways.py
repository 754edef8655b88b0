"""Brownie as these tests need it: no undo, one connection, receipts seen at once, the clock of the node."""

from __future__ import annotations

import http
import http.client
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from brownie import chain, web3
from brownie.network.transaction import TransactionReceipt

RECEIPT_DEADLINE_S = 60


def wait_for_receipts() -> None:
    """Make Brownie look for a transaction's receipt only when there is one.

    Otherwise it takes a transaction for dropped when anvil already counts its nonce but does not show its
    receipt yet, which a busy machine makes likely. Brownie's clock is the node's when a transaction is there.
    """
    await_confirmation = TransactionReceipt._await_confirmation

    def await_receipt_first(self: Any, *arguments: Any, **named: Any) -> None:
        web3.eth.wait_for_transaction_receipt(self.txid, timeout=RECEIPT_DEADLINE_S, poll_latency=0.005)
        await_confirmation(self, *arguments, **named)
        chain._set_time_offset_from_block()

    TransactionReceipt._await_confirmation = await_receipt_first


def keep_no_undo() -> None:
    """Make Brownie take no snapshot after each transaction: only `chain.undo` needs it. See `undone`.

    Nor does it then look what time it is in a thread of its own, which the next question may overtake:
    `wait_for_receipts` looks.
    """
    type(chain)._add_to_undo_buffer = lambda self, *_: None


class OneConnection:
    """What web3 takes for a session: one connection to the node, one request at a time, nothing looked up.

    A session of requests does the same work as the node again for each question (proxies, cookies, hooks).
    """

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=RECEIPT_DEADLINE_S)
        self._free = threading.Lock()

    def post(self, _address: str, data: bytes, headers: dict[str, str], **_named: Any) -> OneAnswer:
        with self._free:
            self._connection.request("POST", "/", data, headers)
            answer = self._connection.getresponse()
            return OneAnswer(answer.status, answer.read())


@dataclass(frozen=True)
class OneAnswer:
    """What web3 reads of an answer."""

    status: int
    content: bytes

    def raise_for_status(self) -> None:
        if self.status != http.HTTPStatus.OK:
            raise ConnectionError(f"the node answered {self.status}: {self.content[:200]!r}")

    def __enter__(self) -> OneAnswer:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def keep_one_connection() -> None:
    """Make web3 speak to the node over one connection, and ask it once which chain it is.

    By itself it connects anew in each thread, of which Brownie starts one for each transaction, and asks
    for the chain before each question.
    """
    web3.provider._request_session_manager._explicit_session = OneConnection(web3.provider.endpoint_uri)
    web3.provider.cache_allowed_requests = True
    web3.provider.cacheable_requests = {"eth_chainId"}


def set_the_clock() -> None:
    """The node's clock is Brownie's again: a return to a snapshot sets back the node's alone."""
    answer = web3.provider.make_request("evm_setTime", [chain.time()])
    assert "error" not in answer, answer
