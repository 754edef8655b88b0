"""A funder, a shop and an open campaign, for the tests of campaigns."""

from __future__ import annotations

from typing import Any

import pytest
from ledger_fixture import (
    ASSOCIATION,
    MERCHANT,
    PROFESSIONAL,
    LedgerFixture,
)

BOOKS, SPORT, FOOD = 47, 93, 10
NOTHING = bytes(32)


FUNDS = 1_000_00


@pytest.fixture(scope="module")
def region(onchain: LedgerFixture) -> Any:
    """The funder: an association with 5 000 euros."""
    return onchain.person("the region", ASSOCIATION, PROFESSIONAL, money=5_000_00)


@pytest.fixture(scope="module")
def library(onchain: LedgerFixture) -> Any:
    """A bookshop."""
    return onchain.person("a bookshop", MERCHANT, PROFESSIONAL, sector=BOOKS)


@pytest.fixture
def open_to_all(onchain: LedgerFixture, region: Any) -> bytes:
    """A campaign of 1 000 euros that pays all of anybody's payment to any shop."""
    return onchain.open_campaign(region, FUNDS)


def escrow(onchain: LedgerFixture) -> int:
    """Cents in escrow."""
    return onchain.balance(onchain.ledger.campaignEscrow())


def sectors(*codes: int) -> int:
    """Sectors as the terms carry them."""
    return sum(code << 16 * place for place, code in enumerate(codes))
