"""Reads a ledger's events and views, and sends the acts of the roles to the new one. Owns no decision."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from scripts.conformance.bench import Node
from scripts.ledger.moving.state import Event
from wallet_service.chain.ledger.codec import LedgerCodec
from wallet_service.chain.ledger.deployment import Deployment
from wallet_service.chain.node.client import quantity
from wallet_service.security.role_keys import RoleKeys
from wallet_service.security.roles import Role

BLOCKS_A_RANGE = 200
VIEWS_AT_ONCE = 100
SENT_AT_ONCE = 200
MINED_DEADLINE_S = 120.0
POLL_S = 0.1


class ActFailed(Exception):
    """An act of the moving was refused or never mined; the sentence says which."""


class LedgerWire:
    """One deployed ledger through one node."""

    def __init__(self, node: Node, deployment: Deployment) -> None:
        self.node, self.deployment = node, deployment
        self.codec = LedgerCodec(deployment.abi)

    def head(self) -> tuple[int, str]:
        """The last block's number and hash."""
        block = self.node.block()
        return quantity(block["number"]), str(block["hash"])

    def events(self, last_block: int) -> Iterator[Event]:
        """Every event of the ledger up to that block, in order."""
        first = self.deployment.deployed_at_block
        first = max(0, first - BLOCKS_A_RANGE)  # what was set up before the file was written
        for start in range(first, last_block + 1, BLOCKS_A_RANGE):
            end = min(start + BLOCKS_A_RANGE - 1, last_block)
            asked = {"address": self.deployment.ledger, "fromBlock": hex(start), "toBlock": hex(end)}
            logs = self.node.ask("eth_getLogs", asked)
            for log in sorted(logs, key=_place):
                yield self.codec.event(log["topics"], log["data"])

    def views(self, function: str, arguments: Sequence[Sequence[Any]], block: int) -> list[Any]:
        """The same view for each of these arguments, as at that block."""
        found: list[Any] = []
        for start in range(0, len(arguments), VIEWS_AT_ONCE):
            calls = [
                ("eth_call", (self._call(function, one), hex(block)))
                for one in arguments[start : start + VIEWS_AT_ONCE]
            ]
            found += [self.codec.result(function, answer) for answer in self.node.ask_all(calls)]
        return found

    def _call(self, function: str, arguments: Sequence[Any]) -> dict[str, str]:
        return {
            "to": self.deployment.ledger,
            "data": "0x" + self.codec.call_data(function, arguments).hex(),
        }


def _place(log: dict[str, Any]) -> tuple[int, int]:
    return quantity(log["blockNumber"]), quantity(log["logIndex"])


class Officers:
    """Sends acts with the roles' keys, many at a time, and waits for each."""

    def __init__(self, wire: LedgerWire, keys: RoleKeys, gas_price_wei: int) -> None:
        self._wire, self._keys, self._gas_price_wei = wire, keys, gas_price_wei
        self.sent = 0

    def holds(self, role: Role) -> bool:
        return self._keys.holds(role)

    def act(self, role: Role, function: str, every: Iterable[Sequence[Any]], gas: int) -> None:
        """One transaction for each of these arguments. Raises ActFailed for the first that fails."""
        waiting = list(every)
        for start in range(0, len(waiting), SENT_AT_ONCE):
            self._send(role, function, waiting[start : start + SENT_AT_ONCE], gas)

    def _send(self, role: Role, function: str, every: Sequence[Sequence[Any]], gas: int) -> None:
        node, wire = self._wire.node, self._wire
        address = self._keys.address(role)
        nonce = quantity(node.ask("eth_getTransactionCount", address, "latest"))
        hashes = []
        for place, arguments in enumerate(every):
            signed = self._keys.sign(
                role,
                {
                    "nonce": nonce + place,
                    "gasPrice": self._gas_price_wei,
                    "gas": gas,
                    "to": bytes.fromhex(wire.deployment.ledger[2:]),
                    "value": 0,
                    "data": wire.codec.call_data(function, arguments),
                    "chainId": wire.deployment.chain_id,
                },
            )
            node.ask("eth_sendRawTransaction", "0x" + signed.raw.hex())
            hashes.append(signed.transaction_hash)
        deadline_s = time.monotonic() + MINED_DEADLINE_S
        for transaction_hash, arguments in zip(hashes, every, strict=True):
            while (receipt := node.ask("eth_getTransactionReceipt", transaction_hash)) is None:
                if time.monotonic() > deadline_s:
                    raise ActFailed(f"{function}{tuple(arguments)} was not mined")
                time.sleep(POLL_S)
            if quantity(receipt["status"]) != 1:
                raise ActFailed(f"the new ledger refused {function}{tuple(arguments)}")
        self.sent += len(hashes)
