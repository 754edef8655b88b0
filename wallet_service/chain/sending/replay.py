"""Gives an embedded node that came back older its lost transactions again.

The stored bytes, in the order and at the block times of their first life, so that every check of the contract
falls out as it did.
"""

from __future__ import annotations

import time

import structlog
from sqlalchemy import Engine, select

from wallet_service.chain import metrics
from wallet_service.chain.node.access import ChainAccess
from wallet_service.chain.node.client import NodeClient, NodeError, hex_bytes
from wallet_service.chain.node.embedded import EmbeddedNode
from wallet_service.chain.node.evidence import block_of
from wallet_service.chain.sending.sender import Sender
from wallet_service.database.tables.chain import chain_transactions
from wallet_service.database.unit_of_work import reading
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.protocol.clock import Clock

RECEIPT_POLL_S = 0.005
#: A node that runs but has not answered for so long is ended and started again from its last dump.
HANG_LIMIT_S = 10.0

log = structlog.get_logger(__name__)


class ChainLost(Exception):
    """The node has no ledger: its saved state is gone. The sentence says what to do."""


def require_ledger(access: ChainAccess) -> None:
    """Raises ChainLost when there is no code at the ledger's address.

    ChainUnavailable when the node is away.
    """
    if hex_bytes(access.client.request("eth_getCode", access.deployment.ledger, "latest")) == "0x":
        raise ChainLost(
            "the chain does not hold the ledger of the deployment file: "
            "its saved state is missing or belongs to another chain"
        )


def replay_lost(engine: Engine, node: EmbeddedNode, access: ChainAccess, clock: Clock) -> int:
    """Send again what was mined once and the chain lacks; how many.

    Never-mined bytes are the sender's to send.
    """
    with reading(engine) as connection:
        rows = connection.execute(
            select(
                chain_transactions.c.sender,
                chain_transactions.c.nonce,
                chain_transactions.c.raw,
                chain_transactions.c.transaction_hash,
                chain_transactions.c.block_timestamp_unix_s,
            )
            .where(
                chain_transactions.c.block_timestamp_unix_s.is_not(None),
                chain_transactions.c.state != "displaced",
            )
            .order_by(
                chain_transactions.c.block_number,
                chain_transactions.c.block_position,
                chain_transactions.c.id,
            )
        ).all()
    client = access.client
    counts = {sender: client.transaction_count(sender) for sender in {row.sender for row in rows}}
    lost = [row for row in rows if row.nonce >= counts[row.sender]]
    if not lost:
        return 0
    last_unix_s = block_of(node.request("eth_getBlockByNumber", "latest", False)).timestamp_unix_s
    node.set_time(last_unix_s)  # a node just started refuses block times before its start otherwise
    for row in lost:
        last_unix_s = max(last_unix_s, row.block_timestamp_unix_s)
        node.set_next_block_time(last_unix_s)
        try:
            client.request("eth_sendRawTransaction", "0x" + row.raw.hex())
        except NodeError as error:
            if "already" not in error.message and "nonce too low" not in error.message:
                raise ChainUnavailable(f"replay: {error.message}") from error
        _wait_mined(client, row.transaction_hash, access.profile.receipt_timeout_s)
    node.set_time(clock.now_unix_s())
    log.warning("chain.lost_transactions_replayed", count=len(lost))
    return len(lost)


def _wait_mined(client: NodeClient, transaction_hash: str, timeout_s: float) -> None:
    deadline_s = time.monotonic() + timeout_s
    while client.request("eth_getTransactionReceipt", transaction_hash) is None:
        if time.monotonic() > deadline_s:
            raise ChainUnavailable("a replayed transaction was not mined in time")
        time.sleep(RECEIPT_POLL_S)


class EmbeddedSupervisor:
    """Worker: keeps the node running, awake and saved.

    `run_once` every second or so, always from one thread that lives as long as the service (on Linux the node
    dies with the thread that started it). `watch_once` as often from another: a round may wait for the node,
    which may stop in the middle of whatever it was asked.
    """

    def __init__(
        self, engine: Engine, node: EmbeddedNode, access: ChainAccess, sender: Sender, clock: Clock
    ) -> None:
        self._engine = engine
        self._node = node
        self._access = access
        self._sender = sender
        self._clock = clock
        self._answered_at_s = time.monotonic()
        self._is_up = False

    def start(self) -> int:
        """Start the node, check the ledger, replay what was lost; how many.

        Raises NodeStartFailed, ChainLost.
        """
        self._is_up = False
        with self._sender.quiet():
            self._node.start()
            self._answered_at_s = time.monotonic()
            self._is_up = True
            require_ledger(self._access)
            return replay_lost(self._engine, self._node, self._access, self._clock)

    def run_once(self) -> int:
        """1 when the node had to be started again. Raises ChainUnavailable while it hangs."""
        if self._node.is_running():
            try:
                self._node.wake_if_asleep()
                self._save_if_due()
                self._answered_at_s, self._is_up = time.monotonic(), True
                return 0
            except ChainUnavailable:
                if self._node.is_running() and time.monotonic() - self._answered_at_s < HANG_LIMIT_S:
                    raise
                self._node.kill_process()
        metrics.node_restarts.inc()
        log.error("chain.embedded_node_died")
        self.start()
        return 1

    def watch_once(self) -> bool:
        """True when a node that hangs was ended, which ends the round that waits for it too."""
        if not self._is_up:
            return False
        if self._node.answers():
            self._answered_at_s = time.monotonic()
            return False
        if not self._node.is_running() or time.monotonic() - self._answered_at_s < HANG_LIMIT_S:
            return False
        self._is_up = False
        log.error("chain.embedded_node_hangs")
        self._node.end_hanging()
        return True

    def _save_if_due(self) -> None:
        """Beside the payments when they leave room for it; else they wait for as long as it takes."""
        if self._node.is_dump_due() and self._node.dump() is None:
            with self._sender.held():
                self._node.dump()

    def stop(self) -> None:
        """Save and end the node."""
        with self._sender.held():
            self._node.stop()
