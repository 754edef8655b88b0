"""Measure the gas of the ledger's five movements, beside its peers'.

Run by `make bench-gas` (Brownie, a fresh anvil); writes docs/bench/gas.md and docs/bench/gas.json.

Owns the measurement of ours: behind the proxy as deployed, every account in use before (no storage word is
written for the first time), each payer of a batch another one, ten merchants receiving. Gas is deterministic,
so these are hard numbers. Signs with the tests' own keys (tests/contracts/signing.py) and sends batches by
the tests' own relay; must not be run on a live network.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from brownie import accounts, network, web3

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "contracts")]

# The tests' folder is no package: these are found by the line above, and not by mypy.
from brownie_ways import wait_for_receipts  # type: ignore[import-not-found]  # noqa: E402
from ledger_fixture import (  # type: ignore[import-not-found]  # noqa: E402
    MERCHANT,
    PROFESSIONAL,
    RESIDENT,
    VERIFIED,
    LedgerFixture,
    deploy_fixture,
    skipped,
)
from signing import P256, PASSKEY, SECP256K1  # type: ignore[import-not-found]  # noqa: E402

BATCH = 100
MERCHANTS = 10
KINDS = {"secp256k1": SECP256K1, "p256": P256, "passkey": PASSKEY}
# What the project aims at (docs and issue tracker speak of the same five figures).
TARGETS = {
    "transfer": 37_500,
    "signed_payment": 45_000,
    "batch100_secp256k1": 15_500,
    "batch100_p256": 21_000,
    "batch100_passkey": 26_000,
}


def main() -> None:
    """Measure, write the report, print it."""
    from scripts.bench import gas_report, growth
    from scripts.bench.peers import compiling, plain_tokens, security_token

    if network.show_active() != "development":
        raise SystemExit("the gas benchmark makes members and money: it runs on a network of its own only")
    wait_for_receipts()
    ours = dict(measure(deploy_fixture()))
    peers = plain_tokens.measure()
    for figure, gas in security_token.measure().items():
        peers[figure] |= gas
    found = gas_report.Measured(
        ours=ours,
        peers=peers,
        targets=TARGETS,
        budget=budget(deploy_fixture()),
        growth=growth.measure(deploy_fixture()),
        compilers={
            "ours, OpenZeppelin 5.7.0, Solady 0.1.26": compiling.own_settings(),
            "T-REX 4.1.6, ONCHAINID 2.2.1 (OpenZeppelin 4.9.6)": security_token.settings(),
        },
        node=f"{web3.client_version}, rules of {_hardfork()} (P-256 precompile at 0x100)",
    )
    # Brownie prints every transaction: the report comes after the last of them.
    print(gas_report.write(found))


def budget(onchain: LedgerFixture) -> dict[str, dict[str, int]]:
    """Where a batch's gas goes, by kind of key and part."""
    from scripts.bench import gas_budget

    return {name: gas_budget.of(settled_batch(onchain, kind), BATCH) for name, kind in KINDS.items()}


def _hardfork() -> str:
    """The rule set the node was started with."""
    settings: dict[str, object] = network.main.CONFIG.active_network["cmd_settings"]
    return str(settings["evm_version"])


def measure(onchain: LedgerFixture) -> Iterator[tuple[str, int]]:
    """Yield (figure, gas); a batch's figure is per payment."""
    yield "transfer", transfer(onchain)
    yield "signed_payment", signed_payment(onchain)
    for name, kind in KINDS.items():
        yield f"batch100_{name}", batch(onchain, kind)


def transfer(onchain: LedgerFixture) -> int:
    """Gas of one ERC-20 transfer between two people in use."""
    payer, payee = accounts[10], accounts[11]
    for account in (payer, payee):
        onchain.ledger.enrol(account, RESIDENT, VERIFIED, 0, 0, {"from": onchain.officers["REGISTRAR"]})
        onchain.fund(account, 100_00)
    onchain.ledger.transfer(payee, 1, {"from": payer})
    return int(onchain.ledger.transfer(payee, 12_50, {"from": payer}).gas_used)


def signed_payment(onchain: LedgerFixture) -> int:
    """Gas of one signed payment sent alone."""
    payer = onchain.person("payer alone", money=100_00, key_kind=SECP256K1)
    shop = onchain.shop("shop alone", money=1)
    onchain.pay(onchain.payment(payer, shop, 1))
    return int(onchain.pay(onchain.payment(payer, shop, 12_50)).gas_used)


def batch(onchain: LedgerFixture, kind: int) -> int:
    """Gas per payment of a batch of a hundred to ten merchants, signed with keys of one kind."""
    return int(settled_batch(onchain, kind).gas_used) // BATCH


def settled_batch(onchain: LedgerFixture, kind: int) -> Any:
    """Such a batch, mined."""
    people = [f"payer {kind}/{number}" for number in range(BATCH)]
    payers = onchain.crowd(people, RESIDENT, VERIFIED, kind, 100_00)
    merchants = [f"shop {kind}/{number}" for number in range(MERCHANTS)]
    shops = onchain.crowd(merchants, MERCHANT, PROFESSIONAL, kind, 1)
    onchain.settle([onchain.payment(payer, shops[0], 1) for payer in payers])
    payments = [onchain.payment(payer, shops[n % MERCHANTS], 12_50) for n, payer in enumerate(payers)]
    transaction: Any = onchain.settle(payments)
    if skipped(transaction):
        raise RuntimeError("a measured batch skipped a payment: the figure would say nothing")
    return transaction
