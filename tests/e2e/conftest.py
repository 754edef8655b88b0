"""Whole systems and real browsers. Each file has its own browser and systems; each test its own people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

from tests.support.browsers import DESK, PHONE, TABLET, Camera, Person, launch, person
from tests.support.databases import postgresql_cluster
from tests.support.system import System, running_system

AddPerson = Callable[..., Person]


def _new_postgresql_url() -> str:
    cluster = postgresql_cluster()
    return cluster.url(cluster.create_database())


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp(f"system-{request.param}")
    database_url = _new_postgresql_url() if request.param == "postgresql" else ""
    with running_system(folder, database_url) as running:
        yield running


@pytest.fixture(scope="session")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Camera:
    return Camera(tmp_path_factory.mktemp("camera"))


@pytest.fixture(scope="module")
def browser(playwright: Playwright, camera: Camera) -> Iterator[Browser]:
    opened = launch(playwright, camera)
    yield opened
    opened.close()


@pytest.fixture
def people(browser: Browser, system: System, tmp_path: Path) -> Iterator[AddPerson]:
    """`people("phone")` opens a profile; at the end every profile must be without faults."""
    added: list[Person] = []
    origins = {system.wallet, system.till, system.console}
    sizes = {"phone": PHONE, "tablet": TABLET, "desk": DESK}

    def add(kind: str, **options: Any) -> Person:
        added.append(person(browser, sizes[kind], origins, **options))
        return added[-1]

    yield add
    faults = [fault for one in added for fault in one.faults]
    for number, one in enumerate(added):
        one.page.screenshot(path=str(tmp_path / f"last-{number}.png"))
        print(f"--- page {number}: {one.page.url}\n{one.page.inner_text('body')}")
        one.context.close()
    assert not faults, faults
