"""Compile the peers: those of today with this project's own settings, T-REX with those it is published with.

Owns the settings of the peers' compilers. Answers are kept in .tools/peers-build by the hash of what was
asked.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Brownie brings it; the other environment has no types for it.
import yaml  # type: ignore[import-untyped]

from scripts.bench.peers.packages import NODE_MODULES, PEERS, fetch

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).parent
SHIM = ROOT / "scripts" / "setup" / "solc_shim.cjs"
CACHE = ROOT / ".tools" / "peers-build"
COMPILE_DEADLINE_S = 600
# T-REX 4.1.6 requires exactly this compiler; the repository of T-REX builds with the optimizer at 200 runs.
TREX_SETTINGS = {"optimizer": {"enabled": True, "runs": 200}, "viaIR": False, "evmVersion": "london"}


@dataclass(frozen=True)
class Compiled:
    """The contracts of one compiler run: name -> (ABI, creation code), and the settings in words."""

    contracts: dict[str, tuple[list[dict[str, Any]], str]]
    settings: dict[str, Any]


def own_settings() -> dict[str, Any]:
    """The settings of brownie-config.yaml in the report's words."""
    compiler = yaml.safe_load((ROOT / "brownie-config.yaml").read_text(encoding="utf-8"))["compiler"]
    solc = compiler["solc"]
    return {
        "solc": str(solc["version"]),
        "optimizer": solc["optimizer"]["enabled"],
        "runs": solc["optimizer"]["runs"],
        "viaIR": solc["viaIR"],
        "evmVersion": compiler["evm_version"],
    }


def plain_tokens() -> Compiled:
    """OpenZeppelin's and Solady's tokens under this project's compiler settings."""
    own = own_settings()
    settings = {
        "optimizer": {"enabled": own["optimizer"], "runs": own["runs"]},
        "viaIR": own["viaIR"],
        "evmVersion": own["evmVersion"],
        "remappings": [f"{name}={ROOT}/node_modules/{name}" for name in ("@openzeppelin", "solady")],
    }
    return Compiled(_compile(["OpenZeppelinTokens.sol", "SoladyToken.sol"], settings, ROOT), own)


def security_token() -> Compiled:
    """T-REX with ONCHAINID, with its own compiler."""
    fetch()
    remappings = [
        f"{name}={NODE_MODULES}/{name}" for name in ("@openzeppelin", "@tokenysolutions", "@onchain-id")
    ]
    version = json.loads((NODE_MODULES / "solc" / "package.json").read_text(encoding="utf-8"))["version"]
    words = {
        "solc": version,
        "optimizer": True,
        "runs": 200,
        "viaIR": False,
        "evmVersion": TREX_SETTINGS["evmVersion"],
    }
    return Compiled(_compile(["TRexImports.sol"], TREX_SETTINGS | {"remappings": remappings}, PEERS), words)


def _compile(files: list[str], settings: dict[str, Any], solc_root: Path) -> dict[str, Any]:
    compiler_input = {
        "language": "Solidity",
        "sources": {name: {"content": (HERE / name).read_text(encoding="utf-8")} for name in files},
        "settings": settings | {"outputSelection": {"*": {"*": ["abi", "evm.bytecode.object"]}}},
    }
    text = json.dumps(compiler_input, sort_keys=True)
    lock = (ROOT / "package-lock.json").read_bytes()
    kept = CACHE / f"{hashlib.sha256(text.encode() + lock).hexdigest()}.json"
    if not kept.is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(_contracts_of(_run(text, solc_root))), encoding="utf-8")
    found: dict[str, list[Any]] = json.loads(kept.read_text(encoding="utf-8"))
    return {name: (abi, code) for name, (abi, code) in found.items()}


def _run(text: str, solc_root: Path) -> dict[str, Any]:
    """The compiler's answer; the compiler is the npm package `solc` below `solc_root`."""
    command = ["node", str(SHIM), "--standard-json", "--allow-paths", str(ROOT)]
    surroundings = {**os.environ, "SOLC_SHIM_ROOT": str(solc_root)}
    surroundings.pop("SOLC_SHIM_LONG_VERSION", None)
    done = subprocess.run(
        command,
        input=text,
        env=surroundings,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=COMPILE_DEADLINE_S,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    faults = [e["formattedMessage"] for e in answer.get("errors", []) if e["severity"] == "error"]
    if faults:
        raise RuntimeError("the peers do not compile:\n" + "\n".join(faults))
    return answer


def _contracts_of(answer: dict[str, Any]) -> dict[str, tuple[Any, str]]:
    """Every contract with code, by name; interfaces have none."""
    return {
        name: (contract["abi"], contract["evm"]["bytecode"]["object"])
        for contracts in answer["contracts"].values()
        for name, contract in contracts.items()
        if contract["evm"]["bytecode"]["object"]
    }
