"""The connections to the node's socket.

Answers find their questions, late ones are dropped, broken ones given up.
"""

from __future__ import annotations

import json
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from wallet_service.chain.node import private_wire
from wallet_service.chain.node.private_wire import PrivateWire
from wallet_service.platform.errors import ChainUnavailable

WAIT_S = 5.0


class Node:
    """Answers every line of JSON with the method's name, in reverse order of a batch."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.delays_s: dict[str, float] = {}
        self.connections: list[socket.socket] = []
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen(32)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        decoder, rest = json.JSONDecoder(), ""
        while received := connection.recv(65536):
            rest += received.decode()
            while rest:
                try:
                    asked, end = decoder.raw_decode(rest)
                except ValueError:
                    break
                rest = rest[end:]
                self._answer(connection, asked)

    def _answer(self, connection: socket.socket, asked: Any) -> None:
        calls = asked if isinstance(asked, list) else [asked]
        time.sleep(max(self.delays_s.pop(call["method"], 0.0) for call in calls))
        answers = [{"id": call["id"], "result": call["method"]} for call in reversed(calls)]
        with suppress(BrokenPipeError, ConnectionResetError):  # who asked waits no longer
            connection.sendall(
                json.dumps(answers if isinstance(asked, list) else answers[0]).encode() + b"\n"
            )

    def close(self) -> None:
        self._listening.close()
        for connection in self.connections:
            connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def node() -> Iterator[Node]:
    with tempfile.TemporaryDirectory(prefix="alba-") as folder:
        made = Node(Path(folder) / "node")
        yield made
        made.close()


@pytest.fixture
def wire(node: Node, monkeypatch: pytest.MonkeyPatch) -> PrivateWire:
    """With one connection, so that who comes next uses the same."""
    monkeypatch.setattr(private_wire, "CONNECTIONS", 1)
    made = PrivateWire()
    made.open(node.path)
    return made


def test_answers_stand_in_the_order_of_the_questions(wire: PrivateWire) -> None:
    assert [one["result"] for one in wire.send([("a", ()), ("b", ()), ("c", ())], WAIT_S)] == ["a", "b", "c"]
    assert wire.send([("d", ())], WAIT_S)[0]["result"] == "d"


def test_an_answer_that_comes_too_late_is_nobody_elses(wire: PrivateWire, node: Node) -> None:
    node.delays_s["slow"] = 0.3
    with pytest.raises(ChainUnavailable):
        wire.send([("slow", ())], 0.05)
    assert wire.send([("next", ())], WAIT_S)[0]["result"] == "next"


def test_it_needs_the_path_only_at_the_start(wire: PrivateWire, node: Node) -> None:
    node.path.unlink()
    assert wire.send([("a", ())], WAIT_S)[0]["result"] == "a"
    with pytest.raises(OSError, match="No such file"):
        PrivateWire().open(node.path)


def test_a_node_that_ended_is_unavailable_at_once(wire: PrivateWire, node: Node) -> None:
    wire.send([("a", ())], WAIT_S)
    node.connections[0].shutdown(socket.SHUT_RDWR)
    started_s = time.monotonic()
    with pytest.raises(ChainUnavailable, match=r"ConnectionReset|BrokenPipe"):
        wire.send([("b", ())], WAIT_S)
    with pytest.raises(ChainUnavailable):
        wire.send([("c", ())], WAIT_S)
    assert time.monotonic() - started_s < WAIT_S


def test_whoever_waits_while_it_is_closed_is_answered(wire: PrivateWire, node: Node) -> None:
    node.delays_s["slow"] = WAIT_S
    threading.Timer(0.1, wire.close).start()
    started_s = time.monotonic()
    with pytest.raises(ChainUnavailable):
        wire.send([("slow", ())], 2 * WAIT_S)
    assert time.monotonic() - started_s < WAIT_S


def test_before_the_start_there_is_no_node() -> None:
    with pytest.raises(ChainUnavailable, match="not running"):
        PrivateWire().send([("a", ())], WAIT_S)
