"""What a call leaves behind: what it logged, what it refused, and everything the ledger stores.

Two ways of doing the same thing are compared by these three: a difference in any stored bit, of whatever
field, is a difference. Calls are sent to the node directly, because Brownie's receipts take longer than all
the rest of a comparison.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import on_network
from brownie import web3
from eth_utils import keccak, to_checksum_address
from ledger_fixture import ERRORS, WORDS_SLOT, LedgerFixture, Signed, arrays, packed, refused_call

SKIPPED = keccak(text="PaymentSkipped(uint256,address,bytes32,bytes4)")
SETTLED = keccak(text="PaymentSettled(bytes32,uint256)")
GAS_LIMIT = 90_000_000
# What was not signed, is over, or is not to be had yet leaves its nonce as it was.
KEEP_THEIR_NONCE = ("BadSignature", "Expired", "NonceUsed", "NonceTooFar")
# Of the account word, and of the namespace (storage_layout.json).
NONCE_BITS_AT, NONCE_NEXT_AT, TIER_AT, WIDE_NONCES = 129, 161, 234, 6
# Place in the batch, error, payer, reference.
Refused = tuple[int, str, str, bytes]
Storage = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Left:
    """All the ledger's slots; (topics, data) of what was logged, skips aside; what was refused."""

    storage: Storage
    logs: tuple[tuple[tuple[bytes, ...], bytes], ...]
    refused: tuple[Refused, ...]


