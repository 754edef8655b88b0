"""The engine's own ceiling: plain ERC-20 transfers, signed beforehand, handed to all validators at once.

OpenZeppelin's token as it is: no member, no limit, no signature of a payer. Accounts are admitted for the
run and removed after it. Owns no payment of the service.
"""

from __future__ import annotations

import itertools
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from scripts.conformance.bench import Node
from scripts.demo.stack_layout import ROOT
from scripts.network.layout import DEFAULT_FOLDER, Founded, NetworkFailed
from scripts.network.permissions import Permission, change_all
from wallet_service.chain.node.client import quantity

SENDERS = 20
GAS_PRICE_WEI = 1
DEPLOYMENT_GAS, TRANSFER_GAS = 3_000_000, 70_000
HANDED_AT_ONCE = 100
TIMEOUT_S = 60.0
MINED_DEADLINE_S = 300.0
POLL_S = 0.05
HELD = 10**12
CONTRACTS_PYTHON = ROOT / ".venv-contracts" / "bin" / "python"
_CODE = (
    "from scripts.bench.peers.compiling import plain_tokens;"
    "print(plain_tokens().contracts['OpenZeppelinERC20'][1])"
)
_TRANSFER = keccak(text="transfer(address,uint256)")[:4]


@dataclass
class _Sender:
    account: LocalAccount
    node: Node
    next_nonce: int = 0


def erc20_per_s(founded: Founded, count: int) -> dict[str, Any]:
    """Transfers a second, from the first handed over to the last in a block, and the blocks' rhythm."""
    owner = Account.create()
    made = [Account.create() for _ in range(SENDERS)]
    admitted = {str(one.address): [Permission.ACCOUNT] for one in made}
    admitted[str(owner.address)] = list(Permission)
    change_all(DEFAULT_FOLDER, founded, admitted)
    nodes = [Node(url, TIMEOUT_S) for url in founded.rpc_urls()]
    try:
        token = _deployed(nodes[0], owner, founded.chain_id)
        senders = [_Sender(account, nodes[place % len(nodes)]) for place, account in enumerate(made)]
        giver = _Sender(owner, nodes[0], 1)
        _hand_over(giver, [_transfer(giver, token, one.account.address, HELD, founded) for one in senders])
        _wait(giver)
        batches = [
            [
                _transfer(one, token, senders[(place + turn) % SENDERS].account.address, 1, founded)
                for turn in range(1, count // SENDERS + 1)
            ]
            for place, one in enumerate(senders)
        ]
        first_block, began_s = nodes[0].height(), time.monotonic()
        threads = [
            threading.Thread(target=_hand_over, args=(one, batch))
            for one, batch in zip(senders, batches, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for one in senders:
            _wait(one)
        took_s, sent = time.monotonic() - began_s, sum(map(len, batches))
        return {
            "transfers": sent,
            "seconds": round(took_s, 2),
            "per_s": round(sent / took_s, 1),
            "blocks": rhythm(nodes[0], first_block),
        }
    finally:
        change_all(DEFAULT_FOLDER, founded, admitted, admitted=False)


def rhythm(node: Node, first_block: int) -> dict[str, Any]:
    """Of the blocks since then: how many, seconds between them, the most gas in one."""
    head = node.height()
    calls = [
        ("eth_getBlockByNumber", (hex(number), False)) for number in range(max(1, first_block + 1), head + 1)
    ]
    blocks = [
        one for start in range(0, len(calls), 100) for one in node.ask_all(calls[start : start + 100]) if one
    ]
    moments_ms = [_moment_ms(one) for one in blocks]
    between = sorted(after - before for before, after in itertools.pairwise(moments_ms))
    return {
        "count": len(blocks),
        "between_ms_p50": between[len(between) // 2] if between else None,
        "between_ms_most": between[-1] if between else None,
        "gas_most": max((quantity(one["gasUsed"]) for one in blocks), default=0),
    }


def _moment_ms(block: dict[str, Any]) -> int:
    """This engine tells milliseconds beside the seconds that every engine tells."""
    exact = block.get("timestampMilliseconds")
    return quantity(exact) if exact else quantity(block["timestamp"]) * 1000


def _deployed(node: Node, owner: LocalAccount, chain_id: int) -> str:
    ended = subprocess.run(
        [str(CONTRACTS_PYTHON), "-c", _CODE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        faults = [line for line in ended.stderr.splitlines() if "Error" in line]
        raise NetworkFailed(f"the token does not compile: {'; '.join(faults[:2])}")
    code = bytes.fromhex(ended.stdout.strip().splitlines()[-1].removeprefix("0x"))
    signed = owner.sign_transaction(_call(0, None, code, DEPLOYMENT_GAS, chain_id))
    transaction_hash = node.ask("eth_sendRawTransaction", "0x" + bytes(signed.raw_transaction).hex())
    deadline_s = time.monotonic() + MINED_DEADLINE_S
    while (receipt := node.ask("eth_getTransactionReceipt", transaction_hash)) is None:
        if time.monotonic() > deadline_s:
            raise NetworkFailed("the token was not deployed")
        time.sleep(POLL_S)
    return str(receipt["contractAddress"])


def _call(nonce: int, to: str | None, data: bytes, gas: int, chain_id: int) -> dict[str, Any]:
    call = {
        "nonce": nonce,
        "gasPrice": GAS_PRICE_WEI,
        "gas": gas,
        "value": 0,
        "data": data,
        "chainId": chain_id,
    }
    return call if to is None else {**call, "to": bytes.fromhex(to[2:])}


def _transfer(sender: _Sender, token: str, to: str, cents: int, founded: Founded) -> str:
    data = _TRANSFER + encode(["address", "uint256"], [to, cents])
    signed = sender.account.sign_transaction(
        _call(sender.next_nonce, token, data, TRANSFER_GAS, founded.chain_id)
    )
    sender.next_nonce += 1
    return "0x" + bytes(signed.raw_transaction).hex()


def _hand_over(sender: _Sender, transactions: Sequence[str]) -> None:
    for start in range(0, len(transactions), HANDED_AT_ONCE):
        part = transactions[start : start + HANDED_AT_ONCE]
        sender.node.ask_all([("eth_sendRawTransaction", (one,)) for one in part])


def _wait(sender: _Sender) -> None:
    deadline_s = time.monotonic() + MINED_DEADLINE_S
    while (
        quantity(sender.node.ask("eth_getTransactionCount", sender.account.address, "latest"))
        < sender.next_nonce
    ):
        if time.monotonic() > deadline_s:
            raise NetworkFailed("transfers that were handed over were not mined")
        time.sleep(POLL_S)
