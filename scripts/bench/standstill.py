"""Looks for standstills of the embedded node: fresh systems, one after the other, each with a burst.

Run by hand: `python -m scripts.bench.standstill --systems 200`; never part of the checks. Every system is a
node started from the state just after the deployment, an empty SQLite database, and the service's own
workers (settler's sender, commands, indexer, node) at their own pace in threads. A burst is `--commands`
enrolments queued at once, or with `--settlements N` as many settle transactions of one payment each. A
system stands still when nothing has been mined for STUCK_AFTER_S. `--as-before` lets the node make blocks
by itself and sends without order or repair, as the service once did: the baseline. Ends with 1 when one
stood still.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import logging
import shutil
import sys
import tempfile
import time
from pathlib import Path

import structlog
from sqlalchemy import func, select

from tests.support.chain_world import World
from tests.support.node import ChainUnderTest, profile_for_tests, start_chain
from tests.support.ports import free_port
from wallet_service.bootstrap import BROADCAST_INTERVAL_S, COMMANDS_INTERVAL_S
from wallet_service.chain.node.block_order import BlockOrder
from wallet_service.chain.node.embedded import EmbeddedNode
from wallet_service.chain.sending.replay import EmbeddedSupervisor
from wallet_service.chain_wiring import NODE_INTERVAL_S
from wallet_service.database.engine import make_engine
from wallet_service.database.migrate import upgrade
from wallet_service.database.tables.chain import chain_transactions
from wallet_service.platform.settings import Settings
from wallet_service.platform.workers import Worker, WorkerSet
from wallet_service.rounds import index_all

SYSTEMS = 200
COMMANDS = 400
STUCK_AFTER_S = 20.0
#: A standstill that the service repairs is one too: with order there is none to repair.
POLL_S = 0.02
FUNDS_CENTS = 100_000


class _NoOrder(BlockOrder):
    """Hands over whatever comes whenever it comes."""

    def __init__(self, order: BlockOrder) -> None:
        super().__init__(order._wire)
        self.makes_blocks = False
        self.send = order._wire.send  # type: ignore[method-assign]


class FreshSystem:
    """One system from the deployed state to the end of its burst."""

    def __init__(self, ground: ChainUnderTest, folder: Path, *, as_before: bool) -> None:
        shutil.copytree(ground.folder / "node", folder / "node")
        profile = profile_for_tests("http://127.0.0.1:9")
        node = EmbeddedNode(folder / "node", profile, port=free_port())
        access = dataclasses.replace(
            ground.access, client=node.client, forget_transactions=node.forget_transactions
        )
        if as_before:
            node.wire = _NoOrder(node.wire)
            node.client._wires = (node.wire,)
            access = dataclasses.replace(access, forget_transactions=None)
        url = f"sqlite:///{folder / 'alba.db'}"
        upgrade(make_engine(url))
        self.engine = make_engine(url)
        node.start()
        if as_before:
            node.request("evm_setAutomine", True)
        self.node = node
        self.chain = dataclasses.replace(ground, node=node, folder=folder, access=access)
        self.world = World(self.engine, self.chain)
        supervisor = EmbeddedSupervisor(self.engine, node, access, self.world.sender, self.world.clock)
        settings = Settings()
        index_s = settings.index_interval_ms / 1000
        self.workers = WorkerSet(
            (
                Worker("node", supervisor.run_once, NODE_INTERVAL_S),
                Worker("indexer", lambda: index_all(self.world.indexer), index_s),
                Worker("commands", self.world.runner.run_once, COMMANDS_INTERVAL_S),
                Worker("sender", self.world.sender.run_once, BROADCAST_INTERVAL_S),
            )
        )

    def enrol(self, count: int) -> None:
        for _ in range(count):
            self.world.merchant()

    def settle(self, count: int) -> None:
        """One transaction a payment, stored one by one and sent as they come, like the settler."""
        payer, payee = self.world.funded_pair(FUNDS_CENTS)
        self.workers.start()
        for _ in range(count):
            self.world.store(self.world.payment(payer, payee, 1))
            self.world.sender.broadcast_stored()

    def ends(self) -> bool:
        """False when it stands still."""
        self.workers.start()
        before, moved_at_s = -1, time.monotonic()
        while self.world.waiting():
            mined = self._mined()
            if mined != before:
                before, moved_at_s = mined, time.monotonic()
            if time.monotonic() - moved_at_s > STUCK_AFTER_S:
                return False
            time.sleep(POLL_S)
        return True

    def _mined(self) -> int:
        query = (
            select(func.count()).select_from(chain_transactions).where(chain_transactions.c.state == "mined")
        )
        with self.engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def close(self) -> None:
        self.workers.stop()
        self.node.kill_process()
        self.engine.dispose()


def main() -> int:
    parser = argparse.ArgumentParser(description="fresh systems with bursts, until one stands still")
    parser.add_argument("--systems", type=int, default=SYSTEMS)
    parser.add_argument("--commands", type=int, default=COMMANDS)
    parser.add_argument("--settlements", type=int, default=0)
    parser.add_argument("--as-before", action="store_true")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    stood_still, started_s = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="alba-standstill-") as name:
        folder = Path(name)
        ground = start_chain(folder / "ground", prune_history=True)
        ground.node.stop()
        for number in itertools.count(1):
            if number > arguments.systems:
                break
            one = FreshSystem(ground, folder / str(number), as_before=arguments.as_before)
            try:
                began_s = time.monotonic()
                if arguments.settlements:
                    one.settle(arguments.settlements)
                else:
                    one.enrol(arguments.commands)
                moved = one.ends()
                stood_still += not moved
                pool = one.node.request("txpool_status")
                took_s = time.monotonic() - began_s
                verdict = "moved" if moved else f"STOOD STILL, pool {pool}"
                print(f"{number}: {verdict}, {took_s:.1f} s", flush=True)
            finally:
                one.close()
                shutil.rmtree(folder / str(number))
    print(
        f"{arguments.systems} fresh systems, {stood_still} stood still, "
        f"{time.monotonic() - started_s:.0f} s in all"
    )
    return 1 if stood_still else 0


if __name__ == "__main__":
    sys.exit(main())
