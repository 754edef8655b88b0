"""Where the network lives: folders, ports, names, and the file that says it was founded.

Owns no process and asks nobody. The record is written last, so that a founding killed half-way is none.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "scripts" / "network"
#: The engine is built once for a tree, whatever networks are made with it.
BUILD = ROOT / ".tools" / "network"
DEFAULT_FOLDER = ROOT / "var" / "network"
HOST = "127.0.0.1"
VALIDATORS = 5
FIRST_PORT = 9650
PORTS_A_NODE = 2  # HTTP, then what validators say to each other
#: How many may be away while blocks are still made.
MAY_FAIL = 1
NETWORK_ID = 61_451  # of the engine's network; the chain's own id is the profile's
RECORD = "network.json"
OWNER_ONLY = 0o600


class NetworkFailed(Exception):
    """Something of the network could not be done; the sentence says what, and where its details are."""


@dataclass(frozen=True, slots=True)
class Node:
    """One validator on this machine."""

    name: str
    node_id: str
    http_port: int
    staking_port: int

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.http_port}"


@dataclass(frozen=True, slots=True)
class Founded:
    """What a founded network is called, by itself and by the engine."""

    subnet_id: str
    blockchain_id: str
    chain_id: int
    nodes: tuple[Node, ...]

    def rpc_urls(self) -> list[str]:
        """One address of the chain for each validator."""
        return [self.rpc_url(node) for node in self.nodes]

    def rpc_url(self, node: Node) -> str:
        return f"{node.address}/ext/bc/{self.blockchain_id}/rpc"


def node_names(count: int = VALIDATORS) -> tuple[str, ...]:
    return tuple(f"validator-{number}" for number in range(1, count + 1))


def make_nodes(identities: dict[str, str], first_port: int) -> tuple[Node, ...]:
    """Fixed ports: validators that were restarted must find each other where they were."""
    return tuple(
        Node(name, identities[name], first_port + PORTS_A_NODE * place, first_port + PORTS_A_NODE * place + 1)
        for place, name in enumerate(sorted(identities))
    )


def write_record(folder: Path, founded: Founded) -> None:
    write_private(folder / RECORD, json.dumps(asdict(founded), indent=2) + "\n")


def read_record(folder: Path) -> Founded | None:
    """None when no network was founded here."""
    try:
        content = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    nodes = tuple(Node(**node) for node in content.pop("nodes"))
    return Founded(**content, nodes=nodes)


def require_record(folder: Path) -> Founded:
    """Raises NetworkFailed."""
    founded = read_record(folder)
    if founded is None:
        raise NetworkFailed(f"there is no network in {folder}; `make network` makes one")
    return founded


def write_private(path: Path, text: str) -> None:
    """The old file or the whole new one, for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
