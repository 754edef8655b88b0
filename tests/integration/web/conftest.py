"""The two apps over a town on SQLite, with the pages built."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.support.callers import Callers, called_service
from tests.support.node import ChainUnderTest, chain_session
from tests.support.web import Town, build_town, client_of
from wallet_service.web.app import console_app, wallet_app

__all__ = ["chain_session"]

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session", autouse=True)
def built_pages() -> None:
    subprocess.run(
        ["node", "scripts/build/bundle.mjs"], cwd=ROOT, check=True, capture_output=True, timeout=60
    )


@pytest.fixture
def town(sqlite_engine: Engine) -> Town:
    return build_town(sqlite_engine)


@pytest.fixture
def wallet(town: Town) -> TestClient:
    return client_of(wallet_app(town))  # type: ignore[arg-type]


@pytest.fixture
def console(town: Town) -> TestClient:
    return client_of(console_app(town))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def callers(chain_session: ChainUnderTest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callers]:
    yield from called_service(chain_session, tmp_path_factory.mktemp("callers"))
