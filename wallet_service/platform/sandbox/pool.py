"""The service's side of a sandbox: who may work in it, the process that does, and what its answers mean.

One piece of work at a time per sandbox, one per holder, a bounded number waiting for a bounded time; all
others are refused at once. Answers are bytes and plain values, never objects: what is done to a runner by the
content it reads ends there. Knows no subject.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from prometheus_client import Counter, Histogram

from wallet_service.platform.sandbox.child import ANSWER_HEAD, READ_BYTES, REQUEST_HEAD, Bounds, Outcome
from wallet_service.platform.sandbox.errors import TaskFailed, WorkBusy, WorkOneAtATime
from wallet_service.protocol.refusal import Refusal

#: Each waits in a thread of the web server, which has forty: a full queue must leave the others to payments.
MAX_WAITING = 4
MAX_WAIT_S = 10.0
RETRY_AFTER_S = 5
#: From the start of the process to the end of its imports, on a busy machine.
MAX_START_S = 30.0
#: The process ends its runner by itself at `wall_s`; this much later it is ended itself.
MARGIN_S = 5.0
#: What every sandbox may know of the service's environment: no setting, no key.
KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "TZDIR", "LD_LIBRARY_PATH", "PYTHONPYCACHEPREFIX")
MAX_WORD_LENGTH = 200
ROOT = Path(__file__).resolve().parents[3]

log = structlog.get_logger(__name__)
TASKS = Counter(
    "alba_sandbox_tasks_total", "Pieces of work in a process of their own", ["sandbox", "outcome"]
)
SECONDS = Histogram("alba_sandbox_seconds", "Time on the clock of one piece of work", ["sandbox"])


@dataclass(frozen=True)
class Task:
    """A function of bytes and what the member hears when it does not end well.

    Attributes:
        function: ``package.module:function``; the service itself need not import it.
        refusals: what the function may raise; anything else is a TaskFailed.
        too_heavy: when a bound was passed or the runner died.
    """

    function: str
    refusals: tuple[type[Refusal], ...]
    too_heavy: type[Refusal]


class Sandbox:
    """`start` has the process warmed up and may be left out; the first work then waits for the imports."""

    def __init__(self, name: str, bounds: Bounds) -> None:
        self.name = name
        self._bounds = bounds
        self._holders: set[str] = set()
        self._holders_lock = threading.Lock()
        self._turn = threading.Lock()
        self._child_lock = threading.Lock()
        self._child: _Child | None = None
        self._warm_up: threading.Timer | None = None
        self._is_stopped = False

    def start(self, after_s: float) -> None:
        """The process starts `after_s` seconds from now, or with the first work when that is sooner."""
        with self._child_lock:
            self._is_stopped = False
            if self._warm_up is not None:
                self._warm_up.cancel()
            self._warm_up = threading.Timer(after_s, self._warm)
            self._warm_up.daemon = True
            self._warm_up.start()

    def stop(self) -> None:
        """Ends the process and what it is doing."""
        with self._child_lock:
            self._is_stopped = True
            if self._warm_up is not None:
                self._warm_up.cancel()
            child, self._child = self._child, None
        if child is not None:
            child.kill()  # whoever waits for its answer hears that it is gone, and gives the place back
            with self._turn:
                child.close()

    @contextmanager
    def slot(self, holder: str) -> Iterator[SandboxSlot]:
        """The one place, for as long as the block lasts. Raises WorkOneAtATime, WorkBusy."""
        with self._holders_lock:
            if holder in self._holders:
                raise WorkOneAtATime(retry_after_s=RETRY_AFTER_S)
            if len(self._holders) > MAX_WAITING:
                TASKS.labels(self.name, "busy").inc()
                raise WorkBusy(retry_after_s=RETRY_AFTER_S)
            self._holders.add(holder)
        try:
            if not self._turn.acquire(timeout=MAX_WAIT_S):
                TASKS.labels(self.name, "busy").inc()
                raise WorkBusy(retry_after_s=RETRY_AFTER_S)
            try:
                yield SandboxSlot(self)
            finally:
                self._turn.release()
        finally:
            with self._holders_lock:
                self._holders.discard(holder)

    def run(self, holder: str, task: Task, content: bytes) -> bytes:
        """`task` done to `content`. Raises as `slot` and as `SandboxSlot.run`."""
        with self.slot(holder) as slot:
            return slot.run(task, content)

    def _run(self, task: Task, content: bytes) -> bytes:
        started_s = time.monotonic()
        child = self._running_child()
        try:
            outcome, payload = child.ask(task.function, content)
        except (OSError, _Broken) as error:
            self._replace(child)
            TASKS.labels(self.name, "lost").inc()
            log.error("sandbox.process_lost", sandbox=self.name, failure=type(error).__name__)
            raise WorkBusy(retry_after_s=RETRY_AFTER_S) from None
        SECONDS.labels(self.name).observe(time.monotonic() - started_s)
        TASKS.labels(self.name, outcome.name.lower()).inc()
        if outcome is Outcome.DONE:
            return payload
        if outcome is Outcome.REFUSED:
            raise _refusal(task, payload)
        reason = payload[:MAX_WORD_LENGTH].decode("utf-8", "replace")
        if outcome is Outcome.KILLED:
            log.warning("sandbox.task_killed", sandbox=self.name, function=task.function, reason=reason)
            raise task.too_heavy()
        log.error("sandbox.task_failed", sandbox=self.name, function=task.function, failure=reason)
        raise TaskFailed(reason)

    def _running_child(self) -> _Child:
        with self._child_lock:
            if self._is_stopped:
                raise WorkBusy(retry_after_s=RETRY_AFTER_S)
            if self._child is None:
                try:
                    self._child = _Child(self._bounds)
                except OSError:
                    log.exception("sandbox.cannot_start", sandbox=self.name)
                    raise WorkBusy(retry_after_s=RETRY_AFTER_S) from None
            return self._child

    def _warm(self) -> None:
        with suppress(WorkBusy):
            self._running_child()

    def _replace(self, lost: _Child) -> None:
        """Ends a process that does not answer; its successor warms up while nobody waits."""
        lost.kill()
        with self._child_lock:
            if self._child is lost:
                self._child = None
                lost.close()
        self._warm()


class SandboxSlot:
    """The right to work now; what is read from the database for the work may be read under it as well."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def run(self, task: Task, content: bytes) -> bytes:
        """Raises the task's refusals and its `too_heavy`, WorkBusy when the process is lost, TaskFailed."""
        return self._sandbox._run(task, content)


