"""The folder of a system whose ledger is deployed: keys, deployment file and saved chain.

They are made once in a run by the demonstration's own steps, then copied. Owns nothing that runs.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from scripts.demo import stack
from tests.support.databases import sqlite_file
from tests.support.ports import free_port
from tests.support.ready import require_compiled
from tests.support.shared import made_once

PARTS = ("chain", "deployments", "secrets")


def new_stack(folder: Path, database_url: str = "", rpc_port: int | None = None) -> stack.Stack:
    """Free ports for a system in `folder`; nothing is in it yet."""
    return stack.Stack(
        folder,
        "127.0.0.1",
        wallet_port=free_port(),
        till_port=free_port(),
        console_port=free_port(),
        rpc_port=rpc_port or free_port(),
        push_port=free_port(),
        environment="test",
        database_url=database_url,
    )


def deployed_stack(folder: Path, database_url: str = "") -> stack.Stack:
    """The same with the ledger on its saved chain and a migrated database, ready for a service."""
    made = new_stack(folder, database_url)
    source = made_once("deployed-stack", _deploy_and_save)
    for part in PARTS:
        shutil.copytree(source / part, folder / part)
    if database_url:
        stack.migrate(made)
    else:
        shutil.move(sqlite_file(folder), folder / "alba.db")
    return made


def _deploy_and_save(folder: Path) -> None:
    require_compiled()
    made = new_stack(folder)
    addresses, node = stack.make_keys(made), stack.make_node(made)
    node.start()
    try:
        stack.deploy(made, addresses, folder / "logs" / "contracts.log", node)
        node.stop()
    finally:
        node.kill_process()
