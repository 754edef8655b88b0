"""Reads final blocks in bounded ranges and writes everything they mean in ONE commit per range.

Compare-and-set cursor, stored block and parent hashes, one row per (block, log). A range is taken only when
blocks, receipts and logs agree (`evidence`). When the node's chain is proven to be another than the one that
was copied (`rewinding`), the copy goes back to the common ancestor in one commit and reads on. Owns no rule:
what an event means to a subject is the subject's projection.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import Engine

from wallet_service.accounts import wholeness
from wallet_service.chain import metrics
from wallet_service.chain.errors import NodeContradictsItself
from wallet_service.chain.ledger import mirror as copy
from wallet_service.chain.ledger.codec import DecodedError, LogUnknown
from wallet_service.chain.ledger.mirror import Block, CopyRaced, Cursor, MinedTransaction
from wallet_service.chain.node.access import ChainAccess
from wallet_service.chain.node.client import NodeError
from wallet_service.chain.node.doubts import Doubts
from wallet_service.chain.node.evidence import (
    AnswersDisagree,
    Log,
    TransactionReceipt,
    block_of,
    logs_of,
    may_concern,
    receipt_of,
    require_agreement,
)
from wallet_service.chain.ports import ChainEvent
from wallet_service.chain.reading.rewinding import Rewinding
from wallet_service.chain.registry import Registry
from wallet_service.chain.sending.commands import MAX_FAILURE_CHARACTERS, failed_command
from wallet_service.chain.sending.sender import SETTLE_PURPOSE, Sender
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.platform import failpoints as failpoints
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.protocol.clock import Clock

FIRST_RANGE_BLOCKS = 50

log = structlog.get_logger(__name__)


class BlocksChanged(Exception):
    """The chain changed between two questions, or does not continue the copy.

    Look for the common ancestor.
    """


class Indexer:
    """`run_once` indexes one range.

    Safe beside a second process: one of the two commits, the other starts again.
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
        self.registry = registry
        self._clock = clock
        self._sender = sender
        self._ledger = access.deployment.ledger.lower()
        self._range_blocks = min(FIRST_RANGE_BLOCKS, access.profile.max_block_range)
        self.doubts = Doubts()
        self._rewinding = Rewinding(engine, access, self.doubts)

    def run_once(self) -> int:
        """How many blocks were indexed.

        Raises ChainUnavailable; NodeContradictsItself when answers exclude each other and nothing was taken.
        Whatever a projection raises undoes the range.
        """
        cursor = self._cursor()
        head = self._final_head()
        metrics.index_lag_blocks.set(max(0, head - cursor.block_number))
        try:
            if head <= cursor.block_number:
                self._check_tip(cursor, head)
                return 0
            last = min(head, cursor.block_number + self._range_blocks)
            return self._index(cursor, last, head)
        except BlocksChanged:
            self._rewind(cursor, head)
            return 0
        except AnswersDisagree as error:
            self.doubts.contradicted(error.kind, error.block_number)
            self._access.client.distrust()
            raise NodeContradictsItself(str(error)) from error
        except CopyRaced:
            return 0

    @property
    def is_undecided(self) -> bool:
        """The node's chain seems to be another one, which is not confirmed yet: ask again."""
        return self._rewinding.is_pending

    def catch_up(self) -> int:
        """Index until nothing is left; how many blocks."""
        total = 0
        while True:
            before = self._cursor()
            total += self.run_once()
            if self._cursor() == before:
                return total

    def _cursor(self) -> Cursor:
        with reading(self._engine) as connection:
            return copy.read_cursor(connection, self._access.deployment.deployed_at_block)

    def _final_head(self) -> int:
        return self._access.client.block_number() - self._access.profile.finality_depth

    def _check_tip(self, cursor: Cursor, head: int) -> None:
        if cursor.block_hash is None:
            return
        block = self._access.client.request("eth_getBlockByNumber", hex(cursor.block_number), False)
        if head < cursor.block_number or block is None or block_of(block).hash != cursor.block_hash:
            raise BlocksChanged()
        self._rewinding.forget()
        self.doubts.settled()
        metrics.copy_short.set(not wholeness.is_whole(self._engine))

    # --- one range
    # ---------------------------------------------------------------------------------------------------

    def _index(self, cursor: Cursor, last: int, head: int) -> int:
        started_s = time.monotonic()
        try:
            found, logs = self._read(cursor, last)
        except NodeError as error:  # "too many results", "range too wide": smaller ranges, down to one block
            if self._range_blocks == 1:
                raise ChainUnavailable(f"the node refuses one block: {error.message}") from error
            self._range_blocks = max(1, self._range_blocks // 2)
            return 0
        with reading(self._engine) as connection:
            hashes = [one for block in found for one in block.transaction_hashes]
            own = copy.own_transactions(connection, hashes)
        receipts = self._receipts(found, logs, own)
        events = self._events(found, logs, own)
        mined = self._mined(found, receipts, own)
        names = {event.name for event in events}
        is_far = self._is_far_behind(last, head)
        failpoints.reach_events(names, "read")
        with UnitOfWork(self._engine) as work:
            copy.move_cursor(work.connection, cursor, Cursor(found[-1].number, found[-1].hash))
            copy.add_blocks(work.connection, found, self._clock.now_unix_ms())
            copy.add_events(work.connection, events)
            self._close(work, mined)
            self.registry.project(work, events)
            if is_far:
                copy.mark_short(work.connection, head)
            failpoints.reach_events(names, "before_commit")
        failpoints.reach_events(names, "committed")
        self._rewinding.forget()
        self.doubts.settled()
        self._range_blocks = min(self._range_blocks * 2, self._access.profile.max_block_range)
        self._count(events, mined, own, time.monotonic() - started_s)
        return len(found)

    def _is_far_behind(self, last: int, head: int) -> bool:
        """Whether so much is missing after this range that people must wait.

        The head is looked at, not believed: a number alone must not stop payments.
        """
        if head - last <= wholeness.MAX_LAG_BLOCKS:
            return False
        block = self._access.client.request("eth_getBlockByNumber", hex(head), False)
        return block is not None and block_of(block).number == head

    def _read(self, cursor: Cursor, last: int) -> tuple[list[Block], list[Log]]:
        first = cursor.block_number + 1
        client = self._access.client
        calls: list[tuple[str, Sequence[Any]]] = [
            ("eth_getBlockByNumber", (hex(number), False)) for number in range(first, last + 1)
        ]
        logs_filter = {"fromBlock": hex(first), "toBlock": hex(last), "address": self._ledger}
        *raw_blocks, raw_logs = client.batch([*calls, ("eth_getLogs", (logs_filter,))])
        for answer in (*raw_blocks, raw_logs):
            if isinstance(answer, NodeError):
                raise answer
        found: list[Block] = []
        parent_hash = cursor.block_hash
        for number, raw in zip(range(first, last + 1), raw_blocks, strict=True):
            if raw is None:
                raise BlocksChanged()
            block = block_of(raw)
            if block.number != number or (parent_hash is not None and block.parent_hash != parent_hash):
                raise BlocksChanged()
            parent_hash = block.hash
            found.append(block)
        return found, logs_of(raw_logs)

    def _receipts(
        self, found: Sequence[Block], logs: Sequence[Log], own: Mapping[str, Any]
    ) -> dict[str, TransactionReceipt]:
        """The receipts of every block with something of ours, by hash, once they agree.

        They agree with the block's bloom and with `logs`; a block is ours that concerns the ledger or holds a
        transaction of ours. Raises AnswersDisagree, BlocksChanged.
        """
        by_block: dict[str, list[Log]] = {block.hash: [] for block in found}
        for entry in logs:
            if entry.block_hash not in by_block:
                raise BlocksChanged()
            by_block[entry.block_hash].append(entry)
        concerned = [
            block
            for block in found
            if by_block[block.hash]
            or may_concern(block, self._ledger)
            or any(one in own for one in block.transaction_hashes)
        ]
        raw = iter(
            self._access.client.receipts([one for block in concerned for one in block.transaction_hashes])
        )
        receipts: dict[str, TransactionReceipt] = {}
        for block in concerned:
            of_block = []
            for transaction_hash in block.transaction_hashes:
                answer = next(raw)
                receipt = None if answer is None else receipt_of(answer)
                if receipt is None or receipt.block_hash != block.hash:
                    raise BlocksChanged()
                if receipt.transaction_hash != transaction_hash:
                    raise AnswersDisagree("receipt", block.number)
                of_block.append(receipt)
                receipts[transaction_hash] = receipt
            require_agreement(block, of_block, by_block[block.hash], self._ledger)
        return receipts

    def _events(
        self, found: Sequence[Block], logs: Sequence[Log], own: Mapping[str, Any]
    ) -> list[ChainEvent]:
        by_hash = {block.hash: block for block in found}
        events: list[ChainEvent] = []
        for entry in logs:
            block = by_hash[entry.block_hash]
            try:
                name, arguments = self._access.codec.event(entry.topics, entry.data)
            except LogUnknown:
                continue  # of a newer ledger or of its proxy; the comparison with the chain guards the money
            if name == "PaymentSettled":
                arguments = with_its_transfer(arguments, events[-1] if events else None, entry)
            own_row = own.get(entry.transaction_hash)
            events.append(
                ChainEvent(
                    name,
                    arguments,
                    block.number,
                    entry.index,
                    entry.transaction_hash,
                    block.timestamp_unix_s,
                    own_row.id if own_row is not None else None,
                )
            )
        return events

    def _mined(
        self, found: Sequence[Block], receipts: Mapping[str, TransactionReceipt], own: Mapping[str, Any]
    ) -> list[MinedTransaction]:
        mined = []
        for block in found:
            for position, transaction_hash in enumerate(block.transaction_hashes):
                row = own.get(transaction_hash)
                if row is None:
                    continue
                receipt = receipts[transaction_hash]
                if receipt.succeeded and row.purpose == SETTLE_PURPOSE and not receipt.logs:
                    raise AnswersDisagree("status", block.number)  # each payment is settled or skipped
                failure = DecodedError("", {}) if receipt.succeeded else self._why_reverted(transaction_hash)
                mined.append(
                    MinedTransaction(
                        row.id,
                        row.purpose,
                        block,
                        position,
                        receipt.succeeded,
                        receipt.gas_used,
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
                    self.registry.settlement_reverted(work, one.id)
                continue
            reason = DecodedError(one.failure_name, dict(one.failure_values or {}))
            why = str(reason)[:MAX_FAILURE_CHARACTERS]
            for row in copy.close_commands(work.connection, one, why, now_unix_ms):
                if one.succeeded:
                    continue
                metrics.commands_failed.labels(row.kind).inc()
                self.registry.command_failed(work, failed_command(row, reason.name, reason.values))

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
        ancestor = self._rewinding.confirmed_ancestor(cursor, head)
        if ancestor is None:
            return
        with UnitOfWork(self._engine) as work:
            kept_hash = copy.block_hash(work.connection, ancestor)
            try:
                copy.move_cursor(work.connection, cursor, Cursor(ancestor, kept_hash))
            except CopyRaced:
                return
            copy.rewind(work.connection, ancestor)
            copy.mark_short(work.connection, head)
            self.registry.rewound(work, ancestor)
        metrics.rewinds.inc()
        log.warning("chain.copy_rewound", from_block=cursor.block_number, to_block=ancestor)
        if self._sender is not None:
            self._sender.forget_sent()


def with_its_transfer(settled: dict[str, Any], before: ChainEvent | None, entry: Log) -> dict[str, Any]:
    """PaymentSettled with the payer, the payee and the value that stand in the Transfer just before it.

    The ledger does not say them twice (contracts/interfaces/ILedgerEvents.sol). Raises ChainUnavailable when
    the node left that Transfer out: reading on would lose a movement.
    """
    if (
        before is None
        or before.name != "Transfer"
        or before.transaction_hash != entry.transaction_hash
        or before.log_index != entry.index - 1
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
