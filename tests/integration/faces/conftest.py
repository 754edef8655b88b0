"""The two apps over one HttpFixture on SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.support.callers import Callers, called_service
from tests.support.node import ChainUnderTest, chain_session
from tests.support.web import HttpFixture, build_http_fixture, client_of
from wallet_service.faces.apps import console_app, wallet_app

__all__ = ["chain_session"]


@pytest.fixture
def env(sqlite_engine: Engine) -> HttpFixture:
    return build_http_fixture(sqlite_engine)


@pytest.fixture
def wallet(env: HttpFixture) -> TestClient:
    return client_of(wallet_app(env))  # type: ignore[arg-type]


@pytest.fixture
def console(env: HttpFixture) -> TestClient:
    return client_of(console_app(env))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def callers(chain_session: ChainUnderTest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callers]:
    yield from called_service(chain_session, tmp_path_factory.mktemp("callers"))
