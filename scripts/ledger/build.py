"""Reading what the compiler made (build/contracts). Owns the merged ABI and the comparison of code.

The ledger is one address with the code of seven contracts behind it (contracts/README.md), so callers need
the ABI of all as one list.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

ROOT = Path(__file__).resolve().parents[2]
BUILD_DIRECTORY = ROOT / "build" / "contracts"
# The contracts whose functions, events and errors answer at the ledger's address.
LEDGER_FACETS = (
    "RegionalCurrency",
    "AdministrationFacet",
    "IssuanceFacet",
    "CampaignFacet",
    "BenefitFacet",
    "StandardsFacet",
    "KeysFacet",
)
PUSH32 = 0x7F
PUSH1 = 0x60
WORD_BYTES = 32


class BuildMissing(Exception):
    """The contracts were not compiled."""


@dataclass(frozen=True)
class Artifact:
    """One compiled contract; `runtime_code` has zeros where immutable values will stand."""

    name: str
    abi: list[dict[str, Any]]
    runtime_code: bytes
    compiler: dict[str, Any]


def artifact(name: str, directory: Path = BUILD_DIRECTORY) -> Artifact:
    """Return the compiled contract of that name; raises BuildMissing."""
    path = directory / f"{name}.json"
    if not path.is_file():
        raise BuildMissing(f"{path} is missing: run scripts/setup/brownie.sh compile")
    return _read(name, path, path.stat().st_mtime_ns)


@cache
def _read(name: str, path: Path, _changed_ns: int) -> Artifact:
    """Read a file of megabytes, of which little is wanted, once."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    return Artifact(name, stored["abi"], bytes.fromhex(stored["deployedBytecode"]), stored["compiler"])


def merged_abi(directory: Path = BUILD_DIRECTORY) -> list[dict[str, Any]]:
    """Return the ABI of all that answers at the ledger's address, each entry once, without constructors."""
    entries: dict[tuple[str, str], dict[str, Any]] = {}
    for facet in LEDGER_FACETS:
        for entry in artifact(facet, directory).abi:
            if entry["type"] in ("function", "event", "error"):
                entries.setdefault((entry["type"], signature_of(entry)), entry)
    return [entries[key] for key in sorted(entries)]


def signature_of(entry: dict[str, Any]) -> str:
    """Return the canonical signature, such as ``mint(address,uint256,bytes32)``."""
    return f"{entry['name']}({','.join(canonical_type(parameter) for parameter in entry['inputs'])})"


def selector_of(entry: dict[str, Any]) -> str:
    """Return the 4-byte selector of a function or error as 0x hex."""
    return "0x" + keccak(text=signature_of(entry))[:4].hex()


def canonical_type(parameter: dict[str, Any]) -> str:
    """Return a parameter's type as signatures write it: structs as their members."""
    kind: str = parameter["type"]
    if not kind.startswith("tuple"):
        return kind
    members = ",".join(canonical_type(member) for member in parameter["components"])
    return f"({members}){kind.removeprefix('tuple')}"


def same_code(built: bytes, on_chain: bytes) -> bool:
    """Whether code on the chain is this build's, immutable values aside.

    An immutable stands as PUSH32 of zeros in the build; those 32 bytes may hold anything on the chain.
    """
    if len(built) != len(on_chain):
        return False
    position = 0
    while position < len(built):
        opcode = built[position]
        if opcode != on_chain[position]:
            return False
        width = opcode - PUSH1 + 1 if PUSH1 <= opcode <= PUSH32 else 0
        operand = built[position + 1 : position + 1 + width]
        immutable = opcode == PUSH32 and operand == bytes(WORD_BYTES)
        if not immutable and operand != on_chain[position + 1 : position + 1 + width]:
            return False
        position += 1 + width
    return True
