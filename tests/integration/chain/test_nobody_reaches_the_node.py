"""Attacks on the embedded node.

A page in a real browser, a WebSocket, another process, another user of this machine. None of them calls what
the node would do for anybody who reaches it.
"""

from __future__ import annotations

import functools
import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from tests.support.browsers import Camera, launch
from tests.support.node import ChainUnderTest
from wallet_service.chain.node.gate import MAX_READING_BYTES, READING_METHODS, REFUSED_METHOD_CODE

pytestmark = pytest.mark.chain

WAIT_S = 60
NOBODY = 65534
CHEATS = ("anvil_impersonateAccount", "anvil_setStorageAt", "anvil_dumpState", "anvil_nodeInfo", "evm_mine")
SENDS = ("eth_sendTransaction", "eth_sendRawTransaction", "personal_sign", "debug_traceTransaction")
KNOCKS = Path(__file__).with_name("knocks.py")


def _listeners(pid: int) -> list[tuple[str, int]]:
    """Where this process listens for TCP, from the kernel's own list."""
    sockets = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        target = os.readlink(descriptor)
        if target.startswith("socket:["):
            sockets.add(target.removeprefix("socket:[").removesuffix("]"))
    found = []
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        _, local, _, state, *_, inode = line.split()[:10]
        if state == "0A" and inode in sockets:
            address, port = local.split(":")
            host = ".".join(str(byte) for byte in reversed(bytes.fromhex(address)))
            found.append((host, int(port, 16)))
    return found


def _post(
    chain: ChainUnderTest, asked: Any, *, path: str = "/", headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", chain.node.port, timeout=WAIT_S)
    body = asked if isinstance(asked, bytes) else json.dumps(asked).encode()
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json"} | (headers or {}))
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None
    finally:
        connection.close()


def _ask(method: str, *params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)}


def test_the_node_listens_where_no_connection_arrives(chain: ChainUnderTest) -> None:
    assert chain.node.pid is not None
    listeners = _listeners(chain.node.pid)
    assert listeners, "anvil always listens somewhere"
    for host, port in listeners:
        for tried in (host, "127.0.0.1", "0.0.0.0"):
            connection = http.client.HTTPConnection(tried, port, timeout=2)
            with pytest.raises(OSError, match=r"unreachable|refused"):
                connection.connect()


@pytest.mark.parametrize("method", [*CHEATS, *SENDS])
def test_the_gate_lets_no_doing_through(chain: ChainUnderTest, method: str) -> None:
    status, answer = _post(chain, _ask(method, chain.keys.address("ISSUER")))
    assert (status, answer["id"], answer["error"]["code"]) == (200, 7, REFUSED_METHOD_CODE)
    # What was sent on all the same would have the first of the node's answers.
    status, answers = _post(chain, [_ask(method), _ask("eth_chainId"), _ask(method)])
    assert [answers[each]["error"]["code"] for each in (0, 2)] == [REFUSED_METHOD_CODE] * 2
    assert int(answers[1]["result"], 16) == chain.deployment.chain_id


def test_the_secret_path_sends_and_still_cheats_nobody(chain: ChainUnderTest) -> None:
    path = chain.node.sending_url.removeprefix(chain.node.url)
    for method in CHEATS:
        assert _post(chain, _ask(method), path=path)[1]["error"]["code"] == REFUSED_METHOD_CODE
    refused = _post(chain, _ask("eth_sendRawTransaction", "0x00"), path=path)[1]["error"]
    assert refused["code"] != REFUSED_METHOD_CODE  # the node itself said what is wrong with it
    assert _post(chain, _ask("eth_chainId"), path=path[:-1] + "~")[0] == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Host": "evil.example:8545"}, 403),
        (
            {
                "Upgrade": "websocket",
                "Connection": "Upgrade",
                "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            },
            403,
        ),
        ({"Upgrade": "h2c"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Length": "-1"}, 411),
        ({"Content-Length": str(MAX_READING_BYTES + 1)}, 413),
    ],
)
def test_the_gate_takes_nothing_of_a_browser_nor_without_bound(
    chain: ChainUnderTest, headers: dict[str, str], status: int
) -> None:
    assert _post(chain, _ask("eth_chainId"), headers=headers)[0] == status


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b'{"method": 7}', b'{"method": "eth_call", "params": {}}']
)
def test_what_is_no_request_is_refused(chain: ChainUnderTest, body: bytes) -> None:
    assert _post(chain, body)[0] == 400


