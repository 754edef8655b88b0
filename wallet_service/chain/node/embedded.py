"""The embedded node: anvil started, watched and saved by us, reached by nobody else.

Its cheat methods cannot be switched off and it takes a WebSocket from any web page, so it listens where no
connection can arrive (UNREACHABLE_HOST), and we speak to it over a private socket (see `private_wire`).
Whoever checks us reads through `gate`. It makes no block by itself (see `block_order`).

Its own state file is not crash-safe, so whole dumps are written by us (see `dumps`). It reads its blocks
first and its accounts afterwards, and lets new blocks in between: only a dump during which no block came is
one moment of the chain, and only such a one is kept. A node that died comes back from the newest whole dump,
and what it lost is replayed from the stored bytes (see `replay`).
"""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import platform
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import structlog

from wallet_service.chain import metrics
from wallet_service.chain.node.block_order import BlockOrder
from wallet_service.chain.node.client import NodeClient
from wallet_service.chain.node.dumps import Dumps
from wallet_service.chain.node.gate import HOST, Gate
from wallet_service.chain.node.private_wire import PrivateWire
from wallet_service.chain.node.profile import ChainProfile
from wallet_service.platform.errors import ChainUnavailable

#: A group address: Linux lets a program listen there for TCP and refuses every connection to it, from this
#: machine and from others, whatever the routes. Other systems refuse the listening itself.
UNREACHABLE_HOST = "224.0.0.1"
START_DEADLINE_S = 30.0
STOP_DEADLINE_S = 10.0
PORT_DEADLINE_S = 5.0
DUMP_TIMEOUT_S = 60.0
#: The smallest question there is; a node that is saved or makes blocks answers it meanwhile.
PULSE_TIMEOUT_S = 2.0
#: Blocks that come while the node is asked for its state spoil the answer.
DUMP_ATTEMPTS = 3
#: A dump costs time that grows with the chain: the next one waits this many times as long as the last one
#: took.
DUMP_REST_FACTOR = 20
MIN_DUMP_INTERVAL_S = 2.0
BLOCK_GAS_LIMIT = 100_000_000
ROOT = Path(__file__).resolve().parents[3]
_SECRET_BYTES = 24

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
    """The native binary (npm's `anvil` is a wrapper whose death leaves the node alive).

    Raises NodeStartFailed.
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


def is_out_of_reach() -> bool:
    """Whether this system lets the node listen where nobody can connect."""
    return platform.system() == "Linux"


class EmbeddedNode:
    """One anvil process. The supervisor's thread owns it; `wire` and `client` are everybody's."""

    def __init__(
        self,
        state_directory: Path,
        profile: ChainProfile,
        *,
        port: int,
        genesis_unix_s: int | None = None,
        extra_arguments: tuple[str, ...] = ("--prune-history",),
    ) -> None:
        """`port` is the gate's, on loopback."""
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        self.port = port
        self.url = f"http://{HOST}:{port}"  # for reading
        self.sending_url = f"{self.url}/{secret}"  # for whoever sets the system up
        self._private = PrivateWire()
        self.wire = BlockOrder(self._private)
        self.client = NodeClient(profile, wires=(self.wire,))
        self._dumping_client = NodeClient(
            dataclasses.replace(profile, request_timeout_s=DUMP_TIMEOUT_S), wires=(self.wire,)
        )
        self._gate = Gate(self.wire, port, secret, profile.request_timeout_s)
        self._state_directory = state_directory
        self._dumps = Dumps(state_directory)
        self._chain_id = profile.chain_id
        self._genesis_unix_s = genesis_unix_s
        self._extra_arguments = extra_arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._dumped_block = -1
        self._next_dump_s = 0.0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def answers(self) -> bool:
        """Whether it says its height within PULSE_TIMEOUT_S, whatever else it still owes an answer."""
        try:
            self.wire.send([("eth_blockNumber", ())], PULSE_TIMEOUT_S)
        except ChainUnavailable:
            return False
        return True

    def end_hanging(self) -> None:
        """End the process at once, from any thread: whoever waits for an answer hears that there is none."""
        process = self._process
        if process is not None:
            process.kill()

    def request(self, method: str, *params: Any) -> Any:
        """A call to the node, its own methods included. Raises ChainUnavailable, NodeError."""
        return self.client.request(method, *params)

    def start(self) -> bool:
        """Start from the newest whole dump; False when there was none and the chain is empty.

        Raises NodeStartFailed.
        """
        self._state_directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._open_gate()
        dump = self._dumps.newest_whole()
        # A path to a socket may have 100 characters: not in the state's folder, which may lie deep.
        with tempfile.TemporaryDirectory(prefix="alba-node-") as folder:  # mode 0700
            socket_path = Path(folder) / "node"
            with (self._state_directory / "node.log").open("wb") as output:
                self._process = subprocess.Popen(
                    self._command(dump, socket_path),
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,  # a Ctrl-C is for us: we save the node, then end it
                )
            self._wait_until_it_answers(socket_path)
        self._dumped_block = -1
        return dump is not None

    def _command(self, dump: Path | None, socket_path: Path) -> list[str]:
        host = UNREACHABLE_HOST if is_out_of_reach() else HOST
        if not is_out_of_reach():
            log.warning("chain.embedded_node_within_reach", host=host)
        command = [str(find_anvil()), "--host", host, "--port", "0", "--ipc", str(socket_path)]
        command += ["--chain-id", str(self._chain_id), "--hardfork", "osaka", "--silent", "--no-cors"]
        command += ["--base-fee", "0", "--gas-price", "0", "--disable-min-priority-fee", "--no-mining"]
        command += ["--accounts", "0", "--order", "fifo", "--gas-limit", str(BLOCK_GAS_LIMIT)]
        command += self._extra_arguments
        if dump is not None:
            command += ["--load-state", str(dump)]
        elif self._genesis_unix_s is not None:
            command += ["--timestamp", str(self._genesis_unix_s)]
        setpriv = shutil.which("setpriv")  # the node dies with the thread that started it, were we killed
        return [setpriv, "--pdeathsig", "TERM", *command] if setpriv else command

    def _open_gate(self) -> None:
        """A service that was ended may still hold the port: give it a moment, then refuse."""
        deadline_s = time.monotonic() + PORT_DEADLINE_S
        while not self._gate.is_open:
            try:
                self._gate.open()
            except OSError as error:
                if time.monotonic() > deadline_s:
                    raise NodeStartFailed(
                        f"port {self.port} is taken: stop what listens there, "
                        "or set ALBA_RPC_URL to another port"
                    ) from error
                time.sleep(0.05)

    def _wait_until_it_answers(self, socket_path: Path) -> None:
        deadline_s = time.monotonic() + START_DEADLINE_S
        while True:
            if not self.is_running():
                raise NodeStartFailed(f"the embedded node stopped at once: {self._last_words()}")
            try:
                self._private.open(socket_path)
                break
            except OSError as error:
                if time.monotonic() > deadline_s:
                    raise NodeStartFailed(f"the embedded node does not answer: {error}") from error
                time.sleep(0.02)
        while True:
            try:
                self.client.block_number()
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
        self._gate.close()
        self._process.terminate()
        try:
            self._process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        self._private.close()

    # --- its pool
    # ------------------------------------------------------------------------------------------------------

    def wake_if_asleep(self) -> bool:
        """Make the blocks that a handing-over of transactions could not; True when there were any.

        Raises ChainUnavailable.
        """
        made = self.wire.make_ready_blocks() if self.wire.makes_blocks else 0
        if made == 0:
            return False
        metrics.node_wakes.inc()
        log.warning("chain.embedded_node_woken", blocks=made)
        return True

    def forget_transactions(self, sender: str) -> None:
        """Drop all that the pool holds of `sender`; its stored bytes are to be sent again.

        Raises ChainUnavailable.
        """
        with self.wire.turn():
            self.request("anvil_removePoolTransactions", sender)

    # --- saving
    # ------------------------------------------------------------------------------------------------------

    def is_dump_due(self) -> bool:
        """There are new blocks and the last dump is long enough ago. Raises ChainUnavailable."""
        return time.monotonic() >= self._next_dump_s and self.client.block_number() != self._dumped_block

    def dump(self) -> Path | None:
        """Save the whole state, atomically.

        None when blocks came at every attempt, and the dump before stands. Raises ChainUnavailable; OSError
        when the disk refuses.
        """
        started_s = time.monotonic()
        for _ in range(DUMP_ATTEMPTS):
            block_number = self.client.block_number()
            answer = str(self._dumping_client.request("anvil_dumpState"))
            if self._is_still_at(block_number):
                break
        else:
            metrics.state_dumps_spoilt.inc()
            return None
        path = self._dumps.write(gzip.decompress(bytes.fromhex(answer[2:])))
        took_s = time.monotonic() - started_s
        metrics.state_dump_seconds.observe(took_s)
        self._dumped_block = block_number
        self._next_dump_s = time.monotonic() + max(MIN_DUMP_INTERVAL_S, took_s * DUMP_REST_FACTOR)
        return path

    def _is_still_at(self, block_number: int) -> bool:
        """No block was made since, nor is one being made.

        A transaction leaves the pool after its block is there. A dump between the two would hold accounts
        that have executed what its blocks lack; a node started from it refuses such a transaction for its
        nonce and has no receipt for it.
        """
        ready, _ = self.wire.pool()
        return ready == 0 and self.client.block_number() == block_number

    # --- time, for the demo's history and for replays
    # ----------------------------------------------------------------

    def set_time(self, unix_s: int) -> None:
        """The node's clock reads `unix_s` now and goes on at the usual pace."""
        self.request("evm_setTime", unix_s)

    def set_next_block_time(self, unix_s: int) -> None:
        """The next block's timestamp; not below the last one's."""
        self.request("evm_setNextBlockTimestamp", unix_s)
