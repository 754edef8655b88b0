"""Starts the demonstration's programs, watches them and ends every one. Knows nothing of what they do.

A program is started in a process group of its own, told by the kernel to end when we die (Linux), and
written down with its start time, so that a second `make demo` after a hard kill ends what was left and
nothing else. A lock on the folder, let go by the kernel, keeps two demonstrations from sharing it.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

STOP_TIMEOUT_S = 10.0
POLL_INTERVAL_S = 0.05
_SET_PARENT_DEATH_SIGNAL = 1


@dataclass
class Program:
    name: str
    process: subprocess.Popen[bytes]
    log: Path
    command: Sequence[str]
    environment: Mapping[str, str]


class ProgramDied(Exception):
    """A program ended by itself; the sentence says how, and where its log is."""


class AlreadyRunning(Exception):
    """Another demonstration holds the same folder."""


class Programs:
    """The programs of one demonstration, in the order they were started."""

    def __init__(self, run_directory: Path, log_directory: Path) -> None:
        self._run_directory, self._log_directory = run_directory, log_directory
        self._started: list[Program] = []

    def take_folder(self) -> None:
        """Hold the folder until we end, however we end. Raises AlreadyRunning; OSError."""
        self._run_directory.mkdir(parents=True, exist_ok=True)
        self._lock = (self._run_directory / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                "a demonstration is already running from this folder; end it first, "
                "or `make demo-codes` prints fresh codes for it"
            ) from None

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Program:
        for folder in (self._run_directory, self._log_directory):
            folder.mkdir(parents=True, exist_ok=True)
        log = self._log_directory / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        note = {"pid": process.pid, "started": start_time(process.pid)}
        (self._run_directory / f"{name}.json").write_text(json.dumps(note))
        program = Program(name, process, log, command, environment)
        self._started.append(program)
        return program

    def restart(self, name: str) -> bool:
        """End one program, by force if need be, and start it again; whether it ran before."""
        program = next(program for program in self._started if program.name == name)
        self._started.remove(program)
        was_running = program.process.poll() is None
        if was_running:
            _signal_group(program.process.pid, signal.SIGTERM)
            _ends_by_itself(program.process)
        self.start(name, program.command, program.environment)
        return was_running

    def check(self) -> None:
        """Raise ProgramDied for the first program that is no longer there."""
        for program in self._started:
            code = program.process.poll()
            if code is not None:
                raise ProgramDied(_how_it_ended(program, code))

    def stop_all(self) -> list[str]:
        """Ask all to end, then wait for each; a stubborn one is killed after STOP_TIMEOUT_S, and named."""
        running = [program for program in self._started if program.process.poll() is None]
        for program in running:
            _signal_group(program.process.pid, signal.SIGTERM)
        stubborn = [program.name for program in running if not _ends_by_itself(program.process)]
        for program in self._started:
            (self._run_directory / f"{program.name}.json").unlink(missing_ok=True)
        self._started.clear()
        return stubborn

    def end_leftovers(self) -> list[str]:
        """End what an earlier demonstration, killed hard, left running; returns the names."""
        ended = []
        for note_file in sorted(self._run_directory.glob("*.json")):
            note = json.loads(note_file.read_text() or "{}")
            pid, started = note.get("pid"), note.get("started")
            if isinstance(pid, int) and started and start_time(pid) == started:
                _signal_group(pid, signal.SIGTERM)
                deadline = time.monotonic() + STOP_TIMEOUT_S
                while start_time(pid) == started and time.monotonic() < deadline:
                    time.sleep(POLL_INTERVAL_S)
                _signal_group(pid, signal.SIGKILL)
                ended.append(note_file.stem)
            note_file.unlink(missing_ok=True)
        return ended


def end_with_parent() -> None:
    """For a child, between fork and exec: the kernel ends it when the thread that started it is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def start_time(pid: int) -> str:
    """When the process started, as the system counts; "" when there is none. A pid alone may be reused."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _ends_by_itself(process: subprocess.Popen[bytes]) -> bool:
    """Gone afterwards in any case."""
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        _signal_group(process.pid, signal.SIGKILL)
        process.wait(STOP_TIMEOUT_S)
        return False
    return True


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _how_it_ended(program: Program, code: int) -> str:
    """One sentence; a program that ended on purpose has said why in the last line of its log."""
    if code < 0:
        return f"the {program.name} was ended by signal {-code}; its log is {program.log}"
    lines = program.log.read_text(encoding="utf-8", errors="replace").splitlines() or ["it said nothing"]
    return f"the {program.name} ended with code {code}: {lines[-1]} (log: {program.log})"
