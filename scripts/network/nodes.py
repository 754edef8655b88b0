"""Starts and ends validators, each by its own process id. Knows nothing of chains.

A process is written down with its start time: a number alone may be somebody else's by now. What was
started goes on when we end.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from scripts.demo.processes import start_time
from scripts.network.engine import Engine
from scripts.network.genesis import node_settings
from scripts.network.layout import Founded, NetworkFailed, Node, write_private

STOP_TIMEOUT_S = 20.0
POLL_S = 0.05


def pid_of(folder: Path, node: Node) -> int | None:
    """The validator's process, None when it does not run."""
    try:
        note = json.loads(_note(folder, node).read_text(encoding="utf-8"))
        pid, started = int(note["pid"]), str(note["started"])
    except (FileNotFoundError, ValueError, KeyError):
        return None
    return pid if started and start_time(pid) == started else None


def start(
    folder: Path,
    node: Node,
    nodes: Sequence[Node],
    engine: Engine,
    founded: Founded | None,
    within: Sequence[str] = (),
) -> int:
    """Its process; nothing happens when it runs already.

    `within`: words before the command that end by becoming it, as `unshare --net`.
    """
    running = pid_of(folder, node)
    if running is not None:
        return running
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    others = [other for other in nodes if other != node]
    settings = node_settings(folder, node, others, engine.plugins, hard, founded)
    file = folder / node.name / "settings.json"
    write_private(file, json.dumps(settings, indent=2) + "\n")
    with (folder / node.name / "output.log").open("ab") as output:
        process = subprocess.Popen(
            [*within, str(engine.node), "--config-file", str(file)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    note = {"pid": process.pid, "started": start_time(process.pid)}
    write_private(_note(folder, node), json.dumps(note))
    return process.pid


def stop(folder: Path, nodes: Iterable[Node]) -> list[str]:
    """Ask all to end, wait for each; the names of those that had to be killed."""
    running = [(node, pid) for node in nodes if (pid := pid_of(folder, node)) is not None]
    for _, pid in running:
        os.kill(pid, signal.SIGTERM)
    stubborn = []
    deadline_s = time.monotonic() + STOP_TIMEOUT_S
    for node, pid in running:
        while pid_of(folder, node) is not None and time.monotonic() < deadline_s:
            _reap(pid)
            time.sleep(POLL_S)
        if pid_of(folder, node) is not None:
            kill(folder, node)
            stubborn.append(node.name)
        _note(folder, node).unlink(missing_ok=True)
    return stubborn


def kill(folder: Path, node: Node) -> bool:
    """End the process without asking, as a machine that loses its power does; whether it ran."""
    pid = pid_of(folder, node)
    if pid is None:
        return False
    os.killpg(pid, signal.SIGKILL)  # the machine beside it too: it was started as a group of its own
    deadline_s = time.monotonic() + STOP_TIMEOUT_S
    while pid_of(folder, node) is not None:
        _reap(pid)
        if time.monotonic() > deadline_s:
            raise NetworkFailed(f"{node.name} (process {pid}) cannot be ended")
        time.sleep(POLL_S)
    return True


def _reap(pid: int) -> None:
    """A process of ours that has ended stays listed until somebody asks."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _note(folder: Path, node: Node) -> Path:
    return folder / "run" / f"{node.name}.json"
