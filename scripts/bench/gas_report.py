"""Write what gas.py measured: docs/bench/gas.json for programs, gas.md and the terminal for people.

Owns the words and the shape of both files; measures nothing.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scripts.bench.growth import Costs

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "bench"
TITLES = {
    "transfer": "plain transfer, all checks",
    "signed_payment": "one signed payment",
    "batch100_secp256k1": "a payment in a batch of 100 to 10 merchants, secp256k1",
    "batch100_p256": "the same, P-256 device keys",
    "batch100_passkey": "the same, passkeys (WebAuthn)",
}
INTRODUCTION = """# Gas

Written by `make bench-gas`, which deploys everything named here on one node and measures it in one run. Gas
is deterministic but for a few units a payment: the zero bytes of a signature are cheaper and fall by chance.

Ours stands behind its proxy as `scripts/deploy.py` deploys it, with every check of a payment. All figures are
those of ordinary life: both accounts hold money before and after, and the payer has paid before. A batch has
100 different payers and 10 merchants; its figure is per payment, the transaction's own 21 000 gas and
calldata included.
"""
BUDGET_NOTE = """
## Where it goes

A payment of the batches above, each step of the machine counted with what it does
(`scripts/bench/gas_budget.py`):
"""
#: Part of the budget -> which promise stands on it.
BOUGHT = {
    "transaction": "21 000 shared by a hundred",
    "bytes": "payer, amount, expiry, reference (512), nonce, envelope; the payee once a batch",
    "signature": "`ecrecover` 3 000, P-256 6 900 (EIP-7951), SHA-256; 100 for each call",
    "words read": "the payer's, 2 100 cold; the payee's, cold for one in ten; the tier's rule word",
    "words written": "the payer's, 2 900; the payee's, 2 900 for one in ten: limits, nonces, freezes",
    "hashes": "what was signed (EIP-712) and where both words lie",
    "events": "`Transfer` 1 756, for any ERC-20 tool; `PaymentSettled` 1 381, found by its reference",
    "deciding": "bytes taken apart, every rule of both sides, both words put together, the loop",
}
BUDGET_VERDICT = """
All but the last row is fixed by what a payment says, who may check it and what is kept of it: 14 570 with
secp256k1, 19 690 with P-256. The estimate of 14 500 left nothing for deciding. For 15 500 that would have to
fall from 2 010 gas to 930, for 21 000 from 2 190 to 1 310: of it 560 are taking the bytes apart, 880 the
rules, the rest the kinds of envelope and the calls between the functions. What would reach the lines, and why
it is not taken:

| saving | gas | what it would cost |
|---|--:|---|
| one event a batch with all references | 1 100 | nobody finds a payment by its reference at a node |
| no nonce in the event | 270 | two payments under one reference could not be told apart |
| payees' words in memory during a batch | 180 | a word in two places where a payee pays in the same batch |
| one block of Yul from reading to logging | 300 to 400 | a payment's rules in one piece that nobody audits |
| a reference of 16 bytes | 256 | what members sign, every client, every signature kept |

The first alone reaches both lines; all the others together come to about as much. They would be paid by
everybody who reads the ledger, to spare its operator a fifteenth: on the network of this currency gas is the
validators' time and costs nobody a fee. So both lines are not met, and stand here as not met. The savings are
worked out from the steps counted above; none was built.
"""
PEERS_NOTE = """
## The peers

* OpenZeppelin and Solady: the token as it is, without proxy and without any rule about who may pay whom.
  Compiled with our settings. A batch is `multicall` of the same signed calls.
* OpenZeppelin ships EIP-3009 twice: `ERC3009` keeps a flag for each nonce (what USDC does, and what a wallet
  that makes its nonces by chance needs); `ERC20TransferAuthorization` counts nonces per key, which is cheaper
  once an account is in use and refuses whatever comes out of order.
* Solady has no EIP-3009. Nearest is a permit for exactly the value followed by `transferFrom` in one
  `multicall`; unlike a payment it does not bind the payee.
* T-REX: deployed by its own factory with one claim topic, one trusted issuer and the modules CountryAllow,
  MaxBalance and TimeTransfersLimits (one limit a day), both people with an ONCHAINID and one claim. It has no
  signed payments.
