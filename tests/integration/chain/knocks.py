"""Knocks at every door of an embedded node.

Run by the attack tests as a program of its own, with nothing installed: `python -I -S - PID GATE_PORT
HOST:PORT ...`. Prints {what was tried: whether it came in}.
"""

import contextlib
import http.client
import json
import pathlib
import socket
import sys

METHODS = ("anvil_impersonateAccount", "anvil_setBalance", "eth_sendTransaction", "evm_mine")
ADDRESS = "0x" + "11" * 20
TIMEOUT_S = 3


def asked(method: str) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": [ADDRESS, "0x1"]}).encode()


def comes_in_by_http(host: str, port: int, path: str, method: str) -> bool:
    with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        connection.request("POST", path, asked(method), {"Content-Type": "application/json"})
        return "result" in json.loads(connection.getresponse().read())
    return False


def comes_in_by_socket(path: str) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as one:
        one.settimeout(TIMEOUT_S)
        one.connect(path)
        return True
    return False


def main() -> None:
    pid, gate_port, *listeners = sys.argv[1], int(sys.argv[2]), *sys.argv[3:]
    knocks: dict[str, bool] = {}
    for method in METHODS:
        knocks[f"gate {method}"] = comes_in_by_http("127.0.0.1", gate_port, "/", method)
    for listener in listeners:
        host, port = listener.split(":")
        for tried in (host, "127.0.0.1", "0.0.0.0"):
            knocks[f"tcp {tried}:{port}"] = comes_in_by_http(tried, int(port), "/", "anvil_setBalance")
    words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    path = words[words.index(b"--ipc") + 1].decode()
    knocks["socket of the command line"] = comes_in_by_socket(path)
    for line in pathlib.Path("/proc/net/unix").read_text("utf-8", "replace").splitlines()[1:]:
        if line.endswith(path):
            knocks["socket of the kernel's list"] = comes_in_by_socket(line.split()[-1])
    with contextlib.suppress(OSError):
        for descriptor in pathlib.Path(f"/proc/{pid}/fd").iterdir():
            knocks[f"socket {descriptor}"] = comes_in_by_socket(str(descriptor))
    print(json.dumps(knocks))


main()
