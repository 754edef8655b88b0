"""Answers of the node: their form, and what excludes what."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from wallet_service.chain.ledger.mirror import Block
from wallet_service.chain.node import evidence
from wallet_service.chain.node.evidence import AnswersDisagree, Log, TransactionReceipt
from wallet_service.platform.errors import ChainUnavailable

LEDGER = "0x" + "1e" * 20
OTHER = "0x" + "0d" * 20
HASH, TRANSACTION = "0x" + "b1" * 32, "0x" + "7a" * 32

RAW_LOG: dict[str, Any] = {
    "blockNumber": "0x7",
    "blockHash": HASH,
    "logIndex": "0x0",
    "transactionHash": TRANSACTION,
    "address": LEDGER.upper().replace("0X", "0x"),
    "topics": ["0x" + "aa" * 32],
    "data": "0x",
}
RAW_BLOCK: dict[str, Any] = {
    "number": "0x7",
    "hash": HASH,
    "parentHash": "0x" + "b0" * 32,
    "timestamp": "0x5",
    "transactions": [TRANSACTION],
    "logsBloom": "0x" + "00" * 256,
}
RAW_RECEIPT: dict[str, Any] = {
    "transactionHash": TRANSACTION,
    "blockHash": HASH,
    "status": "0x1",
    "gasUsed": "0x5208",
    "logs": [RAW_LOG],
}
WRONG_VALUES: list[Any] = [None, 7, "", "0xz", [None], {}]


def test_what_has_its_form_is_read_in_lower_case() -> None:
    receipt = evidence.receipt_of(RAW_RECEIPT)
    (log,) = receipt.logs
    assert (log.address, log.block_number, log.index) == (LEDGER, 7, 0)
    assert (receipt.succeeded, receipt.gas_used) == (True, 21_000)
    assert evidence.block_of(RAW_BLOCK).transaction_hashes == (TRANSACTION,)


@pytest.mark.parametrize("wrong", WRONG_VALUES, ids=repr)
@pytest.mark.parametrize(
    ("read", "raw"),
    [
        (evidence.block_of, RAW_BLOCK),
        (evidence.receipt_of, RAW_RECEIPT),
        (lambda raw: evidence.logs_of([raw]), RAW_LOG),
    ],
    ids=["block", "receipt", "log"],
)
def test_an_answer_without_form_is_unavailability_and_never_a_crash(read: Any, raw: Any, wrong: Any) -> None:
    for name in raw:
        if name == "topics" and wrong == {}:
            continue  # an empty mapping reads as no topics
        if name in ("logs", "transactions") and wrong == {}:
            continue
        if name in ("topics", "transactions") and wrong == "":
            continue
        with pytest.raises(ChainUnavailable):
            read({**raw, name: wrong})
        with pytest.raises(ChainUnavailable):
            read({key: value for key, value in raw.items() if key != name})
    with pytest.raises(ChainUnavailable):
        read(None)


def log_of(address: str, topic: str = "0x" + "aa" * 32, index: int = 0) -> Log:
    return Log(7, HASH, index, TRANSACTION, address, (topic,), "0x")


def told(*logs: Log, succeeded: bool = True) -> tuple[Block, TransactionReceipt]:
    block = Block(7, HASH, "0x" + "b0" * 32, 5, (TRANSACTION,), evidence.bloom_of(logs))
    return block, TransactionReceipt(TRANSACTION, HASH, succeeded, 21_000, tuple(logs))


def test_the_bloom_is_the_yellow_papers() -> None:
    """A published example: this address sets the bits 1323, 431 and 1319."""
    bloom = evidence.bloom_of(
        [Log(1, HASH, 0, TRANSACTION, "0x0f572e5295c57f15886f9b263e2f6d2d6c7b5ec6", (), "0x")]
    )
    assert bloom == 1 << 1323 | 1 << 431 | 1 << 1319


def test_honest_answers_agree_and_foreign_logs_are_nobodys_business() -> None:
    block, receipt = told(log_of(OTHER), log_of(LEDGER, index=1))
    evidence.require_agreement(block, [receipt], [log_of(LEDGER, index=1)], LEDGER)
    assert evidence.may_concern(block, LEDGER)
    assert not evidence.may_concern(dataclasses.replace(block, logs_bloom=0), LEDGER)


@pytest.mark.parametrize(
    ("kind", "twist"),
    [
        ("bloom", lambda block, receipt, logs: (block, dataclasses.replace(receipt, logs=()), [])),
        ("bloom", lambda block, receipt, logs: (dataclasses.replace(block, logs_bloom=0), receipt, logs)),
        ("logs", lambda block, receipt, logs: (block, receipt, [])),
        ("logs", lambda block, receipt, logs: (block, receipt, [*logs, *logs])),
        ("logs", lambda block, receipt, logs: (block, receipt, [dataclasses.replace(logs[0], data="0x01")])),
        ("status", lambda block, receipt, logs: (block, dataclasses.replace(receipt, succeeded=False), logs)),
    ],
)
def test_answers_that_exclude_each_other_are_named(kind: str, twist: Any) -> None:
    block, receipt, logs = twist(*told(log_of(LEDGER)), [log_of(LEDGER)])
    with pytest.raises(AnswersDisagree) as caught:
        evidence.require_agreement(block, [receipt], logs, LEDGER)
    assert caught.value.kind == kind


def test_blocks_that_do_not_name_their_parent_are_no_chain() -> None:
    first = Block(7, "0x" + "b1" * 32, "0x" + "b0" * 32, 5)
    second = Block(8, "0x" + "b2" * 32, "0x" + "b1" * 32, 6)
    evidence.require_chain([first, second], "0x" + "b0" * 32)
    with pytest.raises(AnswersDisagree, match="parent at block 8"):
        evidence.require_chain([first, dataclasses.replace(second, parent_hash=HASH[:-1] + "0")], None)
    with pytest.raises(AnswersDisagree, match="parent at block 7"):
        evidence.require_chain([first, second], "0x" + "00" * 32)
