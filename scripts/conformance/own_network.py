"""The network of `make network`, made ready to be asked: accounts admitted, a validator to end hard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from scripts.conformance.bench import Keys
from scripts.network import engine, nodes
from scripts.network.layout import DEFAULT_FOLDER, require_record
from scripts.network.permissions import Permission, change_all


def prepare(keys: Keys, folder: Path = DEFAULT_FOLDER) -> tuple[list[str], Callable[[], None]]:
    """Its addresses and a hard restart. Raises NetworkFailed when there is no network."""
    founded = require_record(folder)
    permissions = {str(one.address): [Permission.ACCOUNT] for one in keys.everybody()}
    permissions[str(keys.deployer.address)].append(Permission.DEPLOYER)
    change_all(folder, founded, permissions)

    def restart() -> None:
        first = founded.nodes[0]
        nodes.kill(folder, first)
        nodes.start(folder, first, founded.nodes, engine.built(), founded)

    return founded.rpc_urls(), restart
