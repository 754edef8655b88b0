"""The same tests on a chain of validators, which has the world's time, no way back and nobody's keys.

Owns what differs there: twenty accounts of a key file, a ledger that stays, and the words with which a test
ends that asks what only the embedded node can do. Where `ALBA_CHAIN_KEYS_FILE` is not set nothing here acts.

Environment read: ALBA_CHAIN_KEYS_FILE, a file (mode 0600) with the hex keys of admitted accounts, one a line,
ACCOUNTS of them for each process of a parallel run.
"""

from __future__ import annotations

import functools
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from brownie import accounts, chain, network, web3

KEYS_FILE = os.environ.get("ALBA_CHAIN_KEYS_FILE", "")
IS_NETWORK = bool(KEYS_FILE)
ACCOUNTS = 20
GAS_PRICE_WEI = 1
CHEATS = ("evm_", "anvil_", "hardhat_")
TIERS = (1, 2, 3, 4)
#: Tests that ask of the chain what this one does not say, with the reason. The rest ends by itself.
REASONS_FILE = Path(__file__).with_name("embedded_only.txt")


def own_scope(**named: Any) -> Callable[..., Any]:
    """`pytest.fixture`, where nothing is undone between tests: what a module shares is made for each test."""
    if IS_NETWORK and named.get("scope") == "module":
        named["scope"] = "function"
    return _FIXTURE(**named)


_FIXTURE = pytest.fixture


def share_nothing() -> None:
    """Let every module's own fixtures be made for each test; called before any test file is read."""

    @functools.wraps(_FIXTURE)
    def fixture(*function: Any, **named: Any) -> Any:
        return _FIXTURE(*function) if function else own_scope(**named)

    pytest.fixture = fixture  # type: ignore[assignment]


def take_accounts() -> None:
    """This process's accounts of the key file. Raises ValueError when others may read it."""
    path = Path(KEYS_FILE)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ValueError(f"{path} is open to others; it must have mode 0600")
    first = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) * ACCOUNTS
    for key in path.read_text(encoding="ascii").split()[first : first + ACCOUNTS]:
        accounts.add(key)
    network.gas_price(GAS_PRICE_WEI)


def refuse_cheats() -> None:
    """A test that moves the clock, takes a snapshot or writes storage ends as skipped, with that reason."""
    request = web3.provider.make_request

    def honest_request(method: str, parameters: Any) -> Any:
        if str(method).startswith(CHEATS):
            pytest.skip(f"asks for {method}")
        return request(method, parameters)

    web3.provider.make_request = honest_request
    for name, reason in (
        ("sleep", "moves the clock"),
        ("mine", "makes blocks at will"),
        ("_take_snapshot", "goes back in time"),
        ("_revert", "goes back in time"),
    ):
        setattr(type(chain), name, lambda *_, said=reason, **__: pytest.skip(said))


def send_signed(call: dict[str, str]) -> Any:
    """The hash of a transaction that is signed here: no validator holds anybody's key."""
    account = accounts.at(call["from"])
    transaction = {
        "to": call["to"],
        "data": call["data"],
        "value": 0,
        "gas": int(call["gas"], 16),
        "gasPrice": GAS_PRICE_WEI,
        "nonce": web3.eth.get_transaction_count(account.address),
        "chainId": web3.eth.chain_id,
    }
    signed = web3.eth.account.sign_transaction(transaction, account.private_key)
    return web3.eth.send_raw_transaction(signed.raw_transaction)


def rules_of(ledger: Any) -> dict[str, Any]:
    """All that officers may change for everybody."""
    return {
        "limits": tuple(tuple(ledger.tierLimits(tier)) for tier in TIERS),
        "floors": tuple(tuple(ledger.passkeyFloors(tier)) for tier in TIERS),
        "safeguards": tuple(ledger.safeguards()),
        "stops": int(ledger.stops()),
    }


def put_back(onchain: Any, rules: dict[str, Any]) -> bool:
    """What a test changed for everybody is as it was; False when only a new ledger would be."""
    now = rules_of(onchain.ledger)
    governor = {"from": onchain.officers["GOVERNOR"]}
    for place, tier in enumerate(TIERS):
        if now["limits"][place] != rules["limits"][place]:
            onchain.ledger.setTierLimits(tier, rules["limits"][place], governor)
        if now["floors"][place] != rules["floors"][place]:
            onchain.ledger.setPasskeyFloors(tier, rules["floors"][place], governor)
    return bool(now["safeguards"] == rules["safeguards"] and now["stops"] == rules["stops"])


def embedded_only() -> dict[str, str]:
    """The reason for each test that is not asked here, by file or file::test."""
    lines = REASONS_FILE.read_text(encoding="utf-8").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))
    return dict(pairs)  # type: ignore[arg-type]


def leave_out(items: list[Any]) -> Iterator[Any]:
    """Marks what is not asked here, with its reason."""
    reasons = embedded_only()
    for item in items:
        name = item.nodeid.removeprefix("tests/contracts/").partition("[")[0]
        reason = reasons.get(name) or reasons.get(name.partition("::")[0])
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))
        yield item
