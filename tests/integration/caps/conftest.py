"""People on a real database, their money behind a stand-in for the ledger."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.support.people_side import PeopleSide


@pytest.fixture
def side(engine: Engine) -> PeopleSide:
    return PeopleSide(engine)
