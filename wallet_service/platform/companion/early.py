"""The companion's first life: a copy of the service made once both have imported what they need.

A start of its own would import everything a second time, some five seconds of processor during which nobody
reads the bank's files and `/ready` waits. The copy is made before there is a thread, a connection or a key,
and waits for the service's first word, so that the service has brought the database up. Later lives are
started anew: by then the service has threads, and what runs in them is not to be copied.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ASKED_EVERY_S = 0.02


class ServiceCopy:
    """A forked process with as much of Popen's manner as its keeper needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""
        if self._code is None:
            with suppress(ChildProcessError):
                ended, status = os.waitpid(self.pid, os.WNOHANG)
                if ended:
                    self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        until_s = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until_s is not None and time.monotonic() > until_s:
                raise subprocess.TimeoutExpired("companion", timeout or 0.0)
            time.sleep(ASKED_EVERY_S)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Nothing where it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@dataclass(frozen=True)
class Early:
    """The copy, and the service's end of the socket between them."""

    process: ServiceCopy
    ours: socket.socket


def copied(run: Callable[[], None]) -> Early | None:
    """A copy of this process that does `run` after the service's first word, with the socket as its input.

    None where a copy would not be safe: beside other threads, or on another system than Linux.
    """
    if sys.platform != "linux" or _thread_count() > 1:
        return None
    ours, theirs = socket.socketpair()
    sys.stdout.flush()
    sys.stderr.flush()
    gc.freeze()  # what both have stays shared: nothing walks over it and writes
    pid = os.fork()
    if pid:
        theirs.close()
        return Early(ServiceCopy(pid), ours)
    code = 1
    try:
        ours.close()
        os.setpgid(0, 0)  # the terminal's Ctrl-C is for the service, which ends this in its order
        if theirs.recv(1):
            os.dup2(theirs.fileno(), 0)
            theirs.close()
            run()
            code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # nothing of the service's own end is to happen here


def _thread_count() -> int:
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()
