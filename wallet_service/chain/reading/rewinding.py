"""Whether the copy must go back because the node's chain is another one: proven, bounded, asked again.

Reads only. One answer never rewinds anything: the node's blocks must form a chain that starts from a block
of ours, every other node that answers must have lost our last block too, and the finding must be the same
for a while. What a rewind does to the copy is the indexer's matter.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Engine

from wallet_service.chain.errors import NodeContradictsItself
from wallet_service.chain.ledger import mirror as copy
from wallet_service.chain.ledger.mirror import Block, Cursor
from wallet_service.chain.node.access import ChainAccess
from wallet_service.chain.node.client import MAX_BATCH_CALLS, NodeError
from wallet_service.chain.node.doubts import Doubts
from wallet_service.chain.node.evidence import AnswersDisagree, block_of, require_chain
from wallet_service.database.unit_of_work import reading
from wallet_service.platform.errors import ChainUnavailable

#: Deeper than any reorganisation of the engines in `profiles`, and than what an embedded node loses with
#: its newest dumps. What lies deeper is a person's decision: `rebuild`, with the service stopped.
MAX_REWIND_BLOCKS = 2_000
CONFIRM_REWIND_AFTER_S = 1.0
REWIND_LOOKS = 3
PAUSE_BETWEEN_LOOKS_S = 0.25


@dataclass(frozen=True, slots=True)
class _Finding:
    """From where the copy would go back to which block, and the node's block that stands in the way."""

    cursor: Cursor
    ancestor: int
    instead: str | None


class Rewinding:
    """One per indexer; remembers what it found before."""

    def __init__(self, engine: Engine, access: ChainAccess, doubts: Doubts) -> None:
        self._engine = engine
        self._access = access
        self._doubts = doubts
        self._finding: _Finding | None = None
        self._looks = 0
        self._first_look_s = 0.0
        self._last_look_s = float("-inf")

    @property
    def is_pending(self) -> bool:
        """Another chain was seen and not confirmed yet."""
        return self._finding is not None

    def forget(self) -> None:
        """The node has our last block (again)."""
        self._finding = None

    def confirmed_ancestor(self, cursor: Cursor, head: int) -> int | None:
        """The last block to keep, once it is certain; None while it is not, or when nothing is wrong.

        Raises NodeContradictsItself when the answers exclude each other or lead too far back;
        ChainUnavailable.
        """
        now_s = time.monotonic()
        if self._finding is not None and now_s - self._last_look_s < PAUSE_BETWEEN_LOOKS_S:
            return None
        if cursor.block_hash is None or self._node_hash(cursor.block_number) == cursor.block_hash:
            self.forget()
            self._doubts.unsettled(cursor.block_number)
            return None
        ancestor = self._common_ancestor(cursor, head)
        self._require_near(cursor, ancestor)
        self._require_other_nodes(cursor)
        try:
            instead = self._require_chain_from(ancestor, min(head, cursor.block_number + 1))
            self._require_by_hash(instead, ancestor + 1)
        except AnswersDisagree as error:
            raise self._contradiction(error.kind, error.block_number) from error
        finding = _Finding(cursor, ancestor, instead)
        self._last_look_s = now_s
        if finding != self._finding:
            self._finding, self._looks, self._first_look_s = finding, 0, now_s
        self._looks += 1
        if self._looks < REWIND_LOOKS or now_s - self._first_look_s < CONFIRM_REWIND_AFTER_S:
            return None
        self.forget()
        return ancestor

    def _require_near(self, cursor: Cursor, ancestor: int) -> None:
        if ancestor < self._access.deployment.deployed_at_block:
            raise self._contradiction("other_chain", cursor.block_number)
        if cursor.block_number - ancestor > MAX_REWIND_BLOCKS:
            raise self._contradiction("rewind_too_deep", cursor.block_number)

    def _require_other_nodes(self, cursor: Cursor) -> None:
        """One node that still has our last block is enough: this one is left out for a while."""
        answers = self._access.client.ask_each("eth_getBlockByNumber", hex(cursor.block_number), False)
        if any(isinstance(answer, dict) and answer.get("hash") == cursor.block_hash for answer in answers):
            raise self._contradiction("nodes_disagree", cursor.block_number)

    def _require_chain_from(self, ancestor: int, last: int) -> str | None:
        """The hash of the block after `ancestor`, None when there is none. Raises AnswersDisagree."""
        with reading(self._engine) as connection:
            parent_hash = copy.block_hash(connection, ancestor)
        first_hash = None
        for start in range(ancestor + 1, last + 1, MAX_BATCH_CALLS):
            numbers = range(start, min(start + MAX_BATCH_CALLS, last + 1))
            found = self._node_blocks(numbers)
            require_chain(found, parent_hash)
            parent_hash = found[-1].hash
            first_hash = first_hash or found[0].hash
        return first_hash

    def _require_by_hash(self, block_hash: str | None, number: int) -> None:
        """The block instead of ours is there by its hash too: no child may name it yet."""
        if block_hash is None:
            return
        answer = self._access.client.request("eth_getBlockByHash", block_hash, False)
        if answer is None or block_of(answer).number != number:
            raise AnswersDisagree("hash", number)

    def _node_blocks(self, numbers: range) -> list[Block]:
        answers = self._access.client.batch(
            [("eth_getBlockByNumber", (hex(number), False)) for number in numbers]
        )
        found = []
        for number, answer in zip(numbers, answers, strict=True):
            if isinstance(answer, NodeError):
                raise ChainUnavailable(f"the node refuses a block: {answer.message}")
            if answer is None or (block := block_of(answer)).number != number:
                raise AnswersDisagree("gap", number)
            found.append(block)
        return found

    def _contradiction(self, kind: str, block_number: int) -> NodeContradictsItself:
        self.forget()
        self._doubts.contradicted(kind, block_number)
        self._access.client.distrust()
        return NodeContradictsItself(f"{kind} at block {block_number}")

    def _common_ancestor(self, cursor: Cursor, head: int) -> int:
        """The highest copied block the node still has.

        Hashes chain, so halving finds it in a few questions.
        """
        low = self._access.deployment.deployed_at_block - 1  # before everything copied
        high = min(cursor.block_number, head)
        while low < high:
            middle = (low + high + 1) // 2
            with reading(self._engine) as connection:
                copied = copy.block_hash(connection, middle)
            if copied is not None and copied == self._node_hash(middle):
                low = middle
            else:
                high = middle - 1
        return low

    def _node_hash(self, number: int) -> str | None:
        block = self._access.client.request("eth_getBlockByNumber", hex(number), False)
        return None if block is None else block_of(block).hash
