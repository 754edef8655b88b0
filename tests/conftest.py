"""What every test module may ask for, and what none may leave behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, sync_playwright


@pytest.fixture(scope="module", autouse=True)
def no_event_loop_stays() -> Iterator[None]:
    """Set up before and ended after everything else of the module: what runs a loop must have ended it."""
    yield
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()


@pytest.fixture(scope="module")
def playwright(no_event_loop_stays: None) -> Iterator[Playwright]:
    """One for each module, never two at a time. Its driver keeps an event loop running in this thread, in
    which nobody else can then start one (`asyncio.run`), so it ends with the module that needs it.
    """
    with sync_playwright() as driver:
        yield driver
