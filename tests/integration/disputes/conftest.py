"""Disputes, on each database."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support.dispute_side import DisputeSide


@pytest.fixture
def side(engine: Engine, tmp_path: Path) -> DisputeSide:
    return DisputeSide(engine, tmp_path)
