"""A second node beside Brownie's, of an older rule set. Owns its process."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from web3 import HTTPProvider, Web3

START_DEADLINE_S = 20


@contextmanager
def node_without_precompile() -> Iterator[Web3]:
    """A node of an older rule set, where nothing answers at 0x100."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    anvil = shutil.which("anvil")
    assert anvil, "anvil is on the PATH of every Brownie run"
    process = subprocess.Popen([anvil, "--hardfork", "cancun", "--port", str(port), "--silent"])
    try:
        chain = Web3(HTTPProvider(f"http://127.0.0.1:{port}"))
        deadline = time.monotonic() + START_DEADLINE_S
        while not chain.is_connected():
            assert time.monotonic() < deadline, "anvil did not start"
            time.sleep(0.05)
        yield chain
    finally:
        process.terminate()
        process.wait()
