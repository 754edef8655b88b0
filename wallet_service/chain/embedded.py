"""The embedded node: anvil started, watched and saved by us, on loopback only.

Its own state file is not crash-safe, so whole dumps are written aside, synced and renamed; three are
kept. It reads its blocks first and its accounts afterwards, and lets new blocks in between: only a dump
during which no block came is one moment of the chain, and only such a one is kept. A node that died comes
back from the newest whole dump, and what it lost is replayed from the stored bytes (see `replay`). Its
cheat methods cannot be switched off: nothing but the service may reach it, and only this module and
`replay` use them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import json
import os
import platform
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import structlog

from wallet_service.chain import metrics
from wallet_service.chain.client import NodeClient, quantity
from wallet_service.chain.errors import ChainUnavailable
from wallet_service.chain.profile import ChainProfile

HOST = "127.0.0.1"
START_DEADLINE_S = 30.0
STOP_DEADLINE_S = 10.0
PORT_DEADLINE_S = 5.0
DUMP_TIMEOUT_S = 60.0
DUMPS_KEPT = 3
#: Blocks that come while the node is asked for its state spoil the answer.
DUMP_ATTEMPTS = 3
#: A node that mines at once needs milliseconds for what its pool holds.
ASLEEP_AFTER_S = 2.0
#: A dump costs time that grows with the chain: the next one waits this many times as long as the last one
#: took.
DUMP_REST_FACTOR = 20
MIN_DUMP_INTERVAL_S = 2.0
BLOCK_GAS_LIMIT = 100_000_000
ROOT = Path(__file__).resolve().parents[2]

_NPM_PLATFORMS = {
    ("Linux", "x86_64"): "linux-amd64",
    ("Linux", "aarch64"): "linux-arm64",
    ("Darwin", "x86_64"): "darwin-amd64",
    ("Darwin", "arm64"): "darwin-arm64",
}

log = structlog.get_logger(__name__)


class NodeStartFailed(Exception):
    """The embedded node did not start; the sentence says what to do."""


def find_anvil() -> Path:
    """The native binary (npm's `anvil` is a wrapper whose death leaves the node alive). Raises
    NodeStartFailed.
    """
    name = _NPM_PLATFORMS.get((platform.system(), platform.machine()))
    if name is not None:
        binary = ROOT / "node_modules" / "@foundry-rs" / f"anvil-{name}" / "bin" / "anvil"
        if binary.exists():
            return binary
    found = shutil.which("anvil")
    if found is None:
        raise NodeStartFailed("the embedded node (anvil) is not installed: run scripts/setup/setup.sh")
    return Path(found)


class EmbeddedNode:
    """One anvil process. Not for several threads at once: the supervisor's thread owns it."""

    def __init__(
        self,
        state_directory: Path,
        profile: ChainProfile,
        *,
        port: int,
        genesis_unix_s: int | None = None,
        extra_arguments: tuple[str, ...] = ("--prune-history",),
    ) -> None:
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self._state_directory = state_directory
        self._chain_id = profile.chain_id
        self._genesis_unix_s = genesis_unix_s
        self._extra_arguments = extra_arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._client = NodeClient(dataclasses.replace(profile, rpc_urls=(self.url,)))
        self._dumping_client = NodeClient(
            dataclasses.replace(profile, rpc_urls=(self.url,), request_timeout_s=DUMP_TIMEOUT_S)
        )
        self._dumped_block = -1
        self._next_dump_s = 0.0
        self._last_look: tuple[float, int] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def request(self, method: str, *params: Any) -> Any:
        """A call to the node, its own methods included. Raises ChainUnavailable, NodeError."""
        return self._client.request(method, *params)

    def start(self) -> bool:
        """Start from the newest whole dump; False when there was none and the chain is empty.

        Raises NodeStartFailed.
        """
        self._state_directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._wait_for_free_port()
        dump = self._newest_whole_dump()
        with (self._state_directory / "node.log").open("wb") as output:
            self._process = subprocess.Popen(
                self._command(dump),
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # a Ctrl-C is for us: we save the node, then end it
            )
        self._wait_until_it_answers()
        self._dumped_block = -1
        return dump is not None

    def _command(self, dump: Path | None) -> list[str]:
        command = [str(find_anvil()), "--host", HOST, "--port", str(self.port)]
        command += ["--chain-id", str(self._chain_id), "--hardfork", "osaka", "--silent", "--no-cors"]
        command += ["--base-fee", "0", "--gas-price", "0", "--disable-min-priority-fee"]
        command += ["--accounts", "0", "--order", "fifo", "--gas-limit", str(BLOCK_GAS_LIMIT)]
        command += self._extra_arguments
        if dump is not None:
            command += ["--load-state", str(dump)]
        elif self._genesis_unix_s is not None:
            command += ["--timestamp", str(self._genesis_unix_s)]
        setpriv = shutil.which("setpriv")  # the node dies with the thread that started it, were we killed
        return [setpriv, "--pdeathsig", "TERM", *command] if setpriv else command

    def _wait_for_free_port(self) -> None:
        """A node whose service was killed may still be ending: give it a moment, then refuse."""
        deadline_s = time.monotonic() + PORT_DEADLINE_S
        while self._port_is_taken():
            if time.monotonic() > deadline_s:
                raise NodeStartFailed(
                    f"port {self.port} is taken: stop what listens there, or set ALBA_RPC_URL to another port"
                )
            time.sleep(0.05)

    def _port_is_taken(self) -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, self.port))
            except OSError:
                return True
        return False

    def _wait_until_it_answers(self) -> None:
        deadline_s = time.monotonic() + START_DEADLINE_S
        while time.monotonic() < deadline_s:
            if not self.is_running():
                raise NodeStartFailed(f"the embedded node stopped at once: {self._last_words()}")
            with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), timeout=1):
                break
            time.sleep(0.02)
        while True:
            try:
                self._client.block_number()
                return
            except ChainUnavailable as error:  # it listens before it has read its dump
                if not self.is_running():
                    raise NodeStartFailed(f"the embedded node stopped: {self._last_words()}") from error
                if time.monotonic() > deadline_s:
                    raise NodeStartFailed(f"the embedded node does not answer: {error.reason}") from error

    def _last_words(self) -> str:
        lines = (self._state_directory / "node.log").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "no message"

    def stop(self) -> None:
        """Save, then end the process. A node that is gone or hangs is only ended."""
        if self._process is None:
            return
        if self.is_running():
            with contextlib.suppress(ChainUnavailable):
                self.dump()
        self.kill_process()

    def kill_process(self) -> None:
        """End the process without saving."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    # --- waking
    # ------------------------------------------------------------------------------------------------------

    def wake_if_asleep(self) -> bool:
        """Ask for a block when transactions are ready and none has come for ASLEEP_AFTER_S; True when asked.

        A node that mines at once can miss what became ready while it made a block (foundry's issue 10122),
        and then waits for the next transaction. Raises ChainUnavailable.
        """
        now_s = time.monotonic()
        if self._last_look is not None and now_s - self._last_look[0] < ASLEEP_AFTER_S:
            return False
        before, head = self._last_look, self._client.block_number()
        if quantity(self.request("txpool_status")["pending"]) == 0:
            self._last_look = None
            return False
        self._last_look = (now_s, head)
        if before is None or before[1] != head:
            return False
        metrics.node_wakes.inc()
        log.warning("chain.embedded_node_woken", block_number=head)
        self.request("evm_mine")
        return True

    # --- saving
    # ------------------------------------------------------------------------------------------------------

    def is_dump_due(self) -> bool:
        """There are new blocks and the last dump is long enough ago. Raises ChainUnavailable."""
        return time.monotonic() >= self._next_dump_s and self._client.block_number() != self._dumped_block

    def dump(self) -> Path | None:
        """Save the whole state, atomically; None when blocks came at every attempt, and the dump before
        stands. Raises ChainUnavailable; OSError when the disk refuses.
        """
        started_s = time.monotonic()
        for _ in range(DUMP_ATTEMPTS):
            block_number = self._client.block_number()
            answer = str(self._dumping_client.request("anvil_dumpState"))
            if self._is_still_at(block_number):
                break
        else:
            metrics.state_dumps_spoilt.inc()
            return None
        content = gzip.decompress(bytes.fromhex(answer[2:]))
        turn = max((_turn(path) for path in self._dumps()), default=0) + 1
        path = self._state_directory / f"state-{turn:012d}.json"
        new = path.with_suffix(".new")
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
        _sync_directory(self._state_directory)
        for old in self._dumps()[:-DUMPS_KEPT]:
            old.unlink()
        took_s = time.monotonic() - started_s
        metrics.state_dump_seconds.observe(took_s)
        self._dumped_block = block_number
        self._next_dump_s = time.monotonic() + max(MIN_DUMP_INTERVAL_S, took_s * DUMP_REST_FACTOR)
        return path

    def _is_still_at(self, block_number: int) -> bool:
        """No block was made since, nor is one being made: a transaction leaves the pool after its block is
        there. A dump between the two would hold accounts that have executed what its blocks lack; a node
        started from it refuses such a transaction for its nonce and has no receipt for it.
        """
        pending = quantity(self.request("txpool_status")["pending"])
        return pending == 0 and self._client.block_number() == block_number

    def _dumps(self) -> list[Path]:
        """Oldest first."""
        return sorted(self._state_directory.glob("state-*.json"), key=_turn)

    def _newest_whole_dump(self) -> Path | None:
        for path in reversed(self._dumps()):
            try:
                content = json.loads(path.read_bytes())
            except ValueError:
                log.warning("chain.dump_torn", name=path.name)
                continue
            if isinstance(content, dict) and "accounts" in content:
                return path
        return None

    # --- time, for the demo's history and for replays
    # ----------------------------------------------------------------

    def set_time(self, unix_s: int) -> None:
        """The node's clock reads `unix_s` now and goes on at the usual pace."""
        self.request("evm_setTime", unix_s)

    def set_next_block_time(self, unix_s: int) -> None:
        """The next block's timestamp; not below the last one's."""
        self.request("evm_setNextBlockTimestamp", unix_s)


def _turn(path: Path) -> int:
    digits = path.stem.removeprefix("state-")
    return int(digits) if digits.isdigit() else 0


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
