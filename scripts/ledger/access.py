"""Whose functions the chain has otherwise than this tree's table, and what governors send about it.

    python -m scripts.ledger.access deployments/network.json --rpc-url http://127.0.0.1:8545

For an upgrade of the ledger: a function that the new code brings belongs to GOVERNOR until the AccessManager
is told whose it is, so it is announced together with the new code. No list by hand: every function of this
tree's ABI is asked of the chain and compared with `scripts.ledger.roles`. Sends nothing; needs the compiled
contracts. Exit status 0 when nothing is lacking, 3 when something is, 1 when it could not ask.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak
from web3 import HTTPProvider, Web3
from web3.exceptions import Web3Exception
from web3.middleware import ExtraDataToPOAMiddleware

from scripts.ledger.build import BuildMissing, artifact, merged_abi, selector_of
from scripts.ledger.roles import GOVERNOR, ROLES

DEFAULT_RPC_URL = "http://127.0.0.1:8545"
RPC_TIMEOUT_S = 30
NOTHING_LACKS, CANNOT_ASK, LACKING = 0, 1, 3
ASSIGN = "setTargetFunctionRole(address,bytes4[],uint64)"
SCHEDULE = "schedule(address,bytes,uint48)"
#: `schedule`'s "as soon as the announcing key's delay allows".
AT_THE_SOONEST = 0


@dataclass(frozen=True)
class Assignment:
    """One call of the AccessManager's: these functions of the ledger belong to that role.

    `functions` by their names, in the order of `selectors`; `selectors` are 4 bytes each.
    """

    manager: str
    ledger: str
    role_label: str
    role_number: int
    functions: tuple[str, ...]
    selectors: tuple[bytes, ...]

    @property
    def call_data(self) -> bytes:
        """`setTargetFunctionRole`, sent to the manager by a governor: at once, or once it was announced."""
        words = ["address", "bytes4[]", "uint64"]
        return _selector(ASSIGN) + encode(words, [self.ledger, list(self.selectors), self.role_number])

    @property
    def announcement(self) -> bytes:
        """`schedule` of that very call, sent to the manager by the same governor first."""
        words = ["address", "bytes", "uint48"]
        return _selector(SCHEDULE) + encode(words, [self.manager, self.call_data, AT_THE_SOONEST])


def lacking(chain: Web3, deployment: dict[str, Any]) -> list[Assignment]:
    """What the deployment's AccessManager must be told, by role's number; empty when it knows all the table.

    A restricted function that the table gives to nobody is GOVERNOR's, the AccessManager's default. Raises
    BuildMissing, and web3's exceptions where the node does not answer.
    """
    wanted = {
        name: (power.number, power.label)
        for role in ROLES
        for power in role.powers
        for name in power.functions
    }
    labels = dict(wanted.values()) | {GOVERNOR.number: GOVERNOR.name}
    address, ledger = (chain.to_checksum_address(deployment[name]) for name in ("access_manager", "ledger"))
    manager = chain.eth.contract(address=address, abi=artifact("LedgerAuthority").abi).functions
    changes: defaultdict[int, list[tuple[str, bytes]]] = defaultdict(list)
    for entry in merged_abi():
        if entry["type"] != "function":
            continue
        selector = bytes.fromhex(selector_of(entry)[2:])
        number, _ = wanted.get(entry["name"], (GOVERNOR.number, GOVERNOR.name))
        if manager.getTargetFunctionRole(ledger, selector).call() != number:
            changes[number].append((entry["name"], selector))
    return [
        Assignment(
            manager=address,
            ledger=ledger,
            role_label=labels[number],
            role_number=number,
            functions=tuple(name for name, _ in named),
            selectors=tuple(selector for _, selector in named),
        )
        for number, named in sorted(changes.items())
    ]


def words_of(assignments: list[Assignment]) -> list[str]:
    """What a governor reads and sends, line by line."""
    lines = []
    for one in assignments:
        lines += [
            f"{one.role_label} ({one.role_number}): {', '.join(one.functions)}",
            f"  to       {one.manager}",
            f"  announce 0x{one.announcement.hex()}",
            f"  then     0x{one.call_data.hex()}",
        ]
    return lines


def _selector(signature: str) -> bytes:
    return bytes(keccak(text=signature)[:4])


def main() -> int:
    """Print what is lacking and return the exit status."""
    parser = argparse.ArgumentParser(prog="scripts.ledger.access", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=Path("deployments/embedded.json"))
    parser.add_argument("--rpc-url", default=os.environ.get("ALBA_RPC_URL") or DEFAULT_RPC_URL)
    arguments = parser.parse_args()
    chain = Web3(HTTPProvider(arguments.rpc_url, request_kwargs={"timeout": RPC_TIMEOUT_S}))
    chain.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    try:
        deployment = json.loads(arguments.file.read_text(encoding="utf-8"))
        found = lacking(chain, deployment)
    except (OSError, ValueError, KeyError, BuildMissing, Web3Exception) as fault:
        print(f"the roles cannot be compared: {type(fault).__name__}: {fault}", file=sys.stderr)
        return CANNOT_ASK
    if not found:
        print(f"the roles on chain {deployment['chain_id']} are those of scripts/ledger/roles.py")
        return NOTHING_LACKS
    print("a governor announces and, once the delay of roles is over, sends to the AccessManager:")
    print("\n".join(words_of(found)))
    return LACKING


if __name__ == "__main__":
    sys.exit(main())
