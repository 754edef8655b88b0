"""`make demo`'s own program, started and hurt from outside, with what it prints and what it leaves behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from scripts.demo.stack_layout import ROOT
from tests.support.ports import free_port
from tests.support.written_by import pid_writing_to

STEP_POLL_S = 0.05
GONE_DEADLINE_S = 10.0
PORTS = ("ALBA_WALLET_PORT", "ALBA_TILL_PORT", "ALBA_CONSOLE_PORT", "ALBA_PUSH_PORT", "ALBA_RPC_PORT")
UP = "Ctrl-C ends everything"
PAIRING = r"pair it with the code (\S+)"


@dataclass
class Demo:
    """One folder and its four ports; at most one program at a time."""

    directory: Path
    days: int = 2
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in PORTS})
    process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> Path:
        return self.directory.parent / f"{self.directory.name}.out"

    @property
    def wallet(self) -> str:
        return f"http://localhost:{self.ports['ALBA_WALLET_PORT']}"

    @property
    def till(self) -> str:
        return f"http://localhost:{self.ports['ALBA_TILL_PORT']}"

    def environment(self, **more: str) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("ALBA_")}
        return {**own, **{name: str(port) for name, port in self.ports.items()}, **more}

    def start(self, **more: str) -> subprocess.Popen[bytes]:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*self._command(), "--days", str(self.days)],
                cwd=ROOT,
                env=self.environment(**more),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self.process

    def run(self, *arguments: str, timeout_s: float = 60.0, **more: str) -> subprocess.CompletedProcess[str]:
        """The command with these options, to its end."""
        return subprocess.run(
            [*self._command(), *arguments],
            cwd=ROOT,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def _command(self) -> list[str]:
        return [sys.executable, "-m", "scripts.demo", "--directory", str(self.directory)]

    def output_text(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, text: str, timeout_s: float) -> float:
        """Seconds until the terminal shows `text`."""
        started_s = time.monotonic()
        assert self.process is not None
        while text not in self.output_text():
            assert self.process.poll() is None, self.output_text()
            assert time.monotonic() - started_s < timeout_s, self.output_text()
            time.sleep(STEP_POLL_S)
        return time.monotonic() - started_s

    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def up(self, timeout_s: float = 60.0, **more: str) -> float:
        self.start(**more)
        return self.wait_for(UP, timeout_s)

    def code_for(self, pattern: str) -> str:
        found = re.search(pattern, self.output_text())
        assert found is not None, self.output_text()
        return found[1]

    def pairing_code(self) -> str:
        """The one the start printed: good for one tablet."""
        return self.code_for(PAIRING)

    def fresh_pairing_code(self) -> str:
        """One that no test has used."""
        printed = self.run("--codes")
        assert printed.returncode == 0, printed.stderr
        found = re.search(PAIRING, printed.stdout)
        assert found is not None, printed.stdout
        return found[1]

    def end(self, number: signal.Signals = signal.SIGINT) -> float:
        """Signal the program and wait; seconds until it was gone."""
        assert self.process is not None
        started_s = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(20)
        return time.monotonic() - started_s

    def pids(self) -> dict[str, int]:
        """The service's and the till's, as the demonstration noted them, and the node's."""
        noted = {
            path.stem: int(json.loads(path.read_text())["pid"]) for path in self.directory.glob("run/*.json")
        }
        return {**noted, "node": self.node_pid()}

    def node_pid(self) -> int:
        """The native process, known by where it writes; 0 when there is none."""
        return pid_writing_to(self.directory / "chain" / "node.log")

    def processes(self) -> list[int]:
        """What of this demonstration still runs: whoever names its folder, and its node."""
        mark = str(self.directory).encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                process_text = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
                if mark in process_text and not _is_dead(folder):
                    found.append(int(folder.name))
        node = self.node_pid()
        return [*found, node] if node and node not in found else found

    def wait_until_gone(self) -> float:
        started_s = time.monotonic()
        while left := self.processes():
            assert time.monotonic() - started_s < GONE_DEADLINE_S, left
            time.sleep(STEP_POLL_S)
        return time.monotonic() - started_s

    def books(self) -> dict[str, Any]:
        """What must come back the same, read from the running service and its database."""
        reserve = httpx.get(f"{self.wallet}/v1/public/reserve", trust_env=False).json()
        with contextlib.closing(sqlite3.connect(self.directory / "alba.db")) as database:
            return {
                "supply_cents": reserve["supply_cents"],
                "reserve_cents": reserve["reserve_cents"],
                "balances": sorted(database.execute("SELECT account, posted_cents FROM balances")),
                "paid": database.execute("SELECT count(*) FROM payments WHERE state = 'paid'").fetchone(),
                "sales": sorted(
                    database.execute("SELECT id, state FROM sales WHERE state IN ('paid', 'accepted')")
                ),
            }

    def journal(self) -> list[Any]:
        with contextlib.closing(sqlite3.connect(self.directory / "alba.db")) as database:
            return sorted(database.execute("SELECT * FROM journal"))


def _is_dead(folder: Path) -> bool:
    return (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[0] == "Z"
