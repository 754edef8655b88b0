"""The chain's own lists: who may send transactions, who may deploy.

Reads them, and writes with the authority's key, which never leaves its file of mode 600.

An account that is admitted is granted what fees are paid with: it is worth nothing, and more than any key can
use up. Refusals are the pool's, on every validator; no contract is asked.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.address import is_hex_address, to_checksum_address
from eth_utils.crypto import keccak

from scripts.network.founding import AUTHORITY_KEY
from scripts.network.genesis import BASE_FEE_WEI
from scripts.network.layout import Founded, NetworkFailed
from scripts.network.rpc import NoAnswer, ask

GRANT_WEI = 10**20
LIST_GAS = 200_000
TRANSFER_GAS = 21_000
MINED_DEADLINE_S = 30.0
POLL_S = 0.1
OTHERS = 0o077


class Permission(StrEnum):
    """What an account may do; each has a list of its own in the protocol."""

    ACCOUNT = "account"
    DEPLOYER = "deployer"


LISTS = {
    Permission.ACCOUNT: "0x0200000000000000000000000000000000000002",
    Permission.DEPLOYER: "0x0200000000000000000000000000000000000000",
}
#: By the numbers the lists answer.
WORDS = ("none", "enabled", "admin", "manager")
_ENABLE = keccak(text="setEnabled(address)")[:4]
_DISABLE = keccak(text="setNone(address)")[:4]
_READ = keccak(text="readAllowList(address)")[:4]


@dataclass(frozen=True, slots=True)
class Change:
    """A signed transaction that is not sent yet, and what it changes."""

    account: str
    permission: Permission
    before: str
    after: str
    transactions: tuple[tuple[str, str], ...]  # (bytes, hash)

    @property
    def hashes(self) -> list[str]:
        return [transaction_hash for _, transaction_hash in self.transactions]


class Lists:
    """The lists of one founded network, through its first validator that answers."""

    def __init__(self, folder: Path, founded: Founded) -> None:
        self._folder, self._founded = folder, founded
        self._url = self._answering()

    def word(self, permission: Permission, account: str) -> str:
        """What the list says of an account: none, enabled, admin or manager."""
        data = "0x" + (_READ + _word(account)).hex()
        number = int(ask(self._url, "eth_call", [{"to": LISTS[permission], "data": data}, "latest"]), 16)
        return WORDS[number] if number < len(WORDS) else str(number)

    def prepare(
        self, permission: Permission, account: str, *, admitted: bool, ahead: int = 0
    ) -> Change | None:
        """What would change it, signed; None when the list says so already. Raises NetworkFailed.

        `ahead`: how many transactions were prepared before it and are not sent yet.
        """
        account = checked(account)
        authority = self._authority()
        if account == authority.address:
            raise NetworkFailed("the authority's own place on the lists is not changed by this command")
        before, after = self.word(permission, account), "enabled" if admitted else "none"
        calls: list[tuple[str, bytes, int, int]] = []
        if before != after:
            selector = _ENABLE if admitted else _DISABLE
            calls.append((LISTS[permission], selector + _word(account), 0, LIST_GAS))
        held_wei = int(ask(self._url, "eth_getBalance", [account, "latest"]), 16)
        if admitted and held_wei < GRANT_WEI // 2:
            calls.append((account, b"", GRANT_WEI, TRANSFER_GAS))
        if not calls:
            return None
        nonce = int(ask(self._url, "eth_getTransactionCount", [authority.address, "latest"]), 16)
        signed = tuple(
            self._signed(authority, nonce + ahead + place, *call) for place, call in enumerate(calls)
        )
        return Change(account, permission, before, after, signed)

    def carry_out(self, *changes: Change) -> None:
        """Send them and wait for their blocks. Raises NetworkFailed."""
        try:
            for change in changes:
                for raw, _ in change.transactions:
                    ask(self._url, "eth_sendRawTransaction", [raw])
        except NoAnswer as error:
            raise NetworkFailed(f"the network refused the change: {error}") from error
        deadline_s = time.monotonic() + MINED_DEADLINE_S
        for transaction_hash in (one for change in changes for one in change.hashes):
            while (receipt := ask(self._url, "eth_getTransactionReceipt", [transaction_hash])) is None:
                if time.monotonic() > deadline_s:
                    raise NetworkFailed(f"{transaction_hash} was not mined in {MINED_DEADLINE_S:.0f} s")
                time.sleep(POLL_S)
            if receipt["status"] != "0x1":
                raise NetworkFailed(f"the chain refused {transaction_hash}")

    def _signed(
        self, authority: LocalAccount, nonce: int, to: str, data: bytes, value: int, gas: int
    ) -> tuple[str, str]:
        transaction: dict[str, Any] = {
            "nonce": nonce,
            "gasPrice": BASE_FEE_WEI,
            "gas": gas,
            "to": to_checksum_address(to),
            "value": value,
            "data": data,
            "chainId": self._founded.chain_id,
        }
        made = authority.sign_transaction(transaction)
        return "0x" + bytes(made.raw_transaction).hex(), "0x" + bytes(made.hash).hex()

    def _authority(self) -> LocalAccount:
        path = self._folder / AUTHORITY_KEY
        if path.stat().st_mode & OTHERS:
            raise NetworkFailed(f"{path} is open to others; it must have mode 0600")
        account: LocalAccount = Account.from_key(path.read_text(encoding="ascii").strip())
        return account

    def _answering(self) -> str:
        for url in self._founded.rpc_urls():
            try:
                ask(url, "eth_chainId")
                return url
            except NoAnswer:
                continue
        raise NetworkFailed("no validator answers; see `make network-status`")


def change_all(
    folder: Path, founded: Founded, permissions: Mapping[str, Iterable[Permission]], *, admitted: bool = True
) -> None:
    """Admit accounts, or remove them, without a preview: for what sets up a demonstration or a test."""
    lists, changes = Lists(folder, founded), list[Change]()
    for account, wanted in permissions.items():
        for place, permission in enumerate(wanted):
            ahead = sum(len(one.transactions) for one in changes)
            change = lists.prepare(permission, account, admitted=admitted, ahead=ahead)
            if change is not None:
                # The grant comes with the first permission; the balance does not show it yet.
                kept = change.transactions[:1] if place else change.transactions
                changes.append(dataclasses.replace(change, transactions=kept))
    lists.carry_out(*changes)


def checked(account: str) -> str:
    """Checksummed. Raises NetworkFailed."""
    if not is_hex_address(account):
        raise NetworkFailed(f"{account} is not an address")
    return to_checksum_address(account)


def _word(account: str) -> bytes:
    return bytes(12) + bytes.fromhex(account.removeprefix("0x"))
