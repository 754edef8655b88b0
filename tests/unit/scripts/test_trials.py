"""What the trials on the network rest on: a liar that lies as told, a report that names every reason."""

from __future__ import annotations

import http.server
import json
import threading
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from scripts.network.trials.chaos import counted
from scripts.network.trials.contracts import report
from scripts.network.trials.liar import BEHIND_BLOCKS, Liar, Lie

HEIGHT = 1_000
TRUE_HASH = "0x" + "11" * 32
ANSWERS: dict[str, Any] = {
    "eth_chainId": "0xf00b",
    "eth_blockNumber": hex(HEIGHT),
    "eth_getBlockByNumber": {"number": hex(HEIGHT), "hash": TRUE_HASH},
}


class Validator(http.server.BaseHTTPRequestHandler):
    """Tells the truth."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        calls = asked if isinstance(asked, list) else [asked]
        answers = [{"jsonrpc": "2.0", "id": one["id"], "result": ANSWERS[one["method"]]} for one in calls]
        content = json.dumps(answers if isinstance(asked, list) else answers[0]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def liar() -> Iterator[Liar]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Validator)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made = Liar(f"http://127.0.0.1:{server.server_address[1]}/ext/bc/chain/rpc")
    yield made
    made.close()
    server.shutdown()
    server.server_close()


def answers(liar: Liar) -> dict[str, Any]:
    calls = [
        {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []},
        {"jsonrpc": "2.0", "id": 2, "method": "eth_blockNumber", "params": []},
        {"jsonrpc": "2.0", "id": 3, "method": "eth_getBlockByNumber", "params": ["latest", False]},
    ]
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(liar.url, json.dumps(calls).encode(), headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return {calls[one["id"] - 1]["method"]: one["result"] for one in json.loads(answer.read())}


def test_an_honest_liar_changes_nothing(liar: Liar) -> None:
    assert answers(liar) == ANSWERS


def test_each_lie_changes_what_it_says_and_nothing_else(liar: Liar) -> None:
    liar.lie = Lie.OTHER_CHAIN
    assert answers(liar) == ANSWERS | {"eth_chainId": "0x1"}
    liar.lie = Lie.OLDER_HEAD
    assert int(answers(liar)["eth_blockNumber"], 16) == HEIGHT - BEHIND_BLOCKS
    assert answers(liar)["eth_chainId"] == ANSWERS["eth_chainId"]
    liar.lie = Lie.OTHER_HASH
    assert answers(liar)["eth_getBlockByNumber"]["hash"] != TRUE_HASH
    assert answers(liar)["eth_blockNumber"] == hex(HEIGHT)


def test_html_is_no_answer(liar: Liar) -> None:
    liar.lie = Lie.HTML
    with pytest.raises(ValueError, match="Expecting value"):
        answers(liar)


def test_every_reason_why_a_test_cannot_run_there_is_named_and_counted() -> None:
    page = report(
        [
            "tests/contracts/test_token.py ..ss",
            "SKIPPED [3] tests/contracts/conftest.py:120: moves the clock",
            "SKIPPED [1] tests/contracts/test_gas.py:12: its figures are of a chain where everybody is new",
            "======= 12 passed, 4 skipped in 61.00s =======",
        ]
    )
    assert "12 passed, 4 skipped in 61.00s" in page
    assert "| moves the clock | 3 | conftest.py |" in page
    assert "| its figures are of a chain where everybody is new | 1 | test_gas.py |" in page


def test_what_was_not_accepted_is_counted_by_its_kind() -> None:
    assert counted([]) == "0"
    assert counted(["b", "a", "b"]) == "3 (1 a, 2 b)"
