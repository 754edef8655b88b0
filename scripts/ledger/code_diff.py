"""Whether a change of the sources changes the code that is deployed.

Owns the comparison of two compilations: the working tree's and a revision's, both by this tree's compiler,
settings and libraries. Code is compared without the metadata at its end, which hashes the sources and so
changes with every comment; addresses and other immutable values stand as zeros in both. Writes nothing.

    .venv-contracts/bin/python -m scripts.ledger.code_diff REVISION [OLD_NAME=NEW_NAME ...]

The names are of contracts that were renamed since. Exit status 1 when any code differs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

# Brownie brings it; the other environment has no types for it.
import yaml  # type: ignore[import-untyped]

from scripts.ledger.build import LEDGER_FACETS, ROOT

DEPLOYED = ("LedgerProxy", *LEDGER_FACETS, "LedgerAuthority")
COMPILER_DEADLINE_S = 900

Sources = dict[str, str]


class CompilationFailed(Exception):
    """The compiler refused the sources; the message is its own."""


def main() -> None:
    """Print a line for each deployed contract; exit with 1 when one differs."""
    revision, *renames = sys.argv[1:]
    old_names = {new: old for old, new in (rename.split("=") for rename in renames)}
    before = runtime_codes(sources_of(revision), {old_names.get(name, name) for name in DEPLOYED})
    after = runtime_codes(sources_here(), set(DEPLOYED))
    same = True
    for name in DEPLOYED:
        old, new = before[old_names.get(name, name)], after[name]
        same = same and old == new
        verdict = "the same" if old == new else "DIFFERS"
        print(f"{name:20} {len(old):6} bytes before, {len(new):6} after: {verdict}")
    sys.exit(0 if same else 1)


def sources_here() -> Sources:
    """Return the working tree's contracts: path -> text."""
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "contracts").rglob("*.sol"))
    }


def sources_of(revision: str) -> Sources:
    """Return the contracts as that revision has them: path -> text."""
    paths = _git("ls-tree", "-r", "--name-only", revision, "contracts").splitlines()
    return {path: _git("show", f"{revision}:{path}") for path in paths if path.endswith(".sol")}


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def runtime_codes(sources: Sources, names: set[str]) -> dict[str, bytes]:
    """Return the runtime code of each named contract, without metadata. Raises CompilationFailed."""
    request = {
        "language": "Solidity",
        "sources": {path: {"content": text} for path, text in sources.items()},
        "settings": {
            **_settings(),
            "metadata": {"appendCBOR": False},
            "outputSelection": {"*": {name: ["evm.deployedBytecode.object"] for name in sorted(names)}},
        },
    }
    finished = subprocess.run(
        [str(ROOT / ".tools" / "solc" / "solc"), "--standard-json"],
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
        raise CompilationFailed("\n".join(faults))
    codes = {
        name: bytes.fromhex(contract["evm"]["deployedBytecode"]["object"])
        for contracts in answer.get("contracts", {}).values()
        for name, contract in contracts.items()
        if name in names
    }
    missing = names - codes.keys()
    if missing:
        raise CompilationFailed(f"there is no contract {', '.join(sorted(missing))}")
    return codes


def _settings() -> dict[str, Any]:
    """Return what Brownie hands to the compiler (brownie-config.yaml)."""
    compiler = yaml.safe_load((ROOT / "brownie-config.yaml").read_text(encoding="utf-8"))["compiler"]
    return {
        "evmVersion": compiler["evm_version"],
        "viaIR": compiler["solc"]["viaIR"],
        "optimizer": compiler["solc"]["optimizer"],
        "remappings": compiler["solc"]["remappings"],
    }


if __name__ == "__main__":
    main()
