"""The bank's side on each database, for the tests of top-ups, redemptions and the treasury."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support.bank_side import BankSide

SALES_CENTS = 500_00


@pytest.fixture
def side(engine: Engine, tmp_path: Path) -> BankSide:
    return BankSide(engine, tmp_path)


@pytest.fixture
def shop(side: BankSide) -> str:
    """A merchant who has taken 500."""
    member = side.merchant()
    side.load(member, SALES_CENTS)
    return member
