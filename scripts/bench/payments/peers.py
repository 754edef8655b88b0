"""What stands beside the payments in the same run: the node, accepting alone, peers on bare PostgreSQL."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

from eth_account import Account

from scripts.bench.payments.town import Mix, Town, sign_orders
from scripts.demo import stack
from tests.support.databases import POSTGRESQL_BINARIES, PostgresqlCluster
from wallet_service.bootstrap import build_services
from wallet_service.chain.node.client import NodeError
from wallet_service.database.engine import make_engine
from wallet_service.payments.models import Payment
from wallet_service.payments.schemas import PaymentBody
from wallet_service.payments.service import read_message, signed_order
from wallet_service.protocol.clock import SystemClock

NODE_TRANSFERS = 2_000
TRANSFERS_AT_ONCE = 250
TRANSFER_GAS = 21_000
ACCEPTED_ALONE = 4_000
ACCEPT_BATCH = 200
PGBENCH_SCALE, PGBENCH_CLIENTS, PGBENCH_THREADS = 10, 16, 2
_TPS = re.compile(r"tps = ([0-9.]+)")


def node_transfers_per_s(town: Town) -> float:
    """Plain signed transfers of nothing, TRANSFERS_AT_ONCE handed over at a time; the service is stopped."""
    node = stack.make_node(town.made)
    node.start()
    try:
        account = Account.create()
        chain_id = node.client.chain_id
        raw = [
            "0x"
            + account.sign_transaction(
                {
                    "nonce": nonce,
                    "gasPrice": 0,
                    "gas": TRANSFER_GAS,
                    "to": account.address,
                    "value": 0,
                    "data": b"",
                    "chainId": chain_id,
                }
            ).raw_transaction.hex()
            for nonce in range(NODE_TRANSFERS)
        ]
        started_s = time.perf_counter()
        for start in range(0, NODE_TRANSFERS, TRANSFERS_AT_ONCE):
            answers = node.client.batch(
                [("eth_sendRawTransaction", (one,)) for one in raw[start : start + TRANSFERS_AT_ONCE]]
            )
            refused = [answer for answer in answers if isinstance(answer, NodeError)]
            if refused:
                raise refused[0]
        took_s = time.perf_counter() - started_s
        if node.client.transaction_count(account.address) != NODE_TRANSFERS:
            raise RuntimeError("the node left transfers out")
        return round(NODE_TRANSFERS / took_s, 1)
    finally:
        node.kill_process()


def accept_alone_per_s(town: Town) -> float:
    """Signature and durable acceptance in this process, ACCEPT_BATCH at once, without HTTP and workers.

    What it accepts is left to the database's end: the invariants are looked at before.
    """
    services = build_services(town.settings())
    engine = make_engine(town.settings().resolved_database_url())
    orders = sign_orders(town, engine, ACCEPTED_ALONE, Mix(), seed=-1)
    engine.dispose()
    node = stack.make_node(town.made)
    node.start()
    try:
        node.set_time(SystemClock().now_unix_s())
        services.watches.rules.refresh()
        bodies = [PaymentBody.model_validate_json(one.request.partition("\r\n\r\n")[2]) for one in orders]
        accepted = 0
        started_s = time.perf_counter()
        for start in range(0, len(bodies), ACCEPT_BATCH):
            batch = [
                signed_order(read_message(body), bytes.fromhex(body.signature[2:]), town.domain, body.sale_id)
                for body in bodies[start : start + ACCEPT_BATCH]
            ]
            answers = services.acceptance.accept_batch(batch)
            accepted += sum(isinstance(answer, Payment) for answer in answers)
        took_s = time.perf_counter() - started_s
        if accepted != len(bodies):
            raise RuntimeError(f"{len(bodies) - accepted} payments were refused")
        return round(accepted / took_s, 1)
    finally:
        node.kill_process()
        for sandbox in services.sandboxes:
            sandbox.stop()
        services.engine.dispose()


def pgbench_per_s(cluster: PostgresqlCluster, seconds: int) -> float:
    """TPC-B, the bank posting that PostgreSQL ships, on the same server."""
    name = cluster.create_empty_database()
    where = cluster.url(name).partition("?host=")[2].partition("&port=")
    connection = ["-h", where[0], "-p", where[2], "-U", "alba", name]
    program = str(POSTGRESQL_BINARIES / "pgbench")
    _run([program, "-i", "-q", "-s", str(PGBENCH_SCALE), *connection], 120)
    clients = ["-c", str(PGBENCH_CLIENTS), "-j", str(PGBENCH_THREADS), "-T", str(seconds)]
    said = _run([program, *clients, *connection], seconds + 60)
    cluster.drop_database(name)
    found = _TPS.search(said)
    if found is None:
        raise RuntimeError("pgbench said no rate")
    return round(float(found.group(1)), 1)


def _run(command: list[str], timeout_s: float) -> str:
    ended = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=timeout_s, cwd=Path("/")
    )
    return ended.stdout
