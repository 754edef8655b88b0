"""One validator in a network of its own, joined to the others by a cable that can be cut and mended.

The namespace is the kernel's: but for the cable nothing reaches it and it reaches nothing. A cut cable is
silent, as a real one: connections stay and nothing comes through.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from scripts.network.layout import ROOT, NetworkFailed, Node

RELAY = (sys.executable, "-m", "scripts.network.trials.relay")
#: A network of its own, in which its own loopback works.
ALONE = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "alone")
LAID_WITHIN_S = 10.0
POLL_S = 0.05


def are_namespaces_permitted() -> bool:
    try:
        return subprocess.run([*ALONE, "true"], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


class Cable:
    """`within`: the words before the validator's command. Its ports must be free when the cable is laid."""

    def __init__(self, node: Node, others: Sequence[Node]) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="alba-cable-"))
        own, far = (node.http_port, node.staking_port), [one.staking_port for one in others]
        inwards = [(f"tcp:{port}", f"unix:{self._folder}/in-{port}") for port in own]
        outwards = [(f"unix:{self._folder}/out-{port}", f"tcp:{port}") for port in far]
        inner = [(end, start) for start, end in [*inwards, *outwards]]
        self._outside = _relay((), [*inwards, *outwards])
        self._inside = _relay(ALONE, inner)
        self._wait(len(inner))

    @property
    def within(self) -> tuple[str, ...]:
        return ("nsenter", f"--net=/proc/{self._inside.pid}/ns/net")

    def cut(self) -> None:
        os.kill(self._outside.pid, signal.SIGSTOP)

    def mend(self) -> None:
        os.kill(self._outside.pid, signal.SIGCONT)

    def remove(self) -> None:
        for process in (self._outside, self._inside):
            process.kill()
            process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self, sockets: int) -> None:
        deadline_s = time.monotonic() + LAID_WITHIN_S
        while len(list(self._folder.iterdir())) < sockets:
            if time.monotonic() > deadline_s or self._inside.poll() is not None:
                self.remove()
                raise NetworkFailed("the cable to a validator's own network could not be laid")
            time.sleep(POLL_S)


def _relay(before: Sequence[str], pairs: Sequence[tuple[str, str]]) -> subprocess.Popen[bytes]:
    command = [*before, *RELAY, *(f"{listen}={target}" for listen, target in pairs)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)
