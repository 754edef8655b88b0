"""The control run of "all five killed": without the database's sync setting the same must lose blocks.

On a network aside, with ports of its own, removed at the end. When it loses nothing, the other run proves
nothing.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from scripts.network import engine, founding
from scripts.network import nodes as processes
from scripts.network.layout import Founded
from scripts.network.permissions import Permission, change_all
from scripts.network.rpc import ask
from scripts.network.trials.scene import Seen

FIRST_PORT = 19_850
NOBODY = "0x" + "be" * 20


def without_sync() -> Seen:
    """Held when blocks were lost."""
    with tempfile.TemporaryDirectory(prefix="alba-control-") as temporary:
        folder = Path(temporary) / "network"
        chain_id = founding.usual_wishes().chain_id
        try:
            wishes = founding.Wishes(chain_id, FIRST_PORT, sync=False)
            founded = founding.found(folder, engine.built(), wishes, lambda text: None)
            change_all(folder, founded, {NOBODY: [Permission.ACCOUNT]})
            before = height_of(founded)
            for node in founded.nodes:
                processes.kill(folder, node)
            founding.run(folder, founded, engine.built())
            after = height_of(founded)
        finally:
            founding.forget(folder, founding.leftovers())
    return Seen(
        "all five ended with kill -9 without the sync setting (control run)",
        after < before,
        f"they were at block {before} and came back at {after}",
    )


def height_of(founded: Founded) -> int:
    return int(ask(founded.rpc_urls()[0], "eth_blockNumber"), 16)