def test_a_handshake_from_a_page_is_not_taken(chain: ChainUnderTest) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", chain.node.port, timeout=WAIT_S)
    handshake = {
        "Origin": "https://evil.example",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    for path in ("/", chain.node.sending_url.removeprefix(chain.node.url)):
        connection.request("GET", path, headers=handshake)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 501
    connection.close()


def test_reading_passes(chain: ChainUnderTest) -> None:
    assert int(_post(chain, _ask("eth_chainId"))[1]["result"], 16) == chain.deployment.chain_id
    assert len(_post(chain, _ask("eth_getCode", chain.deployment.ledger, "latest"))[1]["result"]) > 100
    assert {"eth_call", "eth_getLogs", "eth_getTransactionReceipt"} <= READING_METHODS


#: Another user where this one may become another; this very user, who could do more, everywhere.
USERS = {
    "this user": [],
    "another user": ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"],
}


@pytest.mark.parametrize("user", [name for name in USERS if os.geteuid() == 0 or name == "this user"])
def test_another_process_finds_no_way(chain: ChainUnderTest, user: str) -> None:
    """It knows the node's process, its command line, its ports and the gate; not the secret."""
    assert chain.node.pid is not None
    head = chain.access.client.block_number()
    listeners = [f"{host}:{port}" for host, port in _listeners(chain.node.pid)]
    known = [str(chain.node.pid), str(chain.node.port), *listeners]
    command = [*USERS[user], sys.executable, "-I", "-S", "-", *known]
    ended = subprocess.run(
        command, input=KNOCKS.read_text("utf-8"), capture_output=True, text=True, timeout=WAIT_S, cwd="/"
    )
    assert ended.returncode == 0, ended.stderr
    knocks = json.loads(ended.stdout)
    assert {name.split(" ")[0] for name in knocks} >= {"gate", "tcp", "socket"}
    assert [name for name, came_in in knocks.items() if came_in] == []
    assert chain.access.client.block_number() == head


PAGE = """<!doctype html><script>
const [gate, node] = location.hash.slice(1).split(",");
const call = JSON.stringify({jsonrpc: "2.0", id: 1, method: "anvil_nodeInfo", params: []});
const seen = {};
const socket = (name, url) => new Promise(end => {
  const opened = new WebSocket(url);
  opened.onopen = () => { seen[name] = "open"; end(); };
  opened.onerror = () => { seen[name] = "refused"; end(); };
});
const post = (name, url, init) => fetch(url, {method: "POST", body: call, ...init})
  .then(answer => answer.text().then(text => { seen[name] = text.includes("result") ? "read" : "nothing"; }))
  .catch(() => { seen[name] = "refused"; });
const json = {headers: {"Content-Type": "application/json"}};
(async () => {
  for (const [name, url] of [["gate", gate], ["node", node]]) {
    await socket(name + " websocket", "ws://" + url + "/");
    await post(name + " json", "http://" + url + "/", json);
    await post(name + " plain", "http://" + url + "/", {});
    await post(name + " blind", "http://" + url + "/", {mode: "no-cors"});
  }
  document.title = JSON.stringify(seen);
})();
</script>"""


@contextmanager
def _page_server(folder: Path) -> Iterator[int]:
    (folder / "page.html").write_text(PAGE, "utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


def test_a_page_in_a_real_browser_reaches_nothing(chain: ChainUnderTest, tmp_path: Path) -> None:
    """The page lies on this machine, so that no prompt of the browser about local networks helps us."""
    assert chain.node.pid is not None
    ((host, port),) = _listeners(chain.node.pid)
    with _page_server(tmp_path) as own_port, sync_playwright() as playwright:
        browser = launch(playwright, Camera(tmp_path))
        try:
            page = browser.new_page()
            page.goto(f"http://localhost:{own_port}/page.html#localhost:{chain.node.port},{host}:{port}")
            page.wait_for_function("() => document.title", timeout=WAIT_S * 1000)
            seen = json.loads(page.title())
        finally:
            browser.close()
    assert len(seen) == 8
    assert set(seen.values()) <= {"refused", "nothing"}, seen
