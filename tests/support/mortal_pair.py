"""A service with the node it keeps itself, both killed in the same moment and started again by an operator.

The node is the service's own embedded one, so what it lost is what its last whole dump lacks. Dumps made
after `remember_dump` are torn before the next start: the head is older for certain, on any machine.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path

from scripts.demo import stack
from scripts.demo.customer import wait_until
from tests.support.mortal_service import WAIT_S, MortalSystem
from tests.support.node import free_port
from wallet_service.chain.client import quantity

TORN_BYTES = 1_000
#: A dump begins with its block.
MARK_WITHIN = 200


class MortalPair(MortalSystem):
    """One database and one chain folder; one service with one node after another."""

    def __init__(self, made: stack.Stack) -> None:
        super().__init__(made)
        self.environment["ALBA_EMBEDDED_NODE"] = "1"
        self._last_dump: tuple[Path, bytes] = (Path(), b"")

    def node_pid(self) -> int:
        """The native process; 0 when there is none."""
        mark = f"--port\0{self.stack.rpc_port}\0".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (folder / "cmdline").read_bytes():
                    return int(folder.name)
        return 0

    def head(self) -> int:
        """Of the node that runs."""
        client = self.services.chain_parts.access.client
        return quantity(client.request("eth_blockNumber"))

    # the common death

    def remember_dump(self) -> None:
        """From now on no dump counts: the one that holds all that has happened so far is the last."""
        self.wait_for_quiet()
        head = self.head()
        wait_until(lambda: self._dumped(head), "the node is saved", WAIT_S)
        newest = self._dumps()[-1]
        self._last_dump = (newest, newest.read_bytes())

    def _dumped(self, head: int) -> bool:
        dumps = self._dumps()
        return bool(dumps) and f'"number":"{hex(head)}"' in dumps[-1].read_text("utf-8")[:MARK_WITHIN]

    def _dumps(self) -> list[Path]:
        return sorted((self.stack.directory / "chain").glob("state-*.json"))

    def dies_together(self) -> threading.Thread:
        """Somebody who kills the node in the moment the service dies; join it."""
        process, node = self._process, self.node_pid()
        assert process is not None
        assert node, "there is a node to kill"
        watching = threading.Thread(target=_kill_after, args=(process.sentinel, node))
        watching.start()
        return watching

    def kill_both(self) -> None:
        """By SIGKILL, wherever they are."""
        assert self._process is not None
        assert self._process.pid is not None
        watching = self.dies_together()
        os.kill(self._process.pid, signal.SIGKILL)
        self.are_dead(watching)

    def are_dead(self, watching: threading.Thread) -> None:
        """Both; what the node saved after the last dump is torn."""
        self.wait_for_death()
        watching.join(WAIT_S)
        wait_until(lambda: self.node_pid() == 0, "the node is gone", WAIT_S)
        path, content = self._last_dump
        for other in self._dumps():
            if other != path:
                other.write_bytes(other.read_bytes()[:TORN_BYTES])
        path.write_bytes(content)

    def replays(self) -> int:
        """How often a service of ours gave its node lost transactions again."""
        return (self.stack.directory / "service.log").read_text("utf-8").count("lost_transactions_replayed")


def _kill_after(sentinel: int, node_pid: int) -> None:
    wait([sentinel], WAIT_S)
    with contextlib.suppress(ProcessLookupError):
        os.kill(node_pid, signal.SIGKILL)


@contextmanager
def mortal_pair(folder: Path) -> Iterator[MortalPair]:
    """A freshly deployed ledger, then a service that keeps its node by itself."""
    made = stack.Stack(
        folder,
        "127.0.0.1",
        wallet_port=free_port(),
        till_port=free_port(),
        console_port=free_port(),
        rpc_port=free_port(),
        environment="test",
    )
    addresses, node = stack.make_keys(made), stack.make_node(made)
    node.start()
    try:
        stack.deploy(made, addresses, folder / "contracts.log")
        stack.migrate(made)
        node.stop()
    finally:
        node.kill_process()
    pair = MortalPair(made)
    try:
        pair.settle_in()
        yield pair
    finally:
        pair.end()
        wait_until(lambda: pair.node_pid() == 0, "the node ends with its service", WAIT_S)
