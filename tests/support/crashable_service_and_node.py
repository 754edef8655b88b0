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
from tests.support.crashable_service import WAIT_S, CrashableService
from tests.support.deployed import deployed_stack
from tests.support.written_by import pid_writing_to
from wallet_service.chain.node.client import quantity

TORN_BYTES = 1_000
#: The node rests twenty times as long as it took to save it, and where everything is busy that takes seconds.
SAVED_WITHIN_S = 150.0
#: A dump begins with its block.
MARK_WITHIN = 200


class CrashableServiceAndNode(CrashableService):
    """One database and one chain folder; one service with one node after another."""

    def __init__(self, made: stack.Stack) -> None:
        super().__init__(made, f"http://127.0.0.1:{made.rpc_port}")
        self.environment["ALBA_EMBEDDED_NODE"] = "1"
        self._last_dump: tuple[Path, bytes] = (Path(), b"")

    def node_pid(self) -> int:
        """The native process, known by where it writes; 0 when there is none."""
        return pid_writing_to(self.stack.directory / "chain" / "node.log")

    def head(self) -> int:
        """Of the node that runs."""
        client = self.services.chain_parts.access.client
        return quantity(client.request("eth_blockNumber"))

    # the common death

    def remember_dump(self) -> None:
        """From now on no dump counts: the one that holds all that has happened so far is the last."""
        self.wait_for_quiet()
        # Of the head as it is then: a day's anchor may make a block meanwhile, and no dump holds fewer.
        wait_until(lambda: self._dumped(self.head()), "the node is saved", SAVED_WITHIN_S)
        newest = self._dumps()[-1]
        self._last_dump = (newest, newest.read_bytes())

    def _dumped(self, head: int) -> bool:
        dumps = self._dumps()
        if not dumps:
            return False
        with dumps[-1].open("rb") as dump:
            return f'"number":"{hex(head)}"'.encode() in dump.read(MARK_WITHIN)

    def _dumps(self) -> list[Path]:
        return sorted((self.stack.directory / "chain").glob("state-*.json"))

    def kill_node_with_service(self) -> threading.Thread:
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
        watching = self.kill_node_with_service()
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
def crashable_service_and_node(folder: Path) -> Iterator[CrashableServiceAndNode]:
    """A freshly deployed ledger, then a service that keeps its node by itself."""
    pair = CrashableServiceAndNode(deployed_stack(folder))
    try:
        pair.bootstrap_members()
        yield pair
    finally:
        pair.end()
        wait_until(lambda: pair.node_pid() == 0, "the node ends with its service", WAIT_S)
