"""Makes keys on the machine that will hold them, and prints what the operators' file may know of them.

    python -m scripts.network.plans.ceremony identity --folder /etc/alba-chain   # each operator
    python -m scripts.network.plans.ceremony owner --folder /etc/alba-owner     # once

Refuses to replace a key. Files have mode 600; nothing secret is printed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.network import engine
from scripts.network.founding import AUTHORITY_KEY, call_founder, make_authority
from scripts.network.layout import NETWORK_ID, NetworkFailed

STAKING = "staking"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts.network.plans.ceremony",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("identity", "owner"))
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--network-id", type=int, default=NETWORK_ID)
    options = parser.parse_args(arguments)
    folder: Path = options.folder.resolve()
    try:
        lines = identity(folder) if options.what == "identity" else owner(folder, options.network_id)
    except NetworkFailed as error:
        print(f"ceremony: {error}", file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0


def identity(folder: Path) -> list[str]:
    """A validator's keys in `folder`/staking, and its lines of the operators' file."""
    _refuse_to_replace(folder / STAKING)
    made = call_founder(engine.build(), folder, "identity")
    return [
        f'node_id = "{made["node_id"]}"',
        f'signing_key = "{made["signing_key"]}"',
        f'signing_proof = "{made["signing_proof"]}"',
    ]


def owner(folder: Path, network_id: int) -> list[str]:
    """The keys of the list's owner, of the stake and of the authority, in `folder`/keys."""
    _refuse_to_replace(folder / AUTHORITY_KEY.parent)
    made = call_founder(engine.build(), folder, "owner", "--network-id", str(network_id))
    return [
        f"network_id = {network_id}",
        f'authority = "{make_authority(folder)}"',
        f'owner_address = "{made["owner"]}"',
        f'stake_address = "{made["stake"]}"',
    ]


def _refuse_to_replace(place: Path) -> None:
    if place.exists():
        raise NetworkFailed(f"{place} is there already; a key is never replaced by this command")


if __name__ == "__main__":
    sys.exit(main())
