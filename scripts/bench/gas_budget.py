"""Where the gas of one payment in a batch goes, by what the machine does for it.

Owns the split: the batch that gas.py has sent is run again on the block before, step by step, and each
step's gas counted with what it is. What is no storage, signature, hash or event is called deciding: reading
the bytes, every rule, putting both words together.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from brownie import web3

TRANSACTION_GAS = 21_000
NONZERO_BYTE_GAS, ZERO_BYTE_GAS = 16, 4
#: Opcode -> the part of the budget it belongs to; any other is `DECIDING`.
PARTS = {
    "SSTORE": "words written",
    "SLOAD": "words read",
    "STATICCALL": "signature",
    "KECCAK256": "hashes",
    "LOG2": "events",
    "LOG3": "events",
}
TRANSACTION, BYTES, DECIDING = "transaction", "bytes", "deciding"
#: In the order of the report.
NAMES = (TRANSACTION, BYTES, "signature", "words read", "words written", "hashes", "events", DECIDING)


def of(transaction: Any, items: int) -> dict[str, int]:
    """Gas per item by part, rounded down, of a mined batch of so many.

    Raises RuntimeError when the parts are not the whole.
    """
    data = bytes.fromhex(transaction.input[2:])
    zeros = data.count(0)
    spent = Counter(
        {
            TRANSACTION: TRANSACTION_GAS,
            BYTES: zeros * ZERO_BYTE_GAS + (len(data) - zeros) * NONZERO_BYTE_GAS,
        }
    )
    for op, gas in _steps(transaction):
        spent[PARTS.get(op, DECIDING)] += gas
    if sum(spent.values()) != transaction.gas_used:
        raise RuntimeError(f"the parts are {sum(spent.values())}, the transaction {transaction.gas_used}")
    return {name: spent[name] // items for name in NAMES}


def _steps(transaction: Any) -> list[tuple[str, int]]:
    """(opcode, gas with all it calls) of each step of the ledger's own code."""
    call = {
        "from": str(transaction.sender),
        "to": transaction.receiver,
        "data": transaction.input,
        "gas": hex(transaction.gas_limit),
    }
    options = {"disableStorage": True, "disableStack": True, "enableMemory": False}
    answer = web3.provider.make_request("debug_traceCall", [call, hex(transaction.block_number - 1), options])
    own = [step for step in answer["result"]["structLogs"] if step["depth"] == 1]
    left = [step["gas"] for step in own[1:]] + [own[-1]["gas"] - own[-1]["gasCost"]]
    return [(step["op"], step["gas"] - after) for step, after in zip(own, left, strict=True)]
