"""The only way to the embedded node: connections to its Unix socket, all made when it starts.

The socket lies in a folder of ours (mode 0700) that is removed as soon as the connections stand: from then
on there is no path by which anybody else, of this user or another, could reach the node. So no connection
can be made later either; one that broke is given up, and when none is left the supervisor starts the node
again.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import queue
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wallet_service.chain.node.wire import Call
from wallet_service.platform.errors import ChainUnavailable

CONNECTIONS = 16
_CHUNK_BYTES = 1 << 18


class PrivateWire:
    """Thread-safe: each call has a connection to itself for as long as it takes."""

    def __init__(self) -> None:
        self._free: queue.LifoQueue[_Connection] = queue.LifoQueue()
        self._all: list[_Connection] = []

    def open(self, path: Path) -> None:
        """Make every connection to the socket at `path`. Raises OSError."""
        self.close()
        free: queue.LifoQueue[_Connection] = queue.LifoQueue()
        for _ in range(CONNECTIONS):
            connection = _Connection(path)
            self._all.append(connection)
            free.put(connection)
        self._free = free

    def close(self) -> None:
        """Give every connection up; whoever waits for an answer gets ChainUnavailable."""
        self._free = queue.LifoQueue()
        for connection in self._all:
            connection.close()
        self._all = []

    def send(self, calls: Sequence[Call], timeout_s: float) -> list[Any]:
        """See Wire."""
        deadline_s = time.monotonic() + timeout_s
        free = self._free
        if all(connection.is_broken for connection in self._all):
            raise ChainUnavailable("the embedded node is not running")
        try:
            connection = free.get(timeout=timeout_s)
        except queue.Empty:
            raise ChainUnavailable("every way to the embedded node is busy") from None
        try:
            return connection.ask(calls, deadline_s)
        except (OSError, ValueError) as error:
            raise ChainUnavailable(type(error).__name__) from error
        finally:
            if not connection.is_broken:
                free.put(connection)


class _Connection:
    """One line of JSON an answer. An answer that came too late is recognised by its number and dropped."""

    def __init__(self, path: Path) -> None:
        self.is_broken = False
        self._numbers = itertools.count(1)
        self._rest = bytearray()
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise

    def close(self) -> None:
        self.is_broken = True
        with contextlib.suppress(OSError):  # closing alone would leave a thread waiting in its reading
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def ask(self, calls: Sequence[Call], deadline_s: float) -> list[Any]:
        requests = {
            number: {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
            for number, (method, params) in zip(self._numbers, calls, strict=False)
        }
        messages = list(requests.values())
        self._write(json.dumps(messages if len(messages) > 1 else messages[0]).encode(), deadline_s)
        while True:
            response = json.loads(self._line(deadline_s))
            answers = {
                answer.get("id"): answer
                for answer in (response if isinstance(response, list) else [response])
                if isinstance(answer, dict)
            }
            if answers.keys() == requests.keys():
                return [answers[number] for number in requests]

    def _write(self, message: bytes, deadline_s: float) -> None:
        self._socket.settimeout(max(deadline_s - time.monotonic(), 0.001))
        try:
            self._socket.sendall(message)
        except OSError:
            self.close()  # half a question was written
            raise

    def _line(self, deadline_s: float) -> bytes:
        searched = 0
        while (end := self._rest.find(b"\n", searched)) < 0:
            searched = len(self._rest)
            self._socket.settimeout(max(deadline_s - time.monotonic(), 0.001))
            received = self._socket.recv(_CHUNK_BYTES)
            if not received:
                self.close()
                raise ConnectionResetError
            self._rest += received
        line = bytes(self._rest[:end])
        del self._rest[: end + 1]
        return line
