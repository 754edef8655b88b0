"""A node that lies: stands before a validator and changes what it says. On loopback, in this process."""

from __future__ import annotations

import http.client
import http.server
import json
import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

HOST = "127.0.0.1"
TIMEOUT_S = 5.0
BEHIND_BLOCKS = 50


class Lie(StrEnum):
    """HONEST passes everything on."""

    HONEST = "honest"
    OLDER_HEAD = "an older head"
    OTHER_HASH = "another hash"
    OTHER_CHAIN = "another chain id"
    HTML = "HTML instead of an answer"


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """The validator behind is away: whoever asked hears that the connection was closed."""


class Liar:
    """`url` is the node's address for the service; `lie` may be changed at any time."""

    def __init__(self, behind: str) -> None:
        self.lie = Lie.HONEST
        self._behind = urlsplit(behind)
        liar = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                content, kind = liar._answer(body)
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = _Server((HOST, 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://{HOST}:{self._server.server_address[1]}{self._behind.path}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, body: bytes) -> tuple[bytes, str]:
        if self.lie is Lie.HTML:
            return b"<html><body>Please sign in</body></html>", "text/html"
        asked = json.loads(body)
        calls = asked if isinstance(asked, list) else [asked]
        answers = json.loads(self._pass_on(body))
        by_id = {one["id"]: one for one in (answers if isinstance(answers, list) else [answers])}
        change = _CHANGES.get(self.lie)
        if change is not None:
            for call in calls:
                change(call, by_id[call["id"]])
        return json.dumps(answers).encode(), "application/json"

    def _pass_on(self, body: bytes) -> bytes:
        connection = http.client.HTTPConnection(self._behind.netloc, timeout=TIMEOUT_S)
        try:
            connection.request("POST", self._behind.path, body, {"Content-Type": "application/json"})
            return connection.getresponse().read()
        finally:
            connection.close()


def _older(call: dict[str, Any], answer: dict[str, Any]) -> None:
    result = answer.get("result")
    if call["method"] == "eth_blockNumber" and isinstance(result, str):
        answer["result"] = hex(max(0, int(result, 16) - BEHIND_BLOCKS))
    elif _is_latest(call) and isinstance(result, dict):
        result["number"] = hex(max(0, int(result["number"], 16) - BEHIND_BLOCKS))


def _other_hash(call: dict[str, Any], answer: dict[str, Any]) -> None:
    result = answer.get("result")
    if call["method"] == "eth_getBlockByNumber" and isinstance(result, dict):
        result["hash"] = "0x" + "66" * 32


def _other_chain(call: dict[str, Any], answer: dict[str, Any]) -> None:
    if call["method"] == "eth_chainId":
        answer["result"] = "0x1"


def _is_latest(call: dict[str, Any]) -> bool:
    return bool(call["method"] == "eth_getBlockByNumber" and call["params"][0] == "latest")


_CHANGES: dict[Lie, Callable[[dict[str, Any], dict[str, Any]], None]] = {
    Lie.OLDER_HEAD: _older,
    Lie.OTHER_HASH: _other_hash,
    Lie.OTHER_CHAIN: _other_chain,
}
