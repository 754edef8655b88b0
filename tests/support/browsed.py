"""A face's pages in a real browser without a socket: the app in this process answers each of its requests.

For what a page does by itself. The service is what `tests/support/web.py` builds; an answer may be replaced
(`instead`, by a value or by what makes one of the request). What was asked and sent is kept. Nothing is
ever pushed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.support.browsers import PHONE, WAIT_MS
from tests.support.web import WALLET_ORIGIN, HttpFixture

STREAM = "retry: 600000\nevent: stream.open\nid: 1\ndata: {}\n\n"
STREAMS = ("/v1/events", "/v1/public/events")
#: What the browser speaks of for itself; the app's own client sets the rest.
PASSED_ON = ("accept", "accept-language", "content-type", "x-csrf-token", "origin")


@dataclass
class Browsed:
    """One profile whose service is `client`. `asked` holds "GET /v1/me" and so on, in order."""

    context: BrowserContext
    page: Page
    client: TestClient
    origin: str = WALLET_ORIGIN
    instead: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def goto(self, path: str) -> None:
        self.page.goto(self.origin + path)

    def answer(self, route: Route) -> None:
        request = route.request
        address = urlsplit(request.url)
        if f"{address.scheme}://{address.netloc}" != self.origin:
            route.abort()
            return
        name = f"{request.method} {address.path}"
        self.asked.append(name)
        self.sent.append(f"{request.url} {request.post_data or ''}")
        if address.path in STREAMS:
            route.fulfill(content_type="text/event-stream", body=STREAM)
            return
        if name in self.instead:
            said = self.instead[name]
            route.fulfill(status=200, json=said(request) if callable(said) else said)
            return
        headers = {each: value for each, value in request.headers.items() if each in PASSED_ON}
        target = address.path + (f"?{address.query}" if address.query else "")
        heard = self.client.request(
            request.method,
            target,
            content=request.post_data_buffer,
            headers={**headers, "host": address.netloc},
        )
        sent = {each: value for each, value in heard.headers.items() if each != "set-cookie"}
        route.fulfill(status=heard.status_code, headers=sent, body=heard.content)


def browse(browser: Browser, client: TestClient, origin: str = WALLET_ORIGIN, **options: Any) -> Browsed:
    """A new profile; its cookies are kept by `client`."""
    context = browser.new_context(
        viewport=options.pop("viewport", PHONE),
        locale=options.pop("locale", "fr-FR"),
        timezone_id="Europe/Paris",
        service_workers="block",
        **options,
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    made = Browsed(context, page, client, origin)
    page.on("pageerror", lambda error: made.faults.append(f"page error: {error}"))
    context.route("**/*", made.answer)
    return made


def open_wallet(who: Browsed, env: HttpFixture) -> None:
    """A visitor's wallet from its first page, and the ledger knows it."""
    who.goto("/")
    who.page.get_by_role("button", name="Ouvrir un portefeuille").click()
    expect(who.page.locator(".tabs")).to_be_visible(timeout=WAIT_MS)
    env.apply_commands()