def request(method: str, *arguments: Any) -> Any:
    """The node's answer; an error of the node is an error of the test."""
    answer = web3.provider.make_request(method, list(arguments))
    assert "error" not in answer, (method, answer)
    return answer["result"]


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is sent inside never happened. Brownie must not send there: it does not forget."""
    before = request("evm_snapshot")
    try:
        yield
    finally:
        assert request("evm_revert", before)


def stored(onchain: LedgerFixture) -> Storage:
    """Every slot of the ledger that is not zero. (The node's root also counts zeros that were only read.)."""
    dump = json.loads(gzip.decompress(bytes.fromhex(request("anvil_dumpState")[2:])))
    slots = dump["accounts"][onchain.ledger.address.lower()]["storage"].items()
    return frozenset((slot, value) for slot, value in slots if int(value, 16))


def submit(onchain: LedgerFixture, data: str, sender: Any = None, gas: int = GAS_LIMIT) -> Any:
    """The receipt of a call of the ledger, whether it succeeded or not."""
    call = {
        "from": str(sender or onchain.relay),
        "to": onchain.ledger.address,
        "data": data,
        "gas": hex(gas),
        "gasPrice": "0x0",
    }
    if on_network.IS_NETWORK:
        return web3.eth.wait_for_transaction_receipt(on_network.send_signed(call))
    return web3.eth.wait_for_transaction_receipt(request("eth_sendTransaction", call), poll_latency=0.002)


def send(onchain: LedgerFixture, sender: Any, method: Any, *arguments: Any) -> Any:
    """The receipt of a call that must succeed."""
    receipt = submit(onchain, method.encode_input(*arguments), sender)
    assert receipt["status"] == 1, (sender, method, arguments)
    return receipt


def skips_of(receipt: Any) -> list[tuple[int, str]]:
    """(index, error name) of every payment a batch skipped."""
    return [(index, reason) for index, reason, *_ in _read(receipt["logs"])[1]]


def packed_call(onchain: LedgerFixture, batch: bytes) -> str:
    """The call of `settlePacked` with these bytes, whatever they are."""
    return str(onchain.ledger.settlePacked.encode_input(batch))


def arrays_call(onchain: LedgerFixture, batch: list[Signed]) -> str:
    """The call of `settle`."""
    return str(onchain.ledger.settle.encode_input(*arrays(batch)))


def together(onchain: LedgerFixture, call: str) -> Left:
    """What a batch leaves; it is undone. The number it answers is the number it settled."""
    question = {"from": str(onchain.relay), "to": onchain.ledger.address, "data": call}
    answer = request("eth_call", question, "pending")
    with undone():
        receipt = submit(onchain, call)
        assert receipt["status"] == 1
        left = Left(stored(onchain), *_read(receipt["logs"]))
    settled = sum(topics[0] == SETTLED for topics, _ in left.logs)
    assert int(answer, 16) == settled
    return left


def together_packed(onchain: LedgerFixture, batch: list[Signed]) -> Left:
    """What `settlePacked` leaves of these payments."""
    return together(onchain, packed_call(onchain, packed(batch)))


def together_as_arrays(onchain: LedgerFixture, batch: list[Signed]) -> Left:
    """What `settle` leaves of these payments."""
    return together(onchain, arrays_call(onchain, batch))


def one_by_one(onchain: LedgerFixture, batch: list[Signed]) -> Left:
    """What the same payments leave when each is sent by `pay`; it is undone.

    Those refused are left out, but for what a batch leaves of them: a nonce used up.
    """
    logs: list[Any] = []
    refused = []
    with undone():
        for index, signed in enumerate(batch):
            call = str(onchain.ledger.pay.encode_input(*signed.arguments()))
            refusal = refused_call(onchain.ledger.address, call, onchain.relay)
            if refusal is not None:
                refused.append((index, refusal[0], signed.message.payer, signed.message.ref))
                if refusal[0] not in KEEP_THEIR_NONCE:
                    use_up_nonce(onchain, signed.message.payer, signed.message.nonce)
                continue
            receipt = submit(onchain, call)
            assert receipt["status"] == 1
            logs += receipt["logs"]
        left = Left(stored(onchain), _read(logs)[0], tuple(refused))
    return left


def use_up_nonce(onchain: LedgerFixture, payer: str, nonce: int) -> None:
    """Writes past the ledger what a skipped payment leaves of a member, by the layout alone."""
    words = int.from_bytes(
        keccak(bytes(12) + bytes.fromhex(payer[2:]) + WORDS_SLOT.to_bytes(32, "big")), "big"
    )
    word = int.from_bytes(web3.eth.get_storage_at(onchain.ledger.address, words), "big")
    if (word >> TIER_AT) % 8 == 0:
        return
    if nonce >= 2**40:
        outer = keccak(bytes(12) + bytes.fromhex(payer[2:]) + (WORDS_SLOT + WIDE_NONCES).to_bytes(32, "big"))
        flag = keccak(nonce.to_bytes(32, "big") + outer)
        values = [onchain.ledger.address, "0x" + flag.hex(), "0x" + (1).to_bytes(32, "big").hex()]
        assert request("anvil_setStorageAt", *values) is True
        return
    following = (word >> NONCE_NEXT_AT) % 2**41
    marks = (word >> NONCE_BITS_AT) % 2**32
    if nonce >= following:
        marks = ((marks << (nonce + 1 - following)) | 1) % 2**32
        following = nonce + 1
    else:
        marks |= 1 << (following - 1 - nonce)
    onchain.change_word(payer, NONCE_BITS_AT, 32, marks)
    onchain.change_word(payer, NONCE_NEXT_AT, 41, following)


def _read(logs: list[Any]) -> tuple[tuple[Any, ...], tuple[Refused, ...]]:
    """(what was logged but skips, the skips)."""
    kept, refused = [], []
    for log in logs:
        topics, data = tuple(bytes(topic) for topic in log["topics"]), bytes(log["data"])
        if topics[0] == SKIPPED:
            reason = ERRORS["0x" + data[:4].hex()]["name"]
            payer = to_checksum_address(topics[2][-20:])
            refused.append((int.from_bytes(topics[1], "big"), reason, payer, topics[3]))
        else:
            kept.append((topics, data))
    return tuple(kept), tuple(refused)
