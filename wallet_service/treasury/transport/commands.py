"""Runs the operator's client: a list of arguments, never a shell; a time limit; what it complained of.

The client and whatever it started are one process group, which is ended with it. It sees none of our
settings.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

#: Between asking a group to end and ending it.
GRACE_S = 2.0
#: How much of the end of what the client wrote to stderr is kept.
KEPT_STDERR_BYTES = 4_000
#: Our own settings (database, keys' folders) are none of the client's business.
OWN_PREFIX = "ALBA_"


@dataclass(frozen=True)
class CommandEnd:
    """How a command ended.

    Attributes:
        has_started: False when there is no such program, or it may not be run.
        exit_code: None unless it ended by itself within its time; negative for a signal.
        stderr: the end of what it wrote there. May hold personal data: never journaled, never logged.
    """

    has_started: bool
    exit_code: int | None
    stderr: str


def run(arguments: Sequence[str], places: Mapping[str, str], timeout_s: float) -> CommandEnd:
    """Runs the command with each `{name}` of `places` filled in; waits `timeout_s` at most."""
    try:
        process = subprocess.Popen(
            [_filled(argument, places) for argument in arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if not name.startswith(OWN_PREFIX)},
        )
    except (OSError, ValueError) as trouble:
        return CommandEnd(False, None, type(trouble).__name__)
    tail = _Tail(process.stderr)
    exit_code: int | None = None
    try:
        exit_code = process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        _signal_group(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)
    finally:
        _signal_group(process, signal.SIGKILL)
        process.wait()
    return CommandEnd(True, exit_code, tail.text())


def _filled(argument: str, places: Mapping[str, str]) -> str:
    for name, value in places.items():
        argument = argument.replace(f"{{{name}}}", value)
    return argument


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


class _Tail:
    """The last bytes of a stream, read as they come so that the writer never waits."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        self._stream = stream
        self._kept = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        if self._stream is None:
            return
        with self._stream as stream:
            while block := os.read(stream.fileno(), KEPT_STDERR_BYTES):
                self._kept = (self._kept + block)[-KEPT_STDERR_BYTES:]

    def text(self) -> str:
        """Once the writers are gone; a writer that left the group may still hold the stream, nobody waits."""
        self._reader.join(GRACE_S)
        return self._kept.decode("utf-8", "replace")
