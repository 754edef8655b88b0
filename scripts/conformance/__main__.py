"""`make conformance RPC=<url>[,<url>...]`: will this currency work on that chain?

Exit status 0 when nothing failed. Three accounts act; their keys are files of mode 600 in a folder, made when
they are missing, and never arguments. On a permissioned chain they must be admitted first, and may deploy:
`RPC=network` does so by itself for the network of `make network`.
"""

from __future__ import annotations

import argparse
import dataclasses
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount

from scripts.conformance import suite
from scripts.conformance.bench import Bench, Keys, Node
from scripts.conformance.verdicts import Outcome, Verdict, write
from wallet_service.chain.node.profile import ProfileInvalid, load_profile

ROLES = ("deployer", "issuer", "attester")
OWNER_ONLY = 0o600
OTHERS = 0o077
DEFAULT_FOLDER = Path("var") / "conformance"
OWN_NETWORK = "network"


class KeyUnusable(Exception):
    """A key file cannot be used; the sentence says which and why."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts.conformance", description=__doc__)
    parser.add_argument("rpc", help="addresses with commas, or the word network")
    parser.add_argument("--profile", default="", help="asked against: embedded, network, besu or a file")
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="keys, report and profile")
    options = parser.parse_args(arguments)
    urls, restart = options.rpc.split(","), None
    profile_name = options.profile or "embedded"
    try:
        keys = read_keys(options.folder / "keys")
        if options.rpc == OWN_NETWORK:
            profile_name = options.profile or "network"
            urls, restart = _own_network(keys)
        profile = dataclasses.replace(load_profile(profile_name, ",".join(urls)), rpc_urls=tuple(urls))
    except (ProfileInvalid, KeyUnusable) as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 2
    began_s = time.monotonic()
    nodes = [Node(url, profile.request_timeout_s) for url in urls]
    verdicts = suite.run(Bench(nodes, profile, keys, restart), _say)
    write(options.folder, verdicts, profile, urls)
    failed = sum(one.outcome is Outcome.FAIL for one in verdicts)
    unknown = sum(one.outcome is Outcome.CANNOT_TELL for one in verdicts)
    print(
        f"{len(verdicts) - failed - unknown} pass, {failed} fail, {unknown} cannot tell, "
        f"in {time.monotonic() - began_s:.0f} s; {options.folder}/report.md and profile.json"
    )
    return 1 if failed else 0


def read_keys(folder: Path) -> Keys:
    """The three accounts' keys, made when missing. Raises KeyUnusable for one that others may read."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Keys(*(_read_key(folder / f"{role}.key") for role in ROLES))


def _read_key(path: Path) -> LocalAccount:
    if not path.exists():
        path.touch(mode=OWNER_ONLY)
        path.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
    if path.stat().st_mode & OTHERS:
        raise KeyUnusable(f"{path} is open to others; it must have mode 0600")
    account: LocalAccount = Account.from_key(path.read_text(encoding="ascii").strip())
    return account


def _own_network(keys: Keys) -> tuple[list[str], Callable[[], None]]:
    """Its addresses, with the three accounts admitted; and a hard restart of its first validator."""
    from scripts.conformance.own_network import prepare  # late: others need neither Go nor a network

    return prepare(keys)


def _say(one: Verdict) -> None:
    print(f"{one.outcome.value:<11}  {one.question}: {one.sentence}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
