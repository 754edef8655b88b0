"""The service's side of workers apart: starts their process, hears how they are, ends it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import structlog
from prometheus_client import REGISTRY, Metric
from prometheus_client.samples import Sample

from wallet_service.platform.companion.early import Early, ServiceCopy
from wallet_service.platform.companion.tie import MAY_ISSUE, MAY_NOT_ISSUE, SAYS_EVERY_S
from wallet_service.platform.workers import STALLED_AFTER_S, STOP_TIMEOUT_S

#: Metrics of the companion bear this label, so that each is one series beside the service's own.
LABEL = "process"
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
MAX_LINE_BYTES = 1_000_000

log = structlog.get_logger(__name__)


class Companion:
    """The service's side. `name`: the one worker it runs; `command`: by what, when not by this program."""

    def __init__(
        self, name: str, may_issue: Callable[[], bool], command: Sequence[str] | None = None
    ) -> None:
        self.name = name
        self._may_issue = may_issue
        own = [sys.executable, "-m", "wallet_service", "worker", name, "--companion"]
        self._command = own if command is None else command
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | ServiceCopy | None = None
        self._early: Early | None = None
        self._heard_at_s = 0.0
        self._said: Mapping[str, Any] = {}

    def adopt(self, early: Early | None) -> None:
        """Its first life, begun already; to be called before `start`."""
        self._early = early

    def start(self) -> None:
        self._stopping.clear()
        self._heard_at_s = time.monotonic()
        self._thread = threading.Thread(target=self._keep, name=f"companion-{self.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Lets its round finish, within a bound."""
        if self._thread is None:
            return
        self._stopping.set()
        process = self._process
        if process is not None:
            _tell(process, signal.SIGTERM)
        self._thread.join(STOP_TIMEOUT_S + 2 * SAYS_EVERY_S)
        if self._thread.is_alive() and self._process is not None:
            log.error("companion.did_not_stop", companion=self.name)
            _tell(self._process, signal.SIGKILL)
            self._thread.join(SAYS_EVERY_S)
        self._thread = None

    def is_well(self) -> bool:
        """True also where none is kept here."""
        if self._thread is None:
            return True
        is_silent = time.monotonic() - self._heard_at_s > STALLED_AFTER_S
        return not is_silent and not self._said.get("stalled")

    def process_id(self) -> int | None:
        return None if self._process is None else self._process.pid

    def collect(self) -> Iterator[Metric]:
        """This process's metrics and the companion's as it said them last, for `generate_latest`."""
        said = self._said.get("metrics", {})
        own = {family.name: family for family in REGISTRY.collect()}
        for name in {**own, **said}:
            documentation, kind, samples = said.get(name, ("", "", []))
            family = own.get(name) or Metric(name, documentation, kind)
            both = Metric(family.name, family.documentation, family.type)  # some collectors give one for ever
            both.samples = [
                *family.samples,
                *(Sample(of, {**labels, LABEL: self.name}, value) for of, labels, value in samples),
            ]
            yield both

    def _keep(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            started_s = time.monotonic()
            try:
                self._live_one_life()
            except Exception:
                log.exception("companion.trouble", companion=self.name)
            self._said = {}
            if self._stopping.is_set():
                return
            if time.monotonic() - started_s > STALLED_AFTER_S:
                pause_s = FIRST_PAUSE_S
            log.error("companion.ended", companion=self.name, starts_again_in_s=pause_s)
            self._stopping.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _live_one_life(self) -> None:
        """From its start to its end. Raises OSError."""
        self._process, ours = self._born()
        with ours:
            if self._stopping.is_set():
                _tell(self._process, signal.SIGTERM)
            try:
                self._listen(ours)
            finally:
                ours.close()  # one that still runs ends by this
                if self._process.poll() is None:
                    _wait_or_kill(self._process)
                self._process = None

    def _born(self) -> tuple[subprocess.Popen[bytes] | ServiceCopy, socket.socket]:
        early, self._early = self._early, None
        if early is not None:
            early.ours.sendall(self._word())
            return early.process, early.ours
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                self._command,
                stdin=theirs.fileno(),
                process_group=0,  # the terminal's Ctrl-C is for the service, which ends this in its order
            )
        return process, ours

    def _word(self) -> bytes:
        return MAY_ISSUE if self._may_issue() else MAY_NOT_ISSUE

    def _listen(self, ours: socket.socket) -> None:
        """Until it says no more; answers each word with whether money may be made."""
        for line in _lines(ours):
            self._said = {**self._said, **json.loads(line)}
            self._heard_at_s = time.monotonic()
            ours.sendall(self._word())


def _lines(ours: socket.socket) -> Iterator[bytes]:
    """Raises OSError for one that does not end."""
    with ours.makefile("rb") as reading:
        while line := reading.readline(MAX_LINE_BYTES):
            if not line.endswith(b"\n"):
                return
            yield line


def _tell(process: subprocess.Popen[bytes] | ServiceCopy, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(number)


def _wait_or_kill(process: subprocess.Popen[bytes] | ServiceCopy) -> None:
    try:
        process.wait(SAYS_EVERY_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
