"""From an empty folder to a chain on five validators: keys, first states, processes, lists.

Owns the order. What an interrupted founding left is thrown away before the next; the record is written last.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account import Account

from scripts.network import nodes as processes
from scripts.network.engine import Engine
from scripts.network.genesis import chain_genesis, chain_settings, consensus_settings
from scripts.network.layout import (
    FIRST_PORT,
    NETWORK_ID,
    VALIDATORS,
    Founded,
    NetworkFailed,
    Node,
    make_nodes,
    node_names,
    write_private,
    write_record,
)
from scripts.network.rpc import NoAnswer, ask, is_healthy
from scripts.network.validations.renewal import APART_S, LONGEST_S
from wallet_service.chain.node.profile import load_profile

AUTHORITY_KEY = Path("keys") / "authority.key"
FOUNDER_TIMEOUT_S = 120
START_DEADLINE_S = 90.0
POLL_S = 0.2

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What may differ between two foundings.

    `validation_s` is how long the last of the first validations lasts, `apart_s` how much sooner each before
    it ends.
    """

    chain_id: int
    first_port: int = FIRST_PORT
    validation_s: int = LONGEST_S
    apart_s: int = APART_S
    sync: bool = True


def usual_wishes() -> Wishes:
    return Wishes(load_profile("network", "http://nobody.invalid").chain_id)


def found(folder: Path, engine: Engine, wishes: Wishes, report: Report) -> Founded:
    """A new network in `folder`, running. Raises NetworkFailed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    report("making the validators' keys and the first blocks")
    names = ",".join(node_names(VALIDATORS))
    made = call_founder(
        *(engine, folder, "keys", "--nodes", names, "--network-id", str(NETWORK_ID)),
        *("--seconds", str(wishes.validation_s), "--apart-seconds", str(wishes.apart_s)),
    )
    nodes = make_nodes(made["nodes"], wishes.first_port)
    authority = make_authority(folder)
    first_block = folder / "chain.json"
    write_private(first_block, json.dumps(chain_genesis(wishes.chain_id, authority), indent=2) + "\n")
    report("starting the validators, to write their list")
    (folder / "chains").mkdir(exist_ok=True)
    (folder / "lists").mkdir(exist_ok=True)
    for node in nodes:
        processes.start(folder, node, nodes, engine, None)
    _wait(folder, nodes, lambda node: is_healthy(node.address), "is not well")
    listed = call_founder(engine, folder, "chain", "--uri", nodes[0].address, "--genesis", str(first_block))
    founded = Founded(listed["subnet_id"], listed["blockchain_id"], wishes.chain_id, nodes)
    write_private(
        folder / "chains" / founded.blockchain_id / "config.json", _json(chain_settings(sync=wishes.sync))
    )
    consensus = consensus_settings()
    write_private(folder / "lists" / f"{founded.subnet_id}.json", _json(consensus))
    report("starting the validators on the chain")
    processes.stop(folder, nodes)
    run(folder, founded, engine)
    write_record(folder, founded)
    return founded


def run(folder: Path, founded: Founded, engine: Engine) -> None:
    """Start what does not run, and wait until all tell the same story. Raises NetworkFailed."""
    for node in founded.nodes:
        processes.start(folder, node, founded.nodes, engine, founded)
    _wait(folder, founded.nodes, lambda node: _is_on_chain(founded, node), "does not serve the chain")
    deadline_s = time.monotonic() + START_DEADLINE_S
    while len(set(_heads(founded))) != 1:
        if time.monotonic() > deadline_s:
            raise NetworkFailed("the validators do not agree on the last block; see `make network-status`")
        time.sleep(POLL_S)


def forget(folder: Path, nodes: Sequence[Node]) -> None:
    """End what runs there, then remove all of it."""
    processes.stop(folder, nodes)
    shutil.rmtree(folder, ignore_errors=True)


def leftovers() -> tuple[Node, ...]:
    """The validators a founding that was interrupted may have started: only their names count."""
    return tuple(Node(name, "", 0, 0) for name in node_names())


def _is_on_chain(founded: Founded, node: Node) -> bool:
    try:
        answer = ask(founded.rpc_url(node), "eth_chainId")
    except NoAnswer:
        return False
    if answer != hex(founded.chain_id):
        raise NetworkFailed(f"{node.name} serves the chain {answer}, {founded.chain_id} was founded")
    return is_healthy(node.address)


def _heads(founded: Founded) -> list[str]:
    heads = []
    for url in founded.rpc_urls():
        try:
            heads.append(str(ask(url, "eth_getBlockByNumber", ["latest", False])["hash"]))
        except (NoAnswer, KeyError, TypeError) as error:
            heads.append(f"{url}: {error}")
    return heads


def _wait(folder: Path, nodes: Sequence[Node], is_ready: Callable[[Node], bool], trouble: str) -> None:
    deadline_s = time.monotonic() + START_DEADLINE_S
    waiting = list(nodes)
    while waiting:
        waiting = [node for node in waiting if not is_ready(node)]
        for node in waiting:
            if processes.pid_of(folder, node) is None:
                raise NetworkFailed(f"{node.name} ended: {last_words(folder, node)}")
        if waiting and time.monotonic() > deadline_s:
            raise NetworkFailed(
                f"{waiting[0].name} {trouble} after {START_DEADLINE_S:.0f} s; "
                f"its logs are in {folder / waiting[0].name / 'logs'}"
            )
        time.sleep(POLL_S)


def last_words(folder: Path, node: Node) -> str:
    """What a validator said last: a port that is taken, a setting it does not know."""
    for file in (folder / node.name / "output.log", folder / node.name / "logs" / "main.log"):
        if file.is_file():
            lines = file.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            if lines:
                return lines[-1]
    return "it said nothing"


def make_authority(folder: Path) -> str:
    """The address of a new key that admits accounts, in `folder`/keys."""
    account = Account.create()
    write_private(folder / AUTHORITY_KEY, account.key.hex() + "\n")
    return str(account.address)


def call_founder(engine: Engine, folder: Path, command: str, *arguments: str) -> dict[str, Any]:
    """What the founder answered. Raises NetworkFailed."""
    try:
        ended = subprocess.run(
            [str(engine.founder), command, "--folder", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=FOUNDER_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NetworkFailed(f"{command} took more than {FOUNDER_TIMEOUT_S} s") from None
    if ended.returncode != 0:
        raise NetworkFailed(f"{command} failed: {ended.stderr.strip() or 'it said nothing'}")
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def _json(content: Any) -> str:
    return json.dumps(content, indent=2) + "\n"
