"""The node's wire: slow, refused, garbage, another chain, an error inside a batch."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from wallet_service.chain.node import client as client_module
from wallet_service.chain.node.client import MAX_BATCH_CALLS, NodeClient, NodeError
from wallet_service.chain.node.profile import ChainProfile
from wallet_service.platform.errors import ChainUnavailable

CHAIN_ID = 777


class FakeNode:
    """Answers each JSON-RPC call with `answers[method]`; `raw` replaces the whole response body."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {"eth_chainId": hex(CHAIN_ID), "eth_blockNumber": "0x10"}
        self.raw: bytes | None = None
        self.delay_s = 0.0
        self.asked: list[str] = []
        node = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                calls = body if isinstance(body, list) else [body]
                node.asked += [call["method"] for call in calls]
                time.sleep(node.delay_s)
                answers = [node.answer(call) for call in calls]
                content = node.raw
                if content is None:
                    content = json.dumps(answers if isinstance(body, list) else answers[0]).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, call: dict[str, Any]) -> dict[str, Any]:
        found = self.answers.get(call["method"])
        found = found(call) if callable(found) else found
        head = {"jsonrpc": "2.0", "id": call["id"]}
        return (
            {**head, "error": found["error"]}
            if isinstance(found, dict) and "error" in found
            else {
                **head,
                "result": found,
            }
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def node() -> Iterator[FakeNode]:
    made = FakeNode()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "FIRST_PAUSE_S", 0.001)


def _client(*urls: str, timeout_s: float = 2) -> NodeClient:
    gas = {"secp256k1": 1, "p256": 1, "passkey": 1}
    return NodeClient(ChainProfile("test", urls, CHAIN_ID, 0, 12_000_000, 0, 8, 30, timeout_s, 100, gas))


def test_the_chain_id_is_asked_once_before_anything_else(node: FakeNode) -> None:
    client = _client(node.url)
    assert client.block_number() == 16
    assert client.block_number() == 16
    assert node.asked == ["eth_chainId", "eth_blockNumber", "eth_blockNumber"]


def test_another_chain_is_never_asked_anything_else_and_left_alone_for_a_while(node: FakeNode) -> None:
    node.answers["eth_chainId"] = "0x1"
    client = _client(node.url)
    for _ in range(3):
        with pytest.raises(ChainUnavailable):
            client.block_number()
    assert node.asked == ["eth_chainId"]


def test_a_node_that_went_away_is_checked_again_when_it_returns(node: FakeNode) -> None:
    client = _client(node.url)
    client.block_number()
    node.raw = b"<html>502 Bad Gateway</html>"
    with pytest.raises(ChainUnavailable):
        client.block_number()
    node.raw = None
    node.answers["eth_chainId"] = "0x1"
    with pytest.raises(ChainUnavailable):
        client.block_number()


@pytest.mark.parametrize(
    "raw", [b"", b"<html></html>", b"null", b"[]", b"42", b'{"jsonrpc":"2.0","id":1}', b'{"error":"no"}']
)
def test_garbage_is_unavailability_not_a_crash(node: FakeNode, raw: bytes) -> None:
    client = _client(node.url)
    client.block_number()
    node.raw = raw
    with pytest.raises(ChainUnavailable):
        client.block_number()
    with pytest.raises(ChainUnavailable):
        client.batch([("eth_blockNumber", ()), ("eth_blockNumber", ())])


@pytest.mark.parametrize(
    "answer",
    [None, 12, "twelve", {}, [], "-0x5", "+0x5", " 0x5", "0x5 ", "0x", "0x1_0", "5", "0x" + "f" * 65],
)
def test_a_number_that_is_none_is_unavailability(node: FakeNode, answer: object) -> None:
    node.answers["eth_blockNumber"] = answer
    with pytest.raises(ChainUnavailable):
        _client(node.url).block_number()


