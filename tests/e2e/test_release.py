"""A release while pages are open: real workers, real Chromium, the built pages, and another build of them.

The other build is this one under other names: a browser knows scripts by nothing else.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine

from tests.e2e.test_phone_cases import LIMITS, SALE
from tests.support.axe import bring_axe, violations_of
from tests.support.browsers import PHONE, WAIT_MS
from tests.support.databases import sqlite_engine, sqlite_url
from tests.support.ports import free_port
from tests.support.web import HttpFixture, build_http_fixture
from wallet_service.faces.apps import wallet_app
from wallet_service.faces.shell.assets import DIST
from wallet_service.faces.shell.rendering import assets

__all__ = ["sqlite_engine", "sqlite_url"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
START_DEADLINE_S = 20


@dataclass
class Served:
    """The wallet's app on a port, with a build of its own that a test may replace."""

    env: HttpFixture
    origin: str
    dist: Path

    def release(self) -> None:
        """The same code as the next release: other names, and what is gone is gone."""
        manifest = json.loads((self.dist / "manifest.json").read_text("utf-8"))
        renamed = {
            name: re.sub(r"\.([A-Z0-9]{8})\.js$", lambda found: f".{found[1][::-1]}.js", name)
            for name in manifest.values()
        }
        texts = {name: (self.dist / name).read_bytes() for name in renamed}
        for name in renamed:
            (self.dist / name).unlink()
        for name, content in texts.items():
            if name.endswith(".js"):
                for old, new in renamed.items():
                    content = content.replace(old.encode(), new.encode())
            if name.endswith("service-worker.js"):
                content = re.sub(rb'version:"(\w+)"', rb'version:"\1-next"', content)
            (self.dist / renamed[name]).write_bytes(content)
        written = {name: renamed[file] for name, file in manifest.items()}
        (self.dist / "manifest.json").write_text(json.dumps(written), "utf-8")


@pytest.fixture
def served(sqlite_engine: Engine, tmp_path: Path) -> Iterator[Served]:
    dist, port = tmp_path / "dist", free_port()
    shutil.copytree(DIST, dist)
    origin = f"http://localhost:{port}"
    env = build_http_fixture(sqlite_engine)
    env.settings = env.settings.model_copy(update={"wallet_origin": origin})
    before, assets.dist = assets.dist, dist
    assets._read_at_ns = 0
    env.push.start()
    app = wallet_app(env)  # type: ignore[arg-type]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline_s = time.monotonic() + START_DEADLINE_S
    while not server.started:
        assert time.monotonic() < deadline_s
        time.sleep(0.02)
    yield Served(env, origin, dist)
    env.push.stop()
    server.should_exit = True
    thread.join(timeout=10)
    assets.dist, assets._read_at_ns = before, 0


@pytest.fixture
def phone(browser: Browser, served: Served) -> Iterator[tuple[BrowserContext, Page]]:
    context = browser.new_context(viewport=PHONE, locale="fr-FR")  # type: ignore[arg-type]
    context.add_init_script("delete globalThis.BarcodeDetector")
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(served.origin)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    yield context, page
    context.close()


def script_of(page: Page) -> str:
    return str(page.evaluate("document.querySelector('script[type=module]').getAttribute('src')"))


def take_over(page: Page) -> None:
    """The browser finds the next worker, as it does by itself now and then."""
    page.evaluate(
        """() => new Promise((done) => {
          navigator.serviceWorker.addEventListener("controllerchange", () => done(true));
          navigator.serviceWorker.ready.then((registration) => registration.update());
        })"""
    )


def open_wallet(page: Page, served: Served) -> None:
    page.get_by_role("button", name="Ouvrir un portefeuille").click()
    expect(page.locator(".tabs")).to_be_visible()
    served.env.apply_commands()


