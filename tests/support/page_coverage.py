"""Which of the pages' JavaScript Chromium runs: V8's own count, kept for scripts/analysis/js_coverage.mjs.

Counts every page of a test that is opened by `new_page` and closed with its context or browser; other tests
need not know. Not counted: service workers, and what a page ran in a process that Chromium left by itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Error, Page

#: The folder to write into; nothing is counted without it. Set by `make test` and `make coverage`.
VARIABLE = "ALBA_PAGE_COVERAGE"
#: Only what the programs serve: not what a test evaluates in a page.
SERVED = "/static/"

_counting: dict[Page, CDPSession] = {}


def count_pages() -> None:
    """From now on, in this process, when the environment names a folder."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        return
    target = Path(folder).resolve()
    target.mkdir(parents=True, exist_ok=True)
    open_page = BrowserContext.new_page

    def new_page(context: BrowserContext) -> Page:
        page = open_page(context)
        session = context.new_cdp_session(page)
        session.send("Profiler.enable")
        session.send("Profiler.startPreciseCoverage", {"callCount": False, "detailed": True})
        _counting[page] = session
        return page

    BrowserContext.new_page = new_page  # type: ignore[assignment, method-assign]
    _before_closing(Page, lambda page: [page], target)
    _before_closing(BrowserContext, lambda context: context.pages, target)
    _before_closing(
        Browser, lambda browser: [page for each in browser.contexts for page in each.pages], target
    )


def _before_closing(kind: type, pages_of: Callable[[Any], list[Page]], target: Path) -> None:
    close = kind.close  # type: ignore[attr-defined]

    def counted_close(self: Any, **options: Any) -> None:
        for page in pages_of(self):
            _keep(page, target)
        close(self, **options)

    kind.close = counted_close  # type: ignore[attr-defined]


def _keep(page: Page, target: Path) -> None:
    session = _counting.pop(page, None)
    if session is None:
        return
    with contextlib.suppress(Error):  # the page crashed or is gone: its test says so
        counted = session.send("Profiler.takePreciseCoverage")["result"]
        served = [script for script in counted if SERVED in script["url"]]
        (target / f"{uuid.uuid4()}.json").write_text(json.dumps({"result": served}), "utf-8")
