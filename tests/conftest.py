"""What every test module may ask for, what none may leave behind, and how processes share a run."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from playwright.sync_api import Playwright, sync_playwright

from tests.support import page_coverage, ready, shared
from tests.support.compiled import share_compiled_statements
from tests.support.schedule import WholeUnits, expensive_first

#: Here a test only drives programs beside it: counting the driver's lines costs time and tells little.
DRIVING_FOLDERS = ("tests/chaos/", "tests/e2e/")
_own_folder = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """The process that starts the run makes the folder that all its processes share."""
    if shared.VARIABLE not in os.environ:
        config.stash[_own_folder] = Path(tempfile.mkdtemp(prefix="alba-tests-"))
        os.environ[shared.VARIABLE] = str(config.stash[_own_folder])
    page_coverage.count_pages()
    share_compiled_statements()
    # No example fails for having waited for a core: what takes too long is ended by the test's own limit.
    settings.register_profile("no clock", parent=settings.default, deadline=None)
    settings.load_profile("no clock")


def pytest_unconfigure(config: pytest.Config) -> None:
    folder = config.stash.get(_own_folder, None)
    if folder is not None:
        del os.environ[shared.VARIABLE]
        shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WholeUnits:
    return WholeUnits(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After pytest-randomly, whose order stays within each unit and among units that cost the same."""
    items[:] = [items[index] for index in expensive_first([item.nodeid for item in items])]
    for item in items:
        if item.nodeid.startswith(DRIVING_FOLDERS):
            item.add_marker("no_cover")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Before any test's clock starts: what the collected tests need and is not built yet."""
    if not session.config.option.collectonly:
        ready.build_what_lacks(session.items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    ready.refuse_without(item)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The command that runs one failed test alone, with the same seed."""
    failed = [
        report.nodeid for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, [])
    ]
    for node_id in dict.fromkeys(failed):
        seeds = f"--randomly-seed={config.getoption('randomly_seed', None)}"
        if (drawn_by := config.getoption("--hypothesis-seed", None)) is not None:
            seeds += f" --hypothesis-seed={drawn_by}"
        terminalreporter.write_line(f"run alone:  .venv/bin/pytest {seeds} '{node_id}'")


@pytest.fixture(scope="module", autouse=True)
def no_event_loop_stays() -> Iterator[None]:
    """Set up before and ended after everything else of the module: what runs a loop must have ended it."""
    yield
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()


@pytest.fixture(scope="module")
def playwright(no_event_loop_stays: None) -> Iterator[Playwright]:
    """One for each module, never two at a time.

    Its driver keeps an event loop running in this thread, in which nobody else can then start one
    (`asyncio.run`), so it ends with the module that needs it.
    """
    with sync_playwright() as driver:
        yield driver
