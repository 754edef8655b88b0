"""Deploying and calling peers through web3, on the node Brownie has started. Owns nothing else."""

from __future__ import annotations

from typing import Any

from brownie import accounts, web3

from scripts.bench.peers.compiling import Compiled

RECEIPT_DEADLINE_S = 60


def deploy(compiled: Compiled, name: str, *arguments: Any, sender: Any = None) -> Any:
    """A new contract; `sender` is accounts[0] unless given."""
    abi, code = compiled.contracts[name]
    construction = web3.eth.contract(abi=abi, bytecode="0x" + code).constructor(*arguments)
    receipt = confirmed(construction.transact({"from": str(sender or accounts[0])}))
    return at(compiled, name, receipt["contractAddress"])


def at(compiled: Compiled, name: str, address: str) -> Any:
    """The contract `name` at an address."""
    return web3.eth.contract(address=address, abi=compiled.contracts[name][0])


def send(call: Any, sender: Any = None) -> int:
    """Send a contract's function call and return the gas it took; `sender` is accounts[0] unless given."""
    return int(confirmed(call.transact({"from": str(sender or accounts[0])}))["gasUsed"])


def confirmed(transaction_hash: Any) -> Any:
    """The receipt; raises when the transaction was reverted."""
    receipt = web3.eth.wait_for_transaction_receipt(
        transaction_hash, timeout=RECEIPT_DEADLINE_S, poll_latency=0.005
    )
    if receipt["status"] != 1:
        raise RuntimeError(f"a peer's transaction was reverted: {transaction_hash.hex()}")
    return receipt
