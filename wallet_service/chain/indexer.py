"""Reads final blocks in bounded ranges and writes everything they mean in ONE commit per range.

Compare-and-set cursor, stored block and parent hashes, one row per (block, log). When the node's chain is
not the one that was copied (a reorganisation, or a node that came back older), the copy goes back to the
common ancestor in one commit and reads on. Owns no rule: what an event means to a subject is the
subject's projection.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Engine

from wallet_service import crash_points
from wallet_service.chain import copy, metrics
from wallet_service.chain.client import NodeError, quantity
from wallet_service.chain.commands import MAX_FAILURE_CHARACTERS, failed_command
from wallet_service.chain.copy import Block, CopyRaced, Cursor, MinedTransaction
from wallet_service.chain.errors import ChainUnavailable
from wallet_service.chain.ledger import DecodedError, LogUnknown
from wallet_service.chain.ports import ChainEvent
from wallet_service.chain.registry import Registry
from wallet_service.chain.sender import SETTLE_PURPOSE, ChainAccess, Sender
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.protocol.clock import Clock

FIRST_RANGE_BLOCKS = 50

log = structlog.get_logger(__name__)


class BlocksChanged(Exception):
    """The chain changed between two questions, or does not continue the copy: look for the common
    ancestor.
    """


class Indexer:
    """`run_once` indexes one range. Safe beside a second process: one of the two commits, the other
    starts again.
    """

    def __init__(
        self,
        engine: Engine,
        access: ChainAccess,
        registry: Registry,
        clock: Clock,
        sender: Sender | None = None,
    ) -> None:
        self._engine = engine
        self._access = access
        self._registry = registry
        self._clock = clock
        self._sender = sender
        self._range_blocks = min(FIRST_RANGE_BLOCKS, access.profile.max_block_range)

    def run_once(self) -> int:
        """How many blocks were indexed. Raises ChainUnavailable; whatever a projection raises undoes the
        range.
        """
        cursor = self._cursor()
        head = self._final_head()
        metrics.index_lag_blocks.set(max(0, head - cursor.block_number))
        try:
            if head <= cursor.block_number:
                self._check_tip(cursor, head)
                return 0
            last = min(head, cursor.block_number + self._range_blocks)
            return self._index(cursor, last)
        except BlocksChanged:
            self._rewind(cursor, head)
            return 0
        except CopyRaced:
            return 0

    def catch_up(self) -> int:
        """Index until nothing is left; how many blocks."""
        total = 0
        while True:
            before = self._cursor()
            total += self.run_once()
            if self._cursor() == before:
                return total

    def _cursor(self) -> Cursor:
        with self._engine.connect() as connection:
            return copy.read_cursor(connection, self._access.deployment.deployed_at_block)

    def _final_head(self) -> int:
        return self._access.client.block_number() - self._access.profile.finality_depth

    def _check_tip(self, cursor: Cursor, head: int) -> None:
        if cursor.block_hash is None:
            return
        if head < cursor.block_number:
            raise BlocksChanged()
        if self._node_hash(cursor.block_number) != cursor.block_hash:
            raise BlocksChanged()

    def _node_hash(self, number: int) -> str | None:
        block = self._access.client.request("eth_getBlockByNumber", hex(number), False)
        return str(block["hash"]) if isinstance(block, dict) else None

    # --- one range
    # ---------------------------------------------------------------------------------------------------

    def _index(self, cursor: Cursor, last: int) -> int:
        started_s = time.monotonic()
        try:
            found, logs = self._read(cursor, last)
        except NodeError as error:  # "too many results", "range too wide": smaller ranges, down to one block
            if self._range_blocks == 1:
                raise ChainUnavailable(f"the node refuses one block: {error.message}") from error
            self._range_blocks = max(1, self._range_blocks // 2)
            return 0
        with self._engine.connect() as connection:
            hashes = [one for block in found for one in block.transaction_hashes]
            own = copy.own_transactions(connection, hashes)
        events = self._events(found, logs, own)
        mined = self._mined(found, own)
        names = {event.name for event in events}
        crash_points.reach_events(names, "read")
        with UnitOfWork(self._engine) as work:
            copy.move_cursor(work.connection, cursor, Cursor(found[-1].number, found[-1].hash))
            copy.add_blocks(work.connection, found, self._clock.now_unix_ms())
            copy.add_events(work.connection, events)
            self._close(work, mined)
            self._registry.project(work, events)
            crash_points.reach_events(names, "before_commit")
        crash_points.reach_events(names, "committed")
        self._range_blocks = min(self._range_blocks * 2, self._access.profile.max_block_range)
        self._count(events, mined, own, time.monotonic() - started_s)
        return len(found)

    def _read(self, cursor: Cursor, last: int) -> tuple[list[Block], list[dict[str, Any]]]:
        first = cursor.block_number + 1
        client = self._access.client
        calls: list[tuple[str, Sequence[Any]]] = [
            ("eth_getBlockByNumber", (hex(number), False)) for number in range(first, last + 1)
        ]
        logs_filter = {
            "fromBlock": hex(first),
            "toBlock": hex(last),
            "address": self._access.deployment.ledger,
        }
        *raw_blocks, logs = client.batch([*calls, ("eth_getLogs", (logs_filter,))])
        for answer in (*raw_blocks, logs):
            if isinstance(answer, NodeError):
                raise answer
        found: list[Block] = []
        parent_hash = cursor.block_hash
        for number, raw in zip(range(first, last + 1), raw_blocks, strict=True):
            if raw is None:
                raise BlocksChanged()
            block = _block(raw)
            if block.number != number or (parent_hash is not None and block.parent_hash != parent_hash):
                raise BlocksChanged()
            parent_hash = block.hash
            found.append(block)
        if not isinstance(logs, list):
            raise ChainUnavailable("the node answered logs without form")
        return found, logs

    def _events(
        self, found: Sequence[Block], logs: Sequence[dict[str, Any]], own: dict[str, Any]
    ) -> list[ChainEvent]:
        by_hash = {block.hash: block for block in found}
        events: list[ChainEvent] = []
        for entry in sorted(logs, key=lambda one: (quantity(one["blockNumber"]), quantity(one["logIndex"]))):
            block = by_hash.get(entry["blockHash"])
            if block is None:
                raise BlocksChanged()
            try:
                name, arguments = self._access.codec.event(entry["topics"], entry["data"])
            except LogUnknown:
                continue  # of a newer ledger or of its proxy; the comparison with the chain guards the money
            if name == "PaymentSettled":
                arguments = with_its_transfer(arguments, events[-1] if events else None, entry)
            own_row = own.get(entry["transactionHash"])
            events.append(
                ChainEvent(
                    name,
                    arguments,
                    block.number,
                    quantity(entry["logIndex"]),
                    entry["transactionHash"],
                    block.timestamp_unix_s,
                    own_row.id if own_row is not None else None,
                )
            )
        return events

    def _mined(self, found: Sequence[Block], own: dict[str, Any]) -> list[MinedTransaction]:
        places = {
            one: (block, position)
            for block in found
            for position, one in enumerate(block.transaction_hashes)
            if one in own
        }
        receipts = self._access.client.receipts(list(places))
        mined = []
        for (transaction_hash, (block, position)), receipt in zip(places.items(), receipts, strict=True):
            if receipt is None or receipt["blockHash"] != block.hash:
                raise BlocksChanged()
            row = own[transaction_hash]
            succeeded = quantity(receipt["status"]) == 1
            failure = DecodedError("", {}) if succeeded else self._why_reverted(transaction_hash)
            mined.append(
                MinedTransaction(
                    row.id,
                    row.purpose,
                    block,
                    position,
                    succeeded,
                    quantity(receipt["gasUsed"]),
                    failure.name,
                    failure.values,
                )
            )
        return mined

    def _why_reverted(self, transaction_hash: str) -> DecodedError:
        """The custom error, by asking again in today's state: right unless the cause has gone since."""
        client = self._access.client
        try:
            sent = client.request("eth_getTransactionByHash", transaction_hash)
            if not isinstance(sent, dict):
                return DecodedError("unknown", {})
            client.request(
                "eth_call",
                {"from": sent["from"], "to": sent["to"], "data": sent["input"], "gas": sent["gas"]},
                "latest",
            )
        except NodeError as error:
            return self._access.codec.error(error.data)
        return DecodedError("unknown", {})

    def _close(self, work: UnitOfWork, mined: Sequence[MinedTransaction]) -> None:
        now_unix_ms = self._clock.now_unix_ms()
        for one in mined:
            copy.mark_mined(work.connection, one, now_unix_ms)
            if one.purpose == SETTLE_PURPOSE:
                if not one.succeeded:
                    self._registry.settlement_reverted(work, one.id)
                continue
            reason = DecodedError(one.failure_name, dict(one.failure_values or {}))
            row = copy.close_command(work.connection, one, str(reason)[:MAX_FAILURE_CHARACTERS], now_unix_ms)
            if row is not None and not one.succeeded:
                metrics.commands_failed.labels(row.kind).inc()
                self._registry.command_failed(work, failed_command(row, reason.name, reason.values))

    def _count(
        self,
        events: Sequence[ChainEvent],
        mined: Sequence[MinedTransaction],
        own: dict[str, Any],
        took_s: float,
    ) -> None:
        metrics.index_seconds.observe(took_s)
        for event in events:
            metrics.indexed_events.labels(event.name).inc()
        now_unix_ms = self._clock.now_unix_ms()
        stored_at_unix_ms = {row.id: row.stored_at_unix_ms for row in own.values()}
        for one in mined:
            metrics.stored_to_mined_seconds.observe(max(0, now_unix_ms - stored_at_unix_ms[one.id]) / 1000)

    # --- going back
    # --------------------------------------------------------------------------------------------------

    def _rewind(self, cursor: Cursor, head: int) -> None:
        ancestor = self._common_ancestor(cursor, head)
        if ancestor == cursor.block_number:
            return  # the chain moved while it was read; nothing copied is wrong
        with UnitOfWork(self._engine) as work:
            kept_hash = copy.block_hash(work.connection, ancestor)
            try:
                copy.move_cursor(work.connection, cursor, Cursor(ancestor, kept_hash))
            except CopyRaced:
                return
            copy.rewind(work.connection, ancestor)
            self._registry.rewound(work, ancestor)
        metrics.rewinds.inc()
        log.warning("chain.copy_rewound", from_block=cursor.block_number, to_block=ancestor)
        if self._sender is not None:
            self._sender.forget_sent()

    def _common_ancestor(self, cursor: Cursor, head: int) -> int:
        """The highest copied block the node still has. Hashes chain, so halving finds it in a few
        questions.
        """
        low = self._access.deployment.deployed_at_block - 1  # before everything copied
        high = min(cursor.block_number, head)
        while low < high:
            middle = (low + high + 1) // 2
            with self._engine.connect() as connection:
                copied = copy.block_hash(connection, middle)
            if copied is not None and copied == self._node_hash(middle):
                low = middle
            else:
                high = middle - 1
        return low


def with_its_transfer(
    settled: dict[str, Any], before: ChainEvent | None, entry: dict[str, Any]
) -> dict[str, Any]:
    """PaymentSettled with the payer, the payee and the value that stand in the Transfer just before it.

    The ledger does not say them twice (contracts/interfaces/ILedgerEvents.sol). Raises ChainUnavailable when
    the node left that Transfer out: reading on would lose a movement.
    """
    if (
        before is None
        or before.name != "Transfer"
        or before.transaction_hash != entry["transactionHash"]
        or before.log_index != quantity(entry["logIndex"]) - 1
    ):
        raise ChainUnavailable("the node answered a payment without its transfer")
    moved = before.arguments
    return {
        "from": moved["from"],
        "to": moved["to"],
        "ref": settled["ref"],
        "value": moved["value"],
        "nonce": settled["nonce"],
    }


def _block(raw: Any) -> Block:
    try:
        return Block(
            quantity(raw["number"]),
            str(raw["hash"]),
            str(raw["parentHash"]),
            quantity(raw["timestamp"]),
            tuple(str(one) for one in raw["transactions"]),
        )
    except (KeyError, TypeError) as error:
        raise ChainUnavailable("the node answered a block without form") from error
