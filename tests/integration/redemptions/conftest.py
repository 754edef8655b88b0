"""The bank side on each database, for redemptions."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support.bank_side import BankSide


@pytest.fixture
def side(engine: Engine, tmp_path: Path) -> BankSide:
    return BankSide(engine, tmp_path)