def test_a_page_in_mid_sale_goes_on_with_its_own_scripts_and_is_offered_the_next(
    served: Served, phone: tuple[BrowserContext, Page]
) -> None:
    context, page = phone
    open_wallet(page, served)
    # The sale is on the screen, one tap from paid.
    page.route("**/v1/sales/by-code/482913", lambda route: route.fulfill(json=SALE))
    page.route("**/v1/me", lambda route: route.fulfill(json=with_money(route.fetch().json())))
    page.goto(f"{served.origin}/code/482913")
    expect(page.locator(".pay-button")).to_be_visible()
    page.evaluate("globalThis.kept = true")
    before = script_of(page)
    served.release()
    take_over(page)
    # In the middle of something: nothing moves and nothing is said.
    page.wait_for_timeout(500)
    assert page.evaluate("globalThis.kept") is True
    expect(page.get_by_text("Une nouvelle version est prête")).to_have_count(0)
    # Parts of the old release that were never fetched, screens and the reader of codes, are still to be had.
    chunks = before_chunks(page, served)
    assert len(chunks) > 1
    assert page.evaluate("(paths) => Promise.all(paths.map((path) => import(path))).then(() => true)", chunks)
    # At rest it is offered; taken, the next release runs, whole, and also without network.
    page.get_by_role("link", name=re.compile("Accueil|Retour|Annuler")).first.click()
    offer = page.get_by_text("Une nouvelle version est prête")
    expect(offer).to_be_visible()
    page.get_by_role("button", name="Recharger").click()
    page.wait_for_function("() => globalThis.kept === undefined")
    expect(page.locator(".tabs")).to_be_visible()
    assert script_of(page) != before
    context.set_offline(True)
    page.reload()
    expect(page.locator(".home")).to_be_visible()
    assert script_of(page) != before


def with_money(me: dict[str, Any]) -> dict[str, Any]:
    return {**me, "balance": {**me["balance"], "available_cents": 2_000}, "limits": LIMITS, "state": "active"}


def before_chunks(page: Page, served: Served) -> list[str]:
    """Late parts that this page's own release has and the server no longer."""
    kept = page.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys()) {
            const requests = await (await caches.open(name)).keys();
            found.push(...requests.map(({url}) => new URL(url).pathname));
          }
          return found;
        }"""
    )
    gone = [path for path in kept if not (served.dist / path.rpartition("/")[2]).exists()]
    return [path for path in gone if "/chunk." in path]


def test_a_new_page_is_never_kept_beside_old_scripts(
    served: Served, phone: tuple[BrowserContext, Page]
) -> None:
    context, page = phone
    before = script_of(page)
    served.release()
    page.goto(f"{served.origin}/welcome")  # the new page, before the new worker is there
    assert script_of(page) != before
    page.wait_for_timeout(300)
    context.set_offline(True)
    page.goto(f"{served.origin}/welcome")
    expect(page.get_by_role("button", name="Ouvrir un portefeuille")).to_be_visible()


def test_a_page_whose_script_is_nowhere_says_what_to_do(served: Served, browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE, locale="fr-FR", service_workers="block")  # type: ignore[arg-type]
    bring_axe(context)
    page = context.new_page()
    page.route("**/static/wallet.*.js", lambda route: route.abort())
    page.goto(served.origin)
    help_text = page.get_by_role("heading", name="L’application ne s’est pas ouverte")
    expect(help_text).to_be_visible(timeout=12_000)
    assert violations_of(page) == []
    page.unroute("**/static/wallet.*.js")
    page.get_by_role("link", name="Recharger").click()
    expect(page.get_by_role("button", name="Ouvrir un portefeuille")).to_be_visible()
    context.close()


def test_a_late_part_that_is_gone_leaves_the_digits_and_says_to_reload(
    served: Served, browser: Browser
) -> None:
    context = browser.new_context(viewport=PHONE, locale="fr-FR", service_workers="block")  # type: ignore[arg-type]
    context.add_init_script("delete globalThis.BarcodeDetector")
    page = context.new_page()
    page.goto(served.origin)
    open_wallet(page, served)
    served.release()  # no worker has kept anything
    page.get_by_role("link", name="Scanner").click()
    expect(page.locator(".scan-away")).to_contain_text("L’application a changé entre-temps")
    expect(page.locator("#short-code")).to_be_visible()
    page.get_by_role("button", name="Recharger").click()
    expect(page.locator(".scan-view.live")).to_be_visible(timeout=WAIT_MS)
    context.close()
