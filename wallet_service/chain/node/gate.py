"""The door to the embedded node for whoever checks us: a small HTTP address that lets reading through.

Reading only, a closed list of methods; nothing from a browser (no Origin, no Upgrade, no Sec-Fetch header, a
Host of this machine, JSON declared as such). While a system is being set up, or in tests, transactions pass
too, under a path with a secret. The node's own methods pass nowhere. Owns no answer: the wire gives them.
"""

from __future__ import annotations

import hmac
import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from wallet_service.chain.node.wire import Call, Wire
from wallet_service.platform.errors import ChainUnavailable

HOST = "127.0.0.1"
MAX_CONNECTIONS = 32
#: Between two requests, and for one's header and body.
IDLE_TIMEOUT_S = 15.0
MAX_READING_BYTES = 256 * 1024
#: 64 transactions of 128 KiB, in hexadecimal, and their frame.
MAX_SENDING_BYTES = 20 * 1024 * 1024
MAX_CALLS = 250
REFUSED_METHOD_CODE = -32601
_BAD_REQUEST_CODE = -32600

READING_METHODS = frozenset(
    {
        "eth_blockNumber",
        "eth_call",
        "eth_chainId",
        "eth_getBalance",
        "eth_getBlockByHash",
        "eth_getBlockByNumber",
        "eth_getCode",
        "eth_getLogs",
        "eth_getStorageAt",
        "eth_getTransactionByHash",
        "eth_getTransactionCount",
        "eth_getTransactionReceipt",
        "net_version",
        "web3_clientVersion",
    }
)
SENDING_METHODS = READING_METHODS | {
    "eth_accounts",
    "eth_estimateGas",
    "eth_gasPrice",
    "eth_sendRawTransaction",
    "eth_syncing",
}


class Gate:
    """Listens on loopback from `open` to `close`, in threads of its own."""

    def __init__(self, wire: Wire, port: int, secret: str, timeout_s: float) -> None:
        """`secret` is the path under which transactions pass; "" for nowhere."""
        self._wire = wire
        self._port = port
        self._secret = secret
        self._timeout_s = timeout_s
        self._server: _Server | None = None

    @property
    def is_open(self) -> bool:
        return self._server is not None

    def open(self) -> None:
        """Raises OSError when the port is taken."""
        if self._server is None:
            self._server = _Server(self, self._port)
            threading.Thread(target=self._server.serve_forever, name="gate", daemon=True).start()

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def methods_at(self, path: str) -> frozenset[str] | None:
        """What passes under this path; None when there is no such path."""
        if path in ("", "/"):
            return READING_METHODS
        if self._secret and hmac.compare_digest(path.encode(), f"/{self._secret}".encode()):
            return SENDING_METHODS
        return None

    def refusal(self, headers: Any) -> HTTPStatus | None:
        """Why the headers of a request do not pass, None when they do."""
        names = {name.lower() for name in headers}
        if names & {"origin", "upgrade"} or any(name.startswith("sec-") for name in names):
            return HTTPStatus.FORBIDDEN
        if headers.get_all("Host") not in ([f"{HOST}:{self._port}"], [f"localhost:{self._port}"]):
            return HTTPStatus.FORBIDDEN
        if headers.get_content_type() != "application/json":
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        return None

    def answer(self, body: bytes, methods: frozenset[str]) -> Any:
        """The JSON-RPC answer to a JSON-RPC request. Raises ValueError when it is none, ChainUnavailable."""
        request = json.loads(body)
        messages = request if isinstance(request, list) else [request]
        if not 1 <= len(messages) <= MAX_CALLS:
            raise ValueError("wrong number of calls")
        calls: list[Call] = [_call(message) for message in messages]
        allowed = [call for call in calls if call[0] in methods]
        node_answer = iter(self._wire.send(allowed, self._timeout_s) if allowed else [])
        answers = [
            _answer(message, next(node_answer) if call[0] in methods else _REFUSED)
            for message, call in zip(messages, calls, strict=True)
        ]
        return answers if isinstance(request, list) else answers[0]


_REFUSED = {"error": {"code": REFUSED_METHOD_CODE, "message": "this method does not pass here"}}


def _call(message: Any) -> Call:
    if not isinstance(message, dict) or not isinstance(message.get("method"), str):
        raise ValueError("not a call")
    params = message.get("params", [])
    if not isinstance(params, list):
        raise ValueError("parameters are a list")
    return message["method"], params


def _answer(message: Any, node_answer: Any) -> dict[str, Any]:
    if not isinstance(node_answer, dict):
        raise ChainUnavailable("the node answered something that is not JSON-RPC")
    kept = {name: node_answer[name] for name in ("result", "error") if name in node_answer}
    return {"jsonrpc": "2.0", "id": message.get("id"), **kept}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def __init__(self, gate: Gate, port: int) -> None:
        self.gate = gate
        self._places = threading.BoundedSemaphore(MAX_CONNECTIONS)
        super().__init__((HOST, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is nobody's concern."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "gate"
    sys_version = ""
    timeout = IDLE_TIMEOUT_S
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        gate = self.server.gate
        methods = gate.methods_at(self.path)
        refusal = HTTPStatus.NOT_FOUND if methods is None else gate.refusal(self.headers)
        length = self.headers.get("Content-Length", "")
        if methods is None or refusal is not None:
            self._end(refusal or HTTPStatus.NOT_FOUND)
        elif self.headers.get("Transfer-Encoding") is not None or not (length.isascii() and length.isdigit()):
            self._end(HTTPStatus.LENGTH_REQUIRED)
        elif int(length) > (MAX_READING_BYTES if methods is READING_METHODS else MAX_SENDING_BYTES):
            self._end(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            self._give(methods, self.rfile.read(int(length)))

    def _give(self, methods: frozenset[str], body: bytes) -> None:
        try:
            self._write(HTTPStatus.OK, self.server.gate.answer(body, methods))
        except (ValueError, RecursionError):
            error = {"code": _BAD_REQUEST_CODE, "message": "not a JSON-RPC request"}
            self._write(HTTPStatus.BAD_REQUEST, {"jsonrpc": "2.0", "id": None, "error": error})
        except ChainUnavailable:
            self._end(HTTPStatus.SERVICE_UNAVAILABLE)

    def _write(self, status: HTTPStatus, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _end(self, status: HTTPStatus) -> None:
        """Refuse without reading the body, so the connection ends too."""
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what is asked here concerns nobody."""
