"""What every question asks with: nodes, keys and a deployed ledger. Owns sending and waiting, no question."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from eth_account.signers.local import LocalAccount

from wallet_service.chain.ledger.codec import LedgerCodec
from wallet_service.chain.node.client import quantity
from wallet_service.chain.node.profile import ChainProfile
from wallet_service.chain.node.wire import Call, HttpWire
from wallet_service.platform.errors import ChainUnavailable

POLL_S = 0.05
#: Above what a deployment's largest contract takes.
DEPLOYMENT_GAS = 9_000_000
CALL_GAS = 2_000_000


class Refused(Exception):
    """The node answered with an error; `message` are its words, `data` what a contract reverted with."""

    def __init__(self, message: str, data: str = "") -> None:
        super().__init__(message)
        self.message, self.data = message, data


class CannotTell(Exception):
    """What the question needs is not there; the sentence says what."""


class Node:
    """One address. Raises ChainUnavailable when it does not answer, Refused when it answers an error."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self.url = url
        self._timeout_s = timeout_s
        self._wire = HttpWire(url, timeout_s)

    def ask(self, method: str, *params: Any) -> Any:
        return _result(self._wire.send([(method, params)], self._timeout_s)[0])

    def ask_all(self, calls: Sequence[Call]) -> list[Any]:
        """In one message."""
        return [_result(answer) for answer in self._wire.send(calls, self._timeout_s)]

    def height(self) -> int:
        return quantity(self.ask("eth_blockNumber"))

    def block(self, name: str = "latest") -> dict[str, Any]:
        found = self.ask("eth_getBlockByNumber", name, False)
        if not isinstance(found, dict):
            raise CannotTell(f"{self.url} has no block {name}")
        return found


def _result(answer: Any) -> Any:
    if not isinstance(answer, dict):
        raise ChainUnavailable("no JSON-RPC answer")
    error = answer.get("error")
    if isinstance(error, dict):
        data = error.get("data")
        data = data.get("data") if isinstance(data, dict) else data
        raise Refused(str(error.get("message")), data if isinstance(data, str) else "")
    if "result" not in answer:
        raise ChainUnavailable("neither result nor error")
    return answer["result"]


@dataclass(frozen=True, slots=True)
class Keys:
    """Accounts the chain lets send: one deploys and governs, the others issue and attest."""

    deployer: LocalAccount
    issuer: LocalAccount
    attester: LocalAccount

    def everybody(self) -> tuple[LocalAccount, ...]:
        return (self.deployer, self.issuer, self.attester)


@dataclass
class Ledger:
    """A deployed ledger and what its deployment cost."""

    address: str
    authority: str
    administration: str
    codec: LedgerCodec
    first_block: int
    receipts: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Bench:
    """`restart`, where the node's machine is ours: ends a node hard and starts it again."""

    nodes: list[Node]
    profile: ChainProfile
    keys: Keys
    restart: Callable[[], None] | None = None
    ledger: Ledger | None = None

    @property
    def node(self) -> Node:
        return self.nodes[0]

    def require_ledger(self) -> Ledger:
        """Raises CannotTell."""
        if self.ledger is None:
            raise CannotTell("the ledger could not be deployed")
        return self.ledger

    def nonce(self, account: LocalAccount) -> int:
        return quantity(self.node.ask("eth_getTransactionCount", account.address, "latest"))

    def signed(
        self, account: LocalAccount, nonce: int, to: str | None, data: bytes, gas: int, value: int = 0
    ) -> tuple[str, str]:
        """(bytes, hash) as 0x hex, of a transaction as the service makes them."""
        transaction: dict[str, Any] = {
            "nonce": nonce,
            "gasPrice": self.profile.gas_price_wei,
            "gas": gas,
            "value": value,
            "data": data,
            "chainId": self.profile.chain_id,
        }
        if to is not None:
            transaction["to"] = bytes.fromhex(to[2:])
        made = account.sign_transaction(transaction)
        return "0x" + bytes(made.raw_transaction).hex(), "0x" + bytes(made.hash).hex()

    def send(
        self, account: LocalAccount, to: str | None, data: bytes = b"", gas: int = CALL_GAS
    ) -> dict[str, Any]:
        """The receipt of a transaction that succeeded. Raises Refused, CannotTell."""
        raw, transaction_hash = self.signed(account, self.nonce(account), to, data, gas)
        self.node.ask("eth_sendRawTransaction", raw)
        receipt = self.wait(transaction_hash)
        if receipt is None:
            raise CannotTell(f"a transaction was not mined in {self.profile.receipt_timeout_s} s")
        if quantity(receipt["status"]) != 1:
            raise Refused(f"reverted in block {quantity(receipt['blockNumber'])}")
        return receipt

    def wait(self, transaction_hash: str, timeout_s: float | None = None) -> dict[str, Any] | None:
        """The receipt, or None after `timeout_s`."""
        deadline_s = time.monotonic() + (timeout_s or self.profile.receipt_timeout_s)
        while time.monotonic() < deadline_s:
            receipt = self.node.ask("eth_getTransactionReceipt", transaction_hash)
            if isinstance(receipt, dict):
                return receipt
            time.sleep(POLL_S)
        return None

    def call(self, function: str, *arguments: Any) -> Any:
        """What a view of the ledger returns."""
        ledger = self.require_ledger()
        data = "0x" + ledger.codec.call_data(function, arguments).hex()
        return ledger.codec.result(
            function, self.node.ask("eth_call", {"to": ledger.address, "data": data}, "latest")
        )

    def act(
        self, account: LocalAccount, function: str, *arguments: Any, gas: int = CALL_GAS
    ) -> dict[str, Any]:
        """A transaction to the ledger; its receipt is kept."""
        ledger = self.require_ledger()
        receipt = self.send(account, ledger.address, ledger.codec.call_data(function, arguments), gas)
        ledger.receipts.append(receipt)
        return receipt
