"""What joins a validator's own network to the others: carries both ways, is silent while stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.network.layout import ROOT
from scripts.network.trials.cable import RELAY

SILENT_S = 0.5
READY_WITHIN_S = 15.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def echo_for_ever(server: socket.socket) -> None:
    connection, _ = server.accept()
    while piece := connection.recv(1024):
        connection.sendall(piece)
    connection.close()


@pytest.fixture
def joined(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The port whose bytes come back over two relays, and the first relay's process."""
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=echo_for_ever, args=(server,), daemon=True).start()
    near, far, between = free_port(), server.getsockname()[1], tmp_path / "between"
    relays = [
        subprocess.Popen([*RELAY, pair], cwd=ROOT)
        for pair in (f"tcp:{near}=unix:{between}", f"unix:{between}=tcp:{far}")
    ]
    try:
        yield near, relays[0].pid
    finally:
        for relay in relays:
            relay.kill()
            relay.wait()
        server.close()


def connected(port: int, between: Path) -> socket.socket:
    deadline_s = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline_s:
        if between.exists():
            with contextlib.suppress(OSError):
                return socket.create_connection(("127.0.0.1", port), timeout=READY_WITHIN_S)
        time.sleep(0.05)
    raise AssertionError(f"nobody listens at {port} after {READY_WITHIN_S} s")


def test_bytes_go_both_ways_none_while_cut_and_all_after(joined: tuple[int, int], tmp_path: Path) -> None:
    port, relay = joined
    with connected(port, tmp_path / "between") as line:
        line.sendall(b"before")
        assert line.recv(64) == b"before"
        os.kill(relay, signal.SIGSTOP)
        line.sendall(b"meanwhile")
        line.settimeout(SILENT_S)
        with pytest.raises(TimeoutError):
            line.recv(64)
        os.kill(relay, signal.SIGCONT)
        line.settimeout(READY_WITHIN_S)
        assert line.recv(64) == b"meanwhile", "the connection outlives the cut"