def test_a_hanging_node_costs_a_bounded_time(node: FakeNode) -> None:
    node.delay_s = 5.0
    started_s = time.monotonic()
    with pytest.raises(ChainUnavailable):
        _client(node.url, timeout_s=0.1).block_number()
    assert time.monotonic() - started_s < 2


def test_a_second_address_answers_when_the_first_does_not(node: FakeNode) -> None:
    assert _client("http://127.0.0.1:9", node.url).block_number() == 16


def test_a_refused_call_carries_its_revert_data(node: FakeNode) -> None:
    node.answers["eth_call"] = {"error": {"code": 3, "message": "execution reverted", "data": "0x1234"}}
    with pytest.raises(NodeError) as caught:
        _client(node.url).request("eth_call", {})
    assert (caught.value.is_revert, caught.value.data) == (True, "0x1234")


def test_a_refused_call_inside_a_batch_leaves_the_others(node: FakeNode) -> None:
    node.answers["eth_call"] = {"error": {"code": -32000, "message": "nonce too low"}}
    first, second = _client(node.url).batch([("eth_blockNumber", ()), ("eth_call", ({},))])
    assert first == "0x10"
    assert isinstance(second, NodeError)
    assert not second.is_revert


@pytest.mark.parametrize("data", ["0xzz", "0x123", 12, None, {"data": "0x-1"}])
def test_revert_data_that_is_none_is_left_out(node: FakeNode, data: object) -> None:
    node.answers["eth_call"] = {"error": {"code": "three", "message": "execution reverted", "data": data}}
    with pytest.raises(NodeError) as caught:
        _client(node.url).request("eth_call", {})
    assert (caught.value.code, caught.value.data) == (0, "")


@pytest.mark.parametrize("answer", [12, "0x", [], True])
def test_a_receipt_without_form_is_unavailability(node: FakeNode, answer: object) -> None:
    node.answers["eth_getTransactionReceipt"] = answer
    with pytest.raises(ChainUnavailable):
        _client(node.url).receipts(["0x" + "11" * 32])


def test_every_address_that_answers_is_asked(node: FakeNode) -> None:
    client = _client("http://127.0.0.1:9", node.url, node.url)
    assert client.ask_each("eth_blockNumber") == ["0x10", "0x10"]
    assert _client("http://127.0.0.1:9").ask_each("eth_blockNumber") == []


def test_a_distrusted_address_is_left_out_while_there_is_another(node: FakeNode) -> None:
    other = FakeNode()
    other.answers["eth_blockNumber"] = "0x20"
    try:
        client = _client(node.url, other.url)
        assert client.block_number() == 0x10
        assert client.distrust()
        assert client.block_number() == 0x20
        assert not client.distrust(), "the last one is never left out"
        assert client.block_number() == 0x20
    finally:
        other.close()


def test_a_block_that_came_in_between_is_no_answer(node: FakeNode) -> None:
    passed = {"error": {"code": -32602, "message": "BlockOutOfRangeError: height is 36, asked 35"}}
    answers = iter([passed, passed, "0x2a"])
    node.answers["eth_call"] = lambda call: next(answers)
    assert _client(node.url).request("eth_call", {}, "latest") == "0x2a"


def test_a_block_that_is_gone_for_good_is_refused_after_a_few_times(node: FakeNode) -> None:
    node.answers["eth_call"] = {"error": {"code": -32602, "message": "BlockOutOfRangeError: height is 36"}}
    with pytest.raises(NodeError, match="BlockOutOfRange"):
        _client(node.url).request("eth_call", {}, "0x1")
    assert node.asked.count("eth_call") == client_module.ATTEMPTS_PER_REQUEST


def test_a_batch_is_bounded() -> None:
    with pytest.raises(ValueError, match="at most"):
        _client("http://127.0.0.1:9").batch([("eth_blockNumber", ())] * (MAX_BATCH_CALLS + 1))
    assert _client("http://127.0.0.1:9").batch([]) == []
