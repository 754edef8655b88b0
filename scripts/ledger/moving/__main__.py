"""`make migrate-chain`: rehearses the moving of a demonstration's ledger onto another chain, and compares.

    python -m scripts.ledger.moving [--source var] [--to network]

Works on a copy of the demonstration's chain, which must not run meanwhile (`make demo`, Ctrl-C). Without
`--to network` the new chain is a second embedded node with the network's chain id, so no Go is needed. The
statement, both states and the new deployment stay in --folder. docs/operators.md says what the moving of
people's money takes beyond this: the commands are the same, the two officers are two machines.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scripts.conformance.bench import Node, Refused
from scripts.demo import stack
from scripts.demo.on_network import deploy_on_network, network_urls
from scripts.demo.stack_layout import READY_MARK, Stack, StackFailed
from scripts.ledger.moving import statement
from scripts.ledger.moving.moving import Differs, move
from scripts.ledger.moving.plan import CannotMove
from scripts.ledger.moving.state import STOP_EVERYTHING, fold
from scripts.ledger.moving.wire import ActFailed, LedgerWire, Officers
from scripts.network.layout import NetworkFailed
from scripts.network.rpc import NoAnswer
from wallet_service.chain.ledger.deployment import load_deployment
from wallet_service.chain.node.embedded import BLOCK_GAS_LIMIT, find_anvil
from wallet_service.chain.node.profile import load_profile
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.security.role_keys import RoleKeys, open_role_keys
from wallet_service.security.sealing import read_master_key

COPIED = ("chain", "deployments", "secrets")
START_DEADLINE_S = 30.0
POLL_S = 0.1
TIMEOUT_S = 60.0
ACT_GAS = 400_000
ENOUGH_WEI = 10**20
#: Why a request for euros goes back to its account: the ledger it stands on ends.
MOVED = "0x" + b"moved to another chain".hex().ljust(64, "0")
HOST = "127.0.0.1"
CANNOT = (
    *(CannotMove, Differs, ActFailed, statement.NotSigned, StackFailed),
    *(NetworkFailed, NoAnswer, Refused, ChainUnavailable),
)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts.ledger.moving", description=__doc__)
    parser.add_argument("--source", type=Path, default=Path("var"), help="a demonstration's folder")
    parser.add_argument("--to", choices=("rehearsal", "network"), default="rehearsal")
    parser.add_argument("--folder", type=Path, default=Path("var") / "moved")
    options = parser.parse_args(arguments)
    began_s = time.monotonic()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - began_s:5.1f} s] {text}", flush=True)

    try:
        return rehearse(options.source.resolve(), options.folder.resolve(), options.to, say)
    except CANNOT as error:
        print(f"migrate-chain: {error}", file=sys.stderr)
        return 1


def rehearse(source: Path, folder: Path, to: str, say: Callable[[str], None]) -> int:
    """The whole moving on a copy; 0 when both ledgers hold the same. Raises CANNOT."""
    if not (source / READY_MARK).exists():
        raise StackFailed(f"{source} holds no demonstration: `make demo` makes one")
    if folder.exists():
        shutil.rmtree(folder)
    old = _stack(folder / "old", ())
    for part in COPIED:
        shutil.copytree(source / part, old.directory / part)
    keys = _keys(old)
    node = stack.make_node(old)
    node.start()
    try:
        origin = LedgerWire(Node(node.sending_url, TIMEOUT_S), load_deployment(old.deployment_file))
        say("stopping payments, issuing and redeeming; ending what is under way")
        end_what_is_under_way(origin, Officers(origin, keys, 0))
        with target_chain(to) as urls:
            new = _stack(folder / "new", urls)
            shutil.copytree(old.directory / "secrets", new.directory / "secrets")
            _deploy(new, to, say)
            profile = load_profile(new.chain_profile, urls[0])
            target = LedgerWire(Node(urls[0], TIMEOUT_S), load_deployment(new.deployment_file))
            officers = Officers(target, keys, profile.gas_price_wei)
            content, before, after = move(
                origin, target, officers, lambda role, order: _signed(keys, role, order), say
            )
            file = statement.write(folder, content, before, after)
    finally:
        node.kill_process()
    say(f"signed statement: {file}")
    return 0


def end_what_is_under_way(wire: LedgerWire, officers: Officers) -> None:
    """Stops everything and gives back requests for euros that no bank has paid.

    Of a rehearsal only: in earnest the moving waits until the bank has paid what it was told to.
    """
    officers.act("PAUSER", "stop", [[STOP_EVERYTHING]], ACT_GAS)
    state = fold(wire.events(wire.head()[0]))
    redemptions = [name.removeprefix("redemption ") for name in state.open if name.startswith("redemption ")]
    officers.act("ATTESTER", "attestOutcome", [[ref, False] for ref in redemptions], ACT_GAS)
    officers.act("ISSUER", "returnRedemption", [[ref, MOVED] for ref in redemptions], ACT_GAS)


@contextmanager
def target_chain(to: str) -> Iterator[tuple[str, ...]]:
    """The addresses of the new chain's nodes."""
    if to == "network":
        yield network_urls()
        return
    profile = load_profile("network", "http://nobody.invalid")
    port = _free_port()
    command = [str(find_anvil()), "--port", str(port), "--chain-id", str(profile.chain_id), "--silent"]
    command += ["--hardfork", "osaka", "--accounts", "0", "--base-fee", "0", "--order", "fifo"]
    command += ["--gas-limit", str(BLOCK_GAS_LIMIT), "--disable-min-priority-fee", "--no-cors"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    url = f"http://{HOST}:{port}"
    try:
        _wait_for(url)
        yield (url,)
    finally:
        process.kill()
        process.wait()


def _wait_for(url: str) -> None:
    deadline_s = time.monotonic() + START_DEADLINE_S
    while True:
        try:
            Node(url, 1.0).height()
            return
        except ChainUnavailable:
            if time.monotonic() > deadline_s:
                raise StackFailed(f"the new chain at {url} does not answer") from None
            time.sleep(POLL_S)


def _deploy(made: Stack, to: str, say: Callable[[str], None]) -> None:
    addresses = stack.make_keys(made)
    log = made.directory / "logs" / "contracts.log"
    stack.compile_contracts(log)
    if to == "network":
        deploy_on_network(made, addresses, say)
        return
    url = made.network_urls[0]
    node = Node(url, TIMEOUT_S)

    def grant(address: str) -> None:
        node.ask("anvil_setBalance", address, hex(ENOUGH_WEI))

    for address in addresses.values():
        grant(address)
    say("deploying the ledger with Brownie")
    stack.deploy_at(made, addresses, log, url, url, grant)


def _signed(keys: RoleKeys, role: str, order: dict[str, object]) -> str:
    return keys.sign_text(role, statement.words_of(order))  # type: ignore[arg-type]


def _keys(made: Stack) -> RoleKeys:
    settings = made.settings()
    return open_role_keys(settings.chain_keys_directory, read_master_key(settings.master_key_file))


def _stack(folder: Path, urls: tuple[str, ...]) -> Stack:
    folder.mkdir(parents=True, mode=0o700)
    ports = [_free_port() for _ in range(4)]
    return Stack(
        folder,
        HOST,
        wallet_port=ports[0],
        till_port=ports[1],
        console_port=ports[2],
        rpc_port=ports[3],
        network_urls=urls,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
