"""The network in minutes, for the checks: strangers refused, conformance, all killed and back, a short chaos.

    python -m scripts.network.trials.short [--without-sync]

Where the engine is not built this says so and ends well: the checks never wait for a compiler of Go. On a
network of its own, with ports of its own, removed at the end. The control run without the database's sync
setting must fail: it shows the blocks that setting keeps.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from scripts.conformance import own_network, suite
from scripts.conformance.__main__ import read_keys
from scripts.conformance.bench import Bench, Node
from scripts.conformance.verdicts import Outcome
from scripts.network import engine, founding
from scripts.network import nodes as processes
from scripts.network.founding import call_founder
from scripts.network.layout import Founded, NetworkFailed, write_private
from scripts.network.permissions import Lists, Permission, change_all
from scripts.network.rpc import NoAnswer, ask
from scripts.network.trials import chaos
from wallet_service.chain.node.profile import load_profile

FIRST_PORT = 19_650
TRANSFER_GAS, DEPLOYMENT_GAS = 21_000, 100_000
MINED_DEADLINE_S = 20.0
POLL_S = 0.1
#: Creation code of a contract of one byte: STOP.
SMALLEST_CONTRACT = bytes.fromhex("60016000f3")

Report = Callable[[str], None]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts.network.trials.short", description="The network, briefly.")
    parser.add_argument("--without-sync", action="store_true", help="the control run: blocks are lost")
    options = parser.parse_args(arguments)
    if not engine.is_built():
        why = "Go was not found" if engine.find_go() is None else "`make network` builds it"
        print(f"network: skipped, the engine is not built for these versions ({why})")
        return 0
    began_s = time.monotonic()

    def report(text: str) -> None:
        print(f"[{time.monotonic() - began_s:5.1f} s] {text}", flush=True)

    with tempfile.TemporaryDirectory(prefix="alba-network-") as temporary:
        folder = Path(temporary) / "network"
        try:
            return check(folder, report, sync=not options.without_sync)
        except (NetworkFailed, NoAnswer) as error:
            print(f"network: {error}", file=sys.stderr)
            return 1
        finally:
            founding.forget(folder, founding.leftovers())


def check(folder: Path, report: Report, *, sync: bool = True) -> int:
    """0 when all held; without `sync` the same shows what is lost."""
    usual = founding.usual_wishes()
    founded = founding.found(
        folder, engine.built(), founding.Wishes(usual.chain_id, FIRST_PORT, sync=sync), report
    )
    report("five validators agree")
    member, stranger = Account.create(), Account.create()
    both = {str(one.address): [Permission.ACCOUNT] for one in (member, stranger)}
    change_all(folder, founded, both)
    change_all(folder, founded, {str(stranger.address): [Permission.ACCOUNT]}, admitted=False)
    report(f"a stranger with funds is refused by the pool: {refused_transfer(founded, stranger)}")
    report(f"an account that may not deploy is refused: {refused_deployment(founded, member)}")
    report(f"a validator that strangers list is refused: {refused_listing(folder, founded)}")
    before = head_of(founded)
    for node in founded.nodes:
        processes.kill(folder, node)
    founding.run(folder, founded, engine.built())
    after = head_of(founded)
    report(f"all five ended with kill -9 at block {before[0]}: they came back at {after[0]}")
    kept = (
        after[0] >= before[0] and Lists(folder, founded).word(Permission.ACCOUNT, member.address) == "enabled"
    )
    if not kept:
        report("blocks that counted were lost")
        return 1
    return (
        0 if not sync else max(conformance(folder, report), chaos.main(["--short", "--folder", str(folder)]))
    )


def conformance(folder: Path, report: Report) -> int:
    """0 when nothing failed of the suite that any engine is asked."""
    keys = read_keys(folder.with_name("conformance-keys"))
    urls, restart = own_network.prepare(keys, folder)
    profile = load_profile("network", ",".join(urls))
    bench = Bench([Node(url, profile.request_timeout_s) for url in urls], profile, keys, restart)
    failed = [one for one in suite.run(bench) if one.outcome is Outcome.FAIL]
    for one in failed:
        report(f"conformance: {one.question}: {one.sentence}")
    report(f"conformance: {len(failed)} failures")
    return 1 if failed else 0


def refused_listing(folder: Path, founded: Founded) -> str:
    """What is said to somebody who lists a validator without the owner's key."""
    node, thief = founded.nodes[-1], folder / "thief"
    write_private(thief / "keys" / "owner.key", secrets.token_hex(32) + "\n")
    try:
        call_founder(
            *(engine.built(), thief, "add", "--uri", founded.nodes[0].address),
            *("--subnet", founded.subnet_id, "--validator", node.node_id),
        )
    except NetworkFailed as refusal:
        return str(refusal)
    raise NetworkFailed("a stranger listed a validator")


def refused_transfer(founded: Founded, stranger: LocalAccount) -> str:
    """What the pool says to a stranger's transaction. Raises NetworkFailed when it takes it."""
    return _refusal(founded, stranger, str(stranger.address), b"", TRANSFER_GAS)


def refused_deployment(founded: Founded, member: LocalAccount) -> str:
    """What is said to an admitted account that is no deployer: by the pool, or in the block."""
    return _refusal(founded, member, None, SMALLEST_CONTRACT, DEPLOYMENT_GAS)


def _refusal(founded: Founded, account: LocalAccount, to: str | None, data: bytes, gas: int) -> str:
    url = founded.rpc_urls()[0]
    transaction: dict[str, Any] = {
        "nonce": 0,
        "gas": gas,
        "gasPrice": 1,
        "value": 0,
        "data": data,
        "chainId": founded.chain_id,
    }
    if to is not None:
        transaction["to"] = to
    signed = account.sign_transaction(transaction)
    try:
        transaction_hash = ask(url, "eth_sendRawTransaction", ["0x" + bytes(signed.raw_transaction).hex()])
    except NoAnswer as refusal:
        return str(refusal)
    deadline_s = time.monotonic() + MINED_DEADLINE_S
    while time.monotonic() < deadline_s:
        receipt = ask(url, "eth_getTransactionReceipt", [transaction_hash])
        if receipt is not None and receipt["status"] == "0x0":
            return f"refused in block {int(receipt['blockNumber'], 16)}"
        if receipt is not None:
            break
        time.sleep(POLL_S)
    raise NetworkFailed(f"a transaction nobody admitted was taken: {transaction_hash}")


def head_of(founded: Founded) -> tuple[int, str]:
    block = ask(founded.rpc_urls()[0], "eth_getBlockByNumber", ["latest", False])
    return int(block["number"], 16), str(block["hash"])


if __name__ == "__main__":
    sys.exit(main())
