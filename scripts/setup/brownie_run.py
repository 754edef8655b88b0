"""Start Brownie inside this process with a data folder of its own.

Owns: the process's surroundings (HOME, PATH, SOLCX_BINARY_PATH) and Brownie's list of networks, written anew
for every run so that two runs never meet on one port. Must not know anything about the contracts.

Environment read: BROWNIE_ANVIL_PORT (default: a free port) for the `development` network; ALBA_RPC_URL and
ALBA_EXPECTED_CHAIN_ID for the networks named after the engine profiles; ALBA_TEST_SEED (default: a new one),
which the random lives of the contract tests add to their fixed seeds, alike in all workers of a parallel run.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_RPC_URL = "http://127.0.0.1:8545"
#: `rehearsal` is a network of validators on one machine: a demonstration, though several programs.
ENGINE_PROFILES = ("embedded", "rehearsal", "network", "besu")
RPC_TIMEOUT_S = 120
SEED_BITS = 32
TERMINATED_EXIT_STATUS = 128 + signal.SIGTERM
# No request of a stranger's page, first come first served, and no minimum fee: see `anvil --help`.
ANVIL_COMMAND = "anvil --disable-min-priority-fee --no-cors --order fifo"
NPM_PLATFORMS = {
    ("Linux", "x86_64"): "linux-amd64",
    ("Linux", "aarch64"): "linux-arm64",
    ("Darwin", "x86_64"): "darwin-amd64",
    ("Darwin", "arm64"): "darwin-arm64",
}


def _anvil_folder() -> Path | None:
    """Return the folder of the npm package that holds anvil, or None when npm has none for this machine."""
    name = NPM_PLATFORMS.get((platform.system(), platform.machine()))
    folder = ROOT / "node_modules" / "@foundry-rs" / f"anvil-{name}" / "bin"
    return folder if folder.is_dir() else None


def _free_port() -> int:
    """Return a TCP port that was free on loopback a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _live_network(profile: str) -> dict[str, object]:
    """Return the entry of an engine that already runs; Brownie does not check the chain id, scripts must."""
    return {
        "name": profile,
        "id": profile,
        "host": os.environ.get("ALBA_RPC_URL", DEFAULT_RPC_URL),
        # Brownie needs one, but only names a folder of artifacts after it.
        "chainid": int(os.environ.get("ALBA_EXPECTED_CHAIN_ID") or 0),
        "timeout": RPC_TIMEOUT_S,
        # Nothing is launched; Brownie's parallel runs count this up for each process.
        "cmd_settings": {"port": 0},
    }


def _write_networks(data_folder: Path) -> None:
    """Write Brownie's network list; JSON is valid YAML."""
    live = [_live_network(profile) for profile in ENGINE_PROFILES]
    development: dict[str, object] = {
        "name": "Anvil for one run",
        "id": "development",
        "cmd": ANVIL_COMMAND,
        "host": "http://127.0.0.1",
        "timeout": RPC_TIMEOUT_S,
        "cmd_settings": {"port": int(os.environ.get("BROWNIE_ANVIL_PORT") or _free_port())},
    }
    networks = {"live": [{"name": "Alba", "networks": live}], "development": [development]}
    (data_folder / "network-config.yaml").write_text(json.dumps(networks, indent=2), encoding="utf-8")


def sources_digest() -> str:
    """Return the hash of all that the compiled contracts are made of."""
    sources = sorted((ROOT / "contracts").rglob("*.sol"))
    digest = hashlib.sha256()
    for path in [*sources, ROOT / "brownie-config.yaml", ROOT / "package-lock.json"]:
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _forget_stale_build() -> None:
    """Remove the compiled contracts when any source, setting or library differs from what they were made of.

    Brownie recompiles a contract when its own file or a base changed, but does not see a changed library or
    value type that it uses: it would go on testing, and deploying, the old code.
    """
    digest = sources_digest()
    marker = ROOT / "build" / "contracts.sha256"
    if marker.is_file() and marker.read_text(encoding="ascii") == digest:
        return
    shutil.rmtree(ROOT / "build" / "contracts", ignore_errors=True)
    marker.parent.mkdir(exist_ok=True)
    marker.write_text(digest, encoding="ascii")


def main() -> None:
    """Prepare the surroundings, run Brownie's command line, remove the data folder."""
    # A terminated run must still stop its anvil and remove its folder.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(TERMINATED_EXIT_STATUS))
    _forget_stale_build()
    homes = ROOT / ".tools" / "homes"
    homes.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="brownie-", dir=homes))
    try:
        data_folder = home / ".brownie"
        data_folder.mkdir()
        _write_networks(data_folder)
        os.environ["HOME"] = str(home)
        os.environ.setdefault("ALBA_TEST_SEED", str(secrets.randbits(SEED_BITS)))
        os.environ["SOLCX_BINARY_PATH"] = str(ROOT / ".tools" / "solc")
        anvil_folder = _anvil_folder()
        if anvil_folder is not None:
            os.environ["PATH"] = f"{anvil_folder}{os.pathsep}{os.environ.get('PATH', '')}"
        from brownie._cli.__main__ import main as brownie_main

        brownie_main()
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