class _Broken(Exception):
    """The process ended, or said what the protocol does not have."""


class _Child:
    """The process and the socket to it. Not shared between threads: the sandbox's one place sees to that."""

    def __init__(self, bounds: Bounds) -> None:
        """Raises OSError when no process can be started."""
        self._bounds = bounds
        self._is_ready = False
        self._socket, theirs = socket.socketpair()
        kept = (*KEPT_ENVIRONMENT, *bounds.variables)
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "wallet_service.platform.sandbox.child", bounds.to_text()],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env={**environment, "PYTHONPATH": str(ROOT)},
                process_group=0,  # the terminal's Ctrl-C is for the service, which ends this in its order
            )
        except OSError:
            self._socket.close()
            raise
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, function: str, content: bytes) -> tuple[Outcome, bytes]:
        """Raises OSError (a time-out is one) or _Broken: then this child is good for nothing more."""
        if not self._is_ready:
            outcome, _ = self._answer(time.monotonic() + MAX_START_S)
            if outcome is not Outcome.READY:
                raise _Broken
            self._is_ready = True
        deadline_s = time.monotonic() + self._bounds.wall_s + MARGIN_S
        self._socket.settimeout(self._bounds.wall_s + MARGIN_S)
        name = function.encode()
        self._socket.sendall(REQUEST_HEAD.pack(len(name), len(content)) + name + content)
        return self._answer(deadline_s)

    def kill(self) -> None:
        """Ends the whole group, also when it is in the middle of something."""
        if self._process.returncode is None:  # not waited for yet, so its number is still its own
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        self._socket.close()

    def _answer(self, deadline_s: float) -> tuple[Outcome, bytes]:
        outcome, length = ANSWER_HEAD.unpack(self._read(ANSWER_HEAD.size, deadline_s))
        if length > self._bounds.answer_bytes or outcome not in list(Outcome):
            raise _Broken
        return Outcome(outcome), self._read(length, deadline_s)

    def _read(self, length: int, deadline_s: float) -> bytes:
        read = bytearray()
        while len(read) < length:
            self._socket.settimeout(max(0.001, deadline_s - time.monotonic()))
            part = self._socket.recv(min(READ_BYTES, length - len(read)))
            if not part:
                raise _Broken
            read += part
        return bytes(read)


def _refusal(task: Task, payload: bytes) -> Refusal:
    """The declared refusal the runner named, with plain values only. Raises TaskFailed."""
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        read = json.loads(payload)
        values = {str(name): value for name, value in read["values"].items()}
        (refusal,) = [refusal for refusal in task.refusals if refusal.code == read["code"]]
        if all(_is_plain(value) for value in values.values()):
            return refusal(**values)
    raise TaskFailed("a refusal that is not declared")


def _is_plain(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and len(value) <= MAX_WORD_LENGTH)
