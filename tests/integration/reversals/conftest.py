"""The bank's side with reversals, on each database."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support.reversal_side import ReversalSide


@pytest.fixture
def side(engine: Engine, tmp_path: Path) -> ReversalSide:
    return ReversalSide(engine, tmp_path)
