"""The wallet's worker keeps the wallet's own pages: no other page of its origin may stand in their place."""

from __future__ import annotations

import re
from pathlib import Path

from tests.e2e.pages import OPEN_ROUTES, RECEIPTS, WALLET_ROUTES

WORKER = Path(__file__).parents[3] / "wallet_service" / "faces" / "wallet" / "src" / "service_worker.js"


def others() -> re.Pattern[str]:
    """What the worker leaves to the network, as its source says it."""
    (found,) = re.findall(r"const OTHERS =\s+/(.+)/;", WORKER.read_text("utf-8"))
    return re.compile(found.replace(r"\/", "/"))


def test_every_page_of_others_is_left_to_the_network() -> None:
    assert [route for route in sorted(OPEN_ROUTES | RECEIPTS) if not others().match(route)] == []


def test_no_page_of_the_wallets_is() -> None:
    kept = WALLET_ROUTES - {"/directory/{name}"}
    assert [route for route in sorted(kept) if others().match(route)] == []
