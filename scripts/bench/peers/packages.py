"""Fetch the npm packages that only the peers of the gas benchmark need, into .tools/peers/node_modules.

Owns packages.json beside it: exact versions and the hash of each archive. They stand apart from package.json
because T-REX names its whole workshop (hardhat and some hundred packages) as dependencies; only the archives
named here are fetched, by `npm pack`, and nothing of them is run except the compiler.

    python3 scripts/bench/peers/packages.py           fetch what is missing
    python3 scripts/bench/peers/packages.py --pin     write the hashes anew (part of `make lock`)
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PINS = Path(__file__).with_name("packages.json")
PEERS = ROOT / ".tools" / "peers"
NODE_MODULES = PEERS / "node_modules"
STAMP = PEERS / "packages.json"
NPM_DEADLINE_S = 300


class WrongArchive(Exception):
    """An archive is not the pinned one."""


def fetch() -> None:
    """Bring every pinned package; does nothing when all are there. Raises WrongArchive."""
    pinned = PINS.read_bytes()
    if STAMP.is_file() and STAMP.read_bytes() == pinned:
        return
    shutil.rmtree(PEERS, ignore_errors=True)
    for package in json.loads(pinned):
        _fetch_one(package["name"], package["version"], package["integrity"])
    STAMP.write_bytes(pinned)


def pin() -> None:
    """Write the registry's hash of every version into packages.json."""
    packages = json.loads(PINS.read_text(encoding="utf-8"))
    for package in packages:
        command = ["npm", "view", f"{package['name']}@{package['version']}", "dist.integrity"]
        answer = subprocess.run(command, check=True, capture_output=True, text=True, timeout=NPM_DEADLINE_S)
        package["integrity"] = answer.stdout.strip()
    lines = ",\n".join("  " + json.dumps(package) for package in packages)
    PINS.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def _fetch_one(name: str, version: str, integrity: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, f"{name}@{version}"]
        subprocess.run(command, check=True, capture_output=True, timeout=NPM_DEADLINE_S)
        (archive,) = Path(folder).glob("*.tgz")
        found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != integrity:
            raise WrongArchive(f"{name}@{version} has the hash {found}, pinned is {integrity}")
        unpacked = Path(folder) / "unpacked"
        with tarfile.open(archive) as opened:
            opened.extractall(unpacked, filter="data")
        target = NODE_MODULES / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(unpacked / "package", target)


if __name__ == "__main__":
    pin() if sys.argv[1:] == ["--pin"] else fetch()
