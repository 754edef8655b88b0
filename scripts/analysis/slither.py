"""Run slither over every contract that is deployed; fail on a high or medium finding nobody has argued away.

Owns the comparison with tests/slither/exceptions.json: a finding that stands there with its reason passes,
any other fails, and so does an exception that slither no longer finds. Run by `make slither`; needs no
network.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
EXCEPTIONS = ROOT / "tests" / "slither" / "exceptions.json"
FOLDER = ROOT / "build" / "slither"
SLITHER = ROOT / ".venv-analysis" / "bin" / "slither"
SOLC = ROOT / ".tools" / "solc" / "solc"
JUDGED = ("High", "Medium")
DEADLINE_S = 600
MIN_REASON_CHARACTERS = 40


@dataclass(frozen=True, order=True)
class Finding:
    """One finding: slither's detector and where it is, such as ``Movements._move(...)``."""

    check: str
    where: str


def main() -> None:
    """Analyse, compare, exit with 1 on a difference."""
    found = findings(analyse())
    accepted = exceptions()
    faults = [
        f"{one.check} in {one.where}: {text}" for one, text in sorted(found.items()) if one not in accepted
    ]
    faults += [
        f"exceptions.json: slither no longer finds {one.check} in {one.where}"
        for one in sorted(accepted - found.keys())
    ]
    print("\n".join(faults) or f"slither: nothing high or medium but {len(accepted)} argued exception(s)")
    sys.exit(1 if faults else 0)


def analyse() -> list[dict[str, Any]]:
    """What slither's detectors answer. Raises RuntimeError when it could not analyse."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    everything = FOLDER / "Everything.sol"
    answer_file = FOLDER / "answer.json"
    answer_file.unlink(missing_ok=True)
    everything.write_text(_imports(), encoding="utf-8")
    command: list[str | Path] = [
        SLITHER,
        everything.relative_to(ROOT),
        "--solc",
        SOLC,
        "--solc-remaps",
        "@openzeppelin=node_modules/@openzeppelin",
        "--solc-args",
        "--via-ir --optimize --evm-version cancun",
        "--exclude-dependencies",
        "--exclude-low",
        "--exclude-informational",
        "--exclude-optimization",
        "--filter-paths",
        "node_modules",
        "--json",
        answer_file,
    ]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "SOLC_SHIM_WITHOUT_CODE": "1"},  # it reads the source and its tree only
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )
    if not answer_file.is_file():
        raise RuntimeError(f"slither gave no answer:\n{done.stderr[-4000:]}")
    answer = json.loads(answer_file.read_text(encoding="utf-8"))
    if not answer["success"]:
        raise RuntimeError(f"slither failed:\n{answer['error']}")
    detectors: list[dict[str, Any]] = answer["results"].get("detectors", [])
    return detectors


def findings(detectors: list[dict[str, Any]]) -> dict[Finding, str]:
    """The high and medium ones with slither's sentence."""
    return {
        Finding(found["check"], _place(found["elements"])): " ".join(found["description"].split())
        for found in detectors
        if found["impact"] in JUDGED
    }


def exceptions() -> set[Finding]:
    """The argued ones; refuses an entry without a reason."""
    entries = json.loads(EXCEPTIONS.read_text(encoding="utf-8"))["exceptions"]
    for entry in entries:
        if len(entry["reason"]) < MIN_REASON_CHARACTERS:
            raise RuntimeError(f"exceptions.json: {entry['check']} in {entry['where']} is not argued")
    return {Finding(entry["check"], entry["where"]) for entry in entries}


def _imports() -> str:
    """A file that imports every contract but the tests' doors."""
    sources = sorted(path for path in (ROOT / "contracts").rglob("*.sol") if path.parent.name != "harness")
    lines = [f'import "../../{path.relative_to(ROOT)}";' for path in sources]
    return "// SPDX-License-Identifier: EUPL-1.2\npragma solidity ^0.8.30;\n" + "\n".join(lines) + "\n"


def _place(elements: list[dict[str, Any]]) -> str:
    """Contract and function (or variable) of a finding's first element."""
    first = elements[0]
    fields = first.get("type_specific_fields", {})
    if first["type"] == "node":
        first = fields["parent"]
        fields = first.get("type_specific_fields", {})
    holder = fields.get("parent", {}).get("name", "")
    return f"{holder}.{fields.get('signature') or first['name']}" if holder else str(first["name"])


if __name__ == "__main__":
    main()
