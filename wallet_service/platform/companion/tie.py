"""The companion's own side: says how its workers are, and ends the process with the service's."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY, Metric

from wallet_service.platform.workers import WorkerSet

SAYS_EVERY_S = 1.0
#: What the service says: money may be made, or may not.
MAY_ISSUE, MAY_NOT_ISSUE = b"+", b"-"
#: What the process is called in lists of processes: a copy of the service bears the service's command line.
PROCESS_NAME = "alba-companion"


class Tie:
    """To the service, over the socket that is this process's standard input."""

    def __init__(self, workers: WorkerSet, hear: Callable[[bool], None]) -> None:
        self._workers = workers
        self._hear = hear
        self._socket = socket.socket(fileno=os.dup(sys.stdin.fileno()))

    def start(self) -> None:
        with suppress(OSError):
            Path("/proc/self/comm").write_text(PROCESS_NAME, encoding="ascii")
        threading.Thread(target=self._listen, name="tie", daemon=True).start()
        threading.Thread(target=self._speak, name="tie-says", daemon=True).start()

    def _listen(self) -> None:
        """What was committed is committed: nothing needs an orderly end, and the next one needs the lease."""
        with suppress(OSError):
            while word := self._socket.recv(64):
                self._hear(word[-1:] == MAY_ISSUE)
        os._exit(1)

    def _speak(self) -> None:
        with suppress(OSError):
            while True:
                said = {"stalled": self._workers.stalled(), "metrics": _counted(REGISTRY.collect())}
                self._socket.sendall(json.dumps(said).encode() + b"\n")
                time.sleep(SAYS_EVERY_S)


def _counted(families: Iterable[Metric]) -> dict[str, tuple[str, str, list[tuple[str, Any, float]]]]:
    """What has counted something, as it goes over the socket."""
    return {
        family.name: (
            family.documentation,
            family.type,
            [(each.name, each.labels, each.value) for each in family.samples],
        )
        for family in families
        if any(each.value for each in family.samples if not each.name.endswith("_created"))
    }