* None of them verifies P-256 or passkeys, so those two rows stand alone.
"""


@dataclass(frozen=True)
class Measured:
    """All a run found."""

    ours: dict[str, int]
    peers: dict[str, dict[str, int]]
    targets: dict[str, int]
    budget: dict[str, dict[str, int]]
    growth: tuple[Costs, Costs]
    compilers: dict[str, dict[str, Any]]
    node: str


def write(found: Measured) -> str:
    """Write both files and return the text of the second."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "gas.json").write_text(json.dumps(as_json(found), indent=2) + "\n", encoding="utf-8")
    text = as_text(found)
    (FOLDER / "gas.md").write_text(text, encoding="utf-8")
    return text


def as_json(found: Measured) -> dict[str, Any]:
    """The five figures by name, then the targets and the circumstances."""
    figures = {name: {"ours": gas, "peers": found.peers.get(name, {})} for name, gas in found.ours.items()}
    return {
        **figures,
        "targets": found.targets,
        "targets_met": {name: gas <= found.targets[name] for name, gas in found.ours.items()},
        "budget": found.budget,
        "growth": [asdict(costs) for costs in found.growth],
        "compilers": found.compilers,
        "node": found.node,
    }


def as_text(found: Measured) -> str:
    """The report in Markdown."""
    parts = [INTRODUCTION, _table_of_targets(found), _budget(found)]
    parts += [_table_of_peers(found), PEERS_NOTE]
    parts += [_growth(found), _compilers(found)]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def _table_of_targets(found: Measured) -> str:
    rows = ["## Against the targets", "", "| gas | ours | at most | |", "|---|--:|--:|---|"]
    for name, gas in found.ours.items():
        target = found.targets[name]
        verdict = "met" if gas <= target else f"not met: {_grouped(gas - target)} above"
        rows.append(f"| {TITLES[name]} | {_grouped(gas)} | {_grouped(target)} | {verdict} |")
    return "\n".join(rows)


def _budget(found: Measured) -> str:
    rows = [BUDGET_NOTE.strip("\n"), "", "| gas a payment | secp256k1 | P-256 | passkey | what it buys |"]
    rows.append("|---|--:|--:|--:|---|")
    for part, bought in BOUGHT.items():
        gas = " | ".join(_grouped(found.budget[kind][part]) for kind in ("secp256k1", "p256", "passkey"))
        rows.append(f"| {part} | {gas} | {bought} |")
    rows += ["", BUDGET_VERDICT.strip("\n")]
    return "\n".join(rows)


def _table_of_peers(found: Measured) -> str:
    rows = ["## Beside the peers", "", "| | gas | as many times ours |", "|---|--:|--:|"]
    for name, gas in found.ours.items():
        rows.append(f"| **{TITLES[name]}: ours** | **{_grouped(gas)}** | |")
        for peer, peers_gas in found.peers.get(name, {}).items():
            rows.append(f"| {peer} | {_grouped(peers_gas)} | {peers_gas / gas:.2f} |")
    return "\n".join(rows)


def _growth(found: Measured) -> str:
    few, many = found.growth
    rows = [
        "## Does it grow?",
        "",
        "The same before and after the ledger grew, each in use before; execution alone, without what a",
        "transaction pays for being one and for its bytes. tests/contracts/test_growth.py holds them equal.",
        "",
        f"| gas | {_moment(few)} | {_moment(many)} |",
        "|---|--:|--:|",
    ]
    for name, gas in few.execution.items():
        rows.append(f"| {name} | {_grouped(gas)} | {_grouped(many.execution[name])} |")
    return "\n".join(rows)


def _moment(costs: Costs) -> str:
    return f"{_grouped(costs.members)} members, {_grouped(costs.past_payments)} earlier payments"


def _compilers(found: Measured) -> str:
    rows = [
        "## Settings",
        "",
        f"Node: {found.node}",
        "",
        "| | solc | optimizer | runs | viaIR | EVM |",
        "|---|---|---|--:|---|---|",
    ]
    for name, used in found.compilers.items():
        optimizer, via_ir = ("on" if used[key] else "off" for key in ("optimizer", "viaIR"))
        runs = _grouped(used["runs"])
        rows.append(f"| {name} | {used['solc']} | {optimizer} | {runs} | {via_ir} | {used['evmVersion']} |")
    return "\n".join(rows)


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")
