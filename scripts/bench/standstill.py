"""Looks for standstills of the embedded node: fresh systems, one after the other, each with a burst.

Run by hand: `python -m scripts.bench.standstill --burst mixed --systems 200 --write`; never part of the
checks. Every system is a node started from the state just after the deployment, an empty SQLite database,
and the service's own workers (settler's sender, commands, indexer, node) at their own pace in threads. A
burst is one of BURSTS; enrolments are 350 to 450, queued in one commit. `transfers` leaves the service
out: plain transactions to the node, where the baseline is seen to bite. A system stands still when nothing
has been mined for STUCK_AFTER_S; that the service's own alarm sounded, or that it had to give transactions
to the pool again, is counted apart. `--as-before` lets the node make blocks by itself and sends without
order or repair, as the service once did: the baseline. `--write` keeps the result in
docs/bench/standstill.json and writes the page from it. Ends with 1 when one stood still.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import os
import random
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from eth_account import Account
from prometheus_client import Counter
from sqlalchemy import func, select, update

from scripts.bench.till_latency import RESULTS, machine
from tests.support.chain_world import World
from tests.support.node import ChainUnderTest, profile_for_tests, start_chain
from tests.support.ports import free_port
from wallet_service.chain import metrics
from wallet_service.chain.node.block_order import BlockOrder
from wallet_service.chain.node.embedded import EmbeddedNode
from wallet_service.chain.ports import KINDS, TIERS, NewCommand
from wallet_service.chain.sending.replay import EmbeddedSupervisor
from wallet_service.chain_wiring import (
    BROADCAST_INTERVAL_S,
    COMMANDS_INTERVAL_S,
    NODE_INTERVAL_S,
    index_all,
)
from wallet_service.database.engine import make_engine
from wallet_service.database.migrate import upgrade
from wallet_service.database.tables.chain import chain_commands, chain_transactions
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.settings import Settings
from wallet_service.platform.workers import Worker, WorkerSet
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.envelope import p256_address
from wallet_service.protocol.text.identifiers import new_ref

SYSTEMS = 200
#: Members who enrol at once, from and to.
ENROLMENTS = (350, 450)
SETTLEMENTS = 200
#: Plain transactions, and how many are handed over in one call, each call as soon as the one before returns.
TRANSFERS, TRANSFERS_A_CALL = 1_500, 64
BURSTS = {
    "alone": "Enrolments, each in a transaction of its own",
    "mixed": "Enrolments, every fourth in a transaction of its own, the others up to a hundred in one",
    "together": "Enrolments as the service sends them, up to a hundred in a transaction",
    "settlements": "Settlements of one payment each, stored one by one and sent as they come",
    "transfers": f"Plain transactions of one key, {TRANSFERS_A_CALL} in a call, call after call",
}
#: How many, where it is no draw from ENROLMENTS.
SIZES = {"settlements": SETTLEMENTS, "transfers": TRANSFERS}
ONE_ALONE_IN = {"alone": 1, "mixed": 4, "together": 0}
AS_BEFORE = "_as_before"
STUCK_AFTER_S = 20.0
POLL_S = 0.02
CALL_TIMEOUT_S = 30.0
FUNDS_CENTS = 100_000


class _NoOrder(BlockOrder):
    """Hands over whatever comes whenever it comes."""

    def __init__(self, order: BlockOrder) -> None:
        super().__init__(order._wire)
        self.makes_blocks = False
        self.send = order._wire.send  # type: ignore[method-assign]


class FreshSystem:
    """One system from the deployed state to the end of its burst."""

    def __init__(self, ground: ChainUnderTest, database: Path, folder: Path, *, as_before: bool) -> None:
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
        shutil.copy(database, folder / "alba.db")
        self.engine = make_engine(f"sqlite:///{folder / 'alba.db'}")
        node.start()
        if as_before:
            node.request("evm_setAutomine", True)
        self.node = node
        self.chain = dataclasses.replace(ground, node=node, folder=folder, access=access)
        self.world = World(self.engine, self.chain)
        self.stranger, self.handed_over = "", 0
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

    def enrol(self, count: int, one_alone_in: int) -> None:
        """All in one commit; each so many travels in a transaction of its own, like after one refused."""
        strangers = [
            NewCommand(
                "enrol",
                [p256_address(p256.new_private_key()), KINDS.index("resident"), TIERS.index("visitor"), 0, 0],
                "REGISTRAR",
                new_ref(),
            )
            for _ in range(count)
        ]
        self.workers.start()
        with UnitOfWork(self.engine) as work:
            self.world.commands.queue_commands(work.connection, strangers)
            if one_alone_in:
                is_one = chain_commands.c.id % one_alone_in == 0
                work.connection.execute(update(chain_commands).where(is_one).values(failure="alone"))

    def settle(self, count: int) -> None:
        """One transaction a payment, stored one by one and sent as they come, as by the settler."""
        payer, payee = self.world.funded_pair(FUNDS_CENTS)
        self.workers.start()
        for _ in range(count):
            self.world.store(self.world.payment(payer, payee, 1))
            self.world.sender.broadcast_stored()

    def transfer(self, count: int) -> None:
        """Signed beforehand by a key the service has never seen, and handed to the node past the service."""
        key, chain_id = Account.create(), self.node.client.chain_id
        self.stranger, self.handed_over = key.address, count
        plain = {
            "to": self.stranger,
            "value": 0,
            "gas": 21_000,
            "gasPrice": 0,
            "chainId": chain_id,
            "data": b"",
        }
        calls = [
            (
                "eth_sendRawTransaction",
                [key.sign_transaction({**plain, "nonce": nonce}).raw_transaction.to_0x_hex()],
            )
            for nonce in range(count)
        ]
        for first in range(0, count, TRANSFERS_A_CALL):
            self.node.wire.send(calls[first : first + TRANSFERS_A_CALL], CALL_TIMEOUT_S)

    def is_waiting(self) -> bool:
        return self.mined() < self.handed_over if self.stranger else bool(self.world.waiting())

    def ends(self) -> bool:
        """False when it stands still."""
        before, moved_at_s = -1, time.monotonic()
        while self.is_waiting():
            mined = self.mined()
            if mined != before:
                before, moved_at_s = mined, time.monotonic()
            if time.monotonic() - moved_at_s > STUCK_AFTER_S:
                return False
            time.sleep(POLL_S)
        return True

    def mined(self) -> int:
        if self.stranger:
            return int(self.node.request("eth_getTransactionCount", self.stranger, "latest"), 16)
        query = (
            select(func.count()).select_from(chain_transactions).where(chain_transactions.c.state == "mined")
        )
        with self.engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def close(self) -> None:
        self.workers.stop()
        self.node.kill_process()
        self.engine.dispose()


def run_one(one: FreshSystem, burst: str, size: int) -> tuple[bool, dict[str, float]]:
    """(it moved to the end; what it did)."""
    began_s = time.monotonic()
    alarms, repairs = _count(metrics.standstills), _count(metrics.pool_repairs)
    if burst == "settlements":
        one.settle(size)
    elif burst == "transfers":
        one.transfer(size)
    else:
        one.enrol(size, ONE_ALONE_IN[burst])
    moved = one.ends()
    return moved, {
        "size": size,
        "transactions": one.mined(),
        "seconds": round(time.monotonic() - began_s, 1),
        "alarms": _count(metrics.standstills) - alarms,
        "repairs": _count(metrics.pool_repairs) - repairs,
    }


def _count(counter: Counter) -> float:
    return float(next(iter(counter.collect())).samples[0].value)


def summary(found: list[dict[str, float]], stood_still: int, seconds: float) -> dict[str, Any]:
    sizes = [int(one["size"]) for one in found]
    took = sorted(one["seconds"] for one in found)
    return {
        "fresh_systems": len(found),
        "in_each": f"{min(sizes)} to {max(sizes)}" if min(sizes) != max(sizes) else str(sizes[0]),
        "transactions_in_all": int(sum(one["transactions"] for one in found)),
        "stood_still": stood_still,
        "alarms_of_the_service": int(sum(one["alarms"] for one in found)),
        "repairs_of_the_pool": int(sum(one["repairs"] for one in found)),
        "seconds_median": took[len(took) // 2],
        "seconds_most": took[-1],
        "seconds_in_all": round(seconds),
        "load_average_at_the_end": round(os.getloadavg()[1], 1),
        "measured_at": datetime.now(UTC).isoformat(timespec="minutes"),
    }


def write(name: str, found: dict[str, Any]) -> None:
    """Keeps this result beside those of other bursts, with the machine it is from."""
    kept_in = RESULTS / "standstill.json"
    kept = json.loads(kept_in.read_text("utf-8")) if kept_in.exists() else {}
    kept[name] = {**found, "machine": machine()}
    kept_in.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    (RESULTS / "standstill.md").write_text(as_markdown(kept), encoding="utf-8")


def as_markdown(kept: dict[str, dict[str, Any]]) -> str:
    lines = [
        "# Bursts on fresh systems",
        "",
        "Written by `python -m scripts.bench.standstill --burst BURST --systems N --write`: one system",
        "after the other, each a node started from the state just after the deployment and an empty SQLite",
        "database, with the service's own workers. One stands still when nothing is mined for",
        f"{STUCK_AFTER_S:.0f} s. Median and most are the seconds from the start of a burst to its last",
        "transaction mined.",
    ]
    for name, found in kept.items():
        words = BURSTS[name.removesuffix(AS_BEFORE)]
        before = ", without order and repair (the baseline)" if name.endswith(AS_BEFORE) else ""
        lines += ["", f"## {words}{before}", ""]
        lines += ["| | |", "|---|---:|"]
        figures = {key: value for key, value in found.items() if key != "machine"}
        lines += [f"| {key.replace('_', ' ')} | {value} |" for key, value in figures.items()]
        machine_is = found["machine"]
        lines += ["", f"At {machine_is['commit']}, {machine_is['cores']} cores, {machine_is['node']}."]
    baselines = [found for name, found in kept.items() if name.endswith(AS_BEFORE)]
    if baselines and not any(found["stood_still"] for found in baselines):
        number = sum(int(found["fresh_systems"]) for found in baselines)
        lines += [
            "",
            f"The baseline did not stand still in {number} systems either: that it would be seen here is not",
            "shown. What the order prevents is held by `tests/unit/chain/test_block_order.py` and",
            "`tests/integration/chain/test_embedded_node.py`.",
        ]
    return "\n".join([*lines, ""])


def main() -> int:
    parser = argparse.ArgumentParser(description="fresh systems with bursts; how many stand still")
    parser.add_argument("--burst", choices=BURSTS, default="mixed")
    parser.add_argument("--systems", type=int, default=SYSTEMS)
    parser.add_argument("--seed", type=int, default=0, help="of the bursts' sizes")
    parser.add_argument("--as-before", action="store_true")
    parser.add_argument("--write", action="store_true", help="write the results under docs/bench")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sizes = random.Random(given.seed)
    found: list[dict[str, float]] = []
    stood_still, started_s = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="alba-standstill-") as name:
        folder = Path(name)
        ground = start_chain(folder / "ground", prune_history=True)
        ground.node.stop()
        database = folder / "empty.db"
        fresh = make_engine(f"sqlite:///{database}")
        upgrade(fresh)
        fresh.dispose()
        for number in range(1, given.systems + 1):
            size = SIZES.get(given.burst) or sizes.randint(*ENROLMENTS)
            one = FreshSystem(ground, database, folder / str(number), as_before=given.as_before)
            try:
                moved, did = run_one(one, given.burst, size)
                found.append(did)
                stood_still += not moved
                verdict = "moved" if moved else f"STOOD STILL, pool {one.node.request('txpool_status')}"
                print(f"{number}: {verdict}, {did}", flush=True)
            finally:
                one.close()
                shutil.rmtree(folder / str(number))
    result = summary(found, stood_still, time.monotonic() - started_s)
    print(result)
    if given.write:
        write(given.burst + (AS_BEFORE if given.as_before else ""), result)
    return 1 if stood_still else 0


if __name__ == "__main__":
    sys.exit(main())
