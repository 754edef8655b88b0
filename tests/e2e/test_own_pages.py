"""The pages of a member's own lists and choices, in a browser whose service answers in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine

from tests.support.browsed import Browsed, browse, open_wallet
from tests.support.browsers import WAIT_MS
from tests.support.databases import sqlite_engine, sqlite_url
from tests.support.web import HttpFixture, browser_client_of, build_http_fixture
from wallet_service.faces.apps import wallet_app

__all__ = ["sqlite_engine", "sqlite_url"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = {
    "/contacts": "Mes contacts",
    "/caps": "Mes plafonds",
    "/family": "Proches et aides",
    "/asks": "Demandes",
    "/receive": "Être payé",
    "/notices": "Être prévenu",
    "/data": "Mes données",
}


@pytest.fixture
def env(sqlite_engine: Engine) -> HttpFixture:
    return build_http_fixture(sqlite_engine)


@pytest.fixture
def who(browser: Browser, env: HttpFixture) -> Iterator[Browsed]:
    made = browse(browser, browser_client_of(wallet_app(env)))  # type: ignore[arg-type]
    made.instead |= {"GET /v1/me/reversals": [], "GET /v1/me/movements": []}
    yield made
    made.context.close()
    assert made.faults == []


def test_each_page_of_ones_own_is_there_and_says_no_fault(who: Browsed, env: HttpFixture) -> None:
    open_wallet(who, env)
    for path, title in PAGES.items():
        who.goto(path)
        expect(who.page.get_by_role("heading", level=1, name=title)).to_be_visible(timeout=WAIT_MS)
        expect(who.page.locator(".skeleton, [aria-busy=true]")).to_have_count(0, timeout=WAIT_MS)
        expect(who.page.locator(".notice.bad")).to_have_count(0)
