"""Where each field of the ledger's namespace lies. Owns the recorded layout, contracts/storage_layout.json.

An upgrade keeps what is stored only if no recorded field moves. A test compares the sources with the record
on every run; `write` adds new fields to the record and refuses to change a recorded one, which `--anew`
allows as long as no ledger with people's money exists.

    .venv-contracts/bin/python -m scripts.ledger.storage_layout [write [--anew]]
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RECORD = ROOT / "contracts" / "storage_layout.json"
SOURCE = "contracts/harness/StorageHarness.sol"
COMPILER_DEADLINE_S = 120

Layout = dict[str, list[dict[str, Any]]]


class LayoutMoved(Exception):
    """A recorded field lies elsewhere; the message names it."""


def read_layout() -> Layout:
    """Return {struct: its fields in order} of the namespace and every struct in it, from the compiler."""
    request = {
        "language": "Solidity",
        "sources": {SOURCE: {"urls": [SOURCE]}},
        "settings": {
            "evmVersion": "cancun",
            "remappings": ["@openzeppelin=node_modules/@openzeppelin"],
            "outputSelection": {SOURCE: {"StorageHarness": ["storageLayout"]}},
        },
    }
    compiler = sorted((ROOT / ".tools" / "solc").glob("solc-v*"))[-1]
    finished = subprocess.run(
        [str(compiler), "--standard-json"],
        input=json.dumps(request),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=COMPILER_DEADLINE_S,
        check=True,
    )
    answer = json.loads(finished.stdout)
    faults = [fault["formattedMessage"] for fault in answer.get("errors", []) if fault["severity"] == "error"]
    if faults:
        raise ValueError("\n".join(faults))
    types = answer["contracts"][SOURCE]["StorageHarness"]["storageLayout"]["types"]
    return {
        kind["label"].removeprefix("struct "): [_field(member, types) for member in kind["members"]]
        for _, kind in sorted(types.items())
        if "members" in kind
    }


def _field(member: dict[str, Any], types: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": member["label"],
        "slot": int(member["slot"]),
        "byte": member["offset"],
        "type": types[member["type"]]["label"],
    }


def moved_fields(recorded: Layout, found: Layout) -> list[str]:
    """Return a sentence for each recorded field that is not where it was."""
    moved = []
    for struct, fields in recorded.items():
        now = {field["name"]: field for field in found.get(struct, [])}
        for field in fields:
            if now.get(field["name"]) != field:
                moved.append(f"{struct}.{field['name']} was {field} and is {now.get(field['name'])}")
    return moved


def read_record() -> Layout:
    """Return the recorded layout."""
    layout: Layout = json.loads(RECORD.read_text(encoding="utf-8"))
    return layout


def write(anew: bool) -> None:
    """Record the layout of the sources. Raises LayoutMoved unless `anew`."""
    found = read_layout()
    if RECORD.is_file() and not anew:
        moved = moved_fields(read_record(), found)
        if moved:
            raise LayoutMoved("; ".join(moved))
    rows = {
        struct: "[\n" + ",\n".join("    " + json.dumps(field) for field in fields) + "\n  ]"
        for struct, fields in found.items()
    }
    text = ",\n".join(f"  {json.dumps(struct)}: {fields}" for struct, fields in rows.items())
    RECORD.write_text("{\n" + text + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write("--anew" in sys.argv)
    else:
        print(json.dumps(read_layout(), indent=2))
