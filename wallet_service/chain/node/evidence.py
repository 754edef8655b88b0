"""What a node's answers must have in common before any of them is believed.

Pure: asks nothing and writes nothing. A block's header carries a bloom of every log in it, each receipt
repeats its transaction's logs, and `eth_getLogs` says them a third time: a node that leaves one out, or
invents one, has to do so three times alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from wallet_service.chain.ledger.mirror import Block
from wallet_service.chain.node.client import hex_bytes, quantity
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.protocol.hashing import keccak256

BLOOM_BITS = 2048
BLOOM_BITS_PER_ITEM = 3
#: Addresses and event signatures repeat from block to block, references do not.
BLOOM_ITEMS_KEPT = 4096


class AnswersDisagree(Exception):
    """Two answers of the node about one block exclude each other. `kind` is a short stable word."""

    def __init__(self, kind: str, block_number: int) -> None:
        super().__init__(f"{kind} at block {block_number}")
        self.kind = kind
        self.block_number = block_number


@dataclass(frozen=True, slots=True)
class Log:
    """One log as the node told it, addresses and words in lower case."""

    block_number: int
    block_hash: str
    index: int
    transaction_hash: str
    address: str
    topics: tuple[str, ...]
    data: str


@dataclass(frozen=True, slots=True)
class TransactionReceipt:
    transaction_hash: str
    block_hash: str
    succeeded: bool
    gas_used: int
    logs: tuple[Log, ...]


def block_of(raw: Any) -> Block:
    """Raises ChainUnavailable when the answer has not the form of a block."""
    try:
        return Block(
            quantity(raw["number"]),
            _word(raw["hash"]),
            _word(raw["parentHash"]),
            quantity(raw["timestamp"]),
            tuple(_word(one) for one in raw["transactions"]),
            int(hex_bytes(raw["logsBloom"]), 16),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ChainUnavailable("the node answered a block without form") from error


def logs_of(raw: Any) -> list[Log]:
    """In the order of the chain. Raises ChainUnavailable when the answer has not the form of logs."""
    if not isinstance(raw, list):
        raise ChainUnavailable("the node answered logs without form")
    return sorted((_log(entry) for entry in raw), key=lambda log: (log.block_number, log.index))


def receipt_of(raw: Mapping[str, Any]) -> TransactionReceipt:
    """Raises ChainUnavailable when the answer has not the form of a receipt."""
    try:
        return TransactionReceipt(
            _word(raw["transactionHash"]),
            _word(raw["blockHash"]),
            quantity(raw["status"]) == 1,
            quantity(raw["gasUsed"]),
            tuple(logs_of(raw["logs"])),
        )
    except (KeyError, TypeError) as error:
        raise ChainUnavailable("the node answered a receipt without form") from error


def _log(raw: Any) -> Log:
    try:
        return Log(
            quantity(raw["blockNumber"]),
            _word(raw["blockHash"]),
            quantity(raw["logIndex"]),
            _word(raw["transactionHash"]),
            hex_bytes(raw["address"]).lower(),
            tuple(_word(topic) for topic in raw["topics"]),
            hex_bytes(raw["data"]).lower(),
        )
    except (KeyError, TypeError) as error:
        raise ChainUnavailable("the node answered a log without form") from error


def _word(value: Any) -> str:
    return hex_bytes(value).lower()


def may_concern(block: Block, ledger: str) -> bool:
    """Whether the block's bloom names the ledger. Never False for a block that holds a log of it."""
    bits = _bits_of(ledger)
    return block.logs_bloom & bits == bits


def require_agreement(
    block: Block, receipts: Sequence[TransactionReceipt], logs: Sequence[Log], ledger: str
) -> None:
    """`receipts` are those of all the block's transactions, `logs` what the filter on the ledger gave for it.

    Raises AnswersDisagree.
    """
    emitted = [log for receipt in receipts for log in receipt.logs]
    if bloom_of(emitted) != block.logs_bloom:
        raise AnswersDisagree("bloom", block.number)
    if [log for log in emitted if log.address == ledger] != list(logs):
        raise AnswersDisagree("logs", block.number)
    if any(receipt.logs and not receipt.succeeded for receipt in receipts):
        raise AnswersDisagree("status", block.number)


def require_chain(blocks: Iterable[Block], parent_hash: str | None) -> None:
    """Each block names the one before as its parent, the first one `parent_hash`. Raises AnswersDisagree."""
    for block in blocks:
        if parent_hash is not None and block.parent_hash != parent_hash:
            raise AnswersDisagree("parent", block.number)
        parent_hash = block.hash


def bloom_of(logs: Iterable[Log]) -> int:
    """The header's bloom for these logs (Yellow Paper, 4.4.3), as a number of BLOOM_BITS bits."""
    bloom = 0
    for log in logs:
        bloom |= _bits_of(log.address)
        for topic in log.topics:
            bloom |= _bits_of(topic)
    return bloom


@lru_cache(maxsize=BLOOM_ITEMS_KEPT)
def _bits_of(item: str) -> int:
    digest = keccak256(bytes.fromhex(item[2:]))
    bits = 0
    for index in range(BLOOM_BITS_PER_ITEM):
        bits |= 1 << (int.from_bytes(digest[2 * index : 2 * index + 2], "big") % BLOOM_BITS)
    return bits
