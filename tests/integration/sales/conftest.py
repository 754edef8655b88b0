"""A shop with a till, over a ledger in memory."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.support.payments_fixture import PaymentsFixture

#: A merchant's account address and the id of its till.
Shop = tuple[str, str]


@pytest.fixture
def env(engine: Engine) -> PaymentsFixture:
    return PaymentsFixture(engine)


@pytest.fixture
def shop(env: PaymentsFixture) -> Shop:
    return env.merchant()
