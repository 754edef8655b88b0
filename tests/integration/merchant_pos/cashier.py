"""A till's page and what a cashier does with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.support.browsers import CHROMIUM
from tests.support.fake_service import FakeService

if TYPE_CHECKING:
    from tests.integration.merchant_pos.conftest import RunningPos

ROOT = Path(__file__).parents[3]
TABLET = (1180, 820)
#: Size, colour scheme, language.
Screen = tuple[tuple[int, int], Literal["light", "dark"], str]

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TIMEOUT_MS = 15_000


class Till:
    """A page and what a cashier does with it. Fails on any script error or refused resource."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.errors: list[str] = []
        page.set_default_timeout(TIMEOUT_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self._note(line.type, line.text))

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:
            self.errors.append(text)

    def pair(self, code: str = "ABCD2345") -> Till:
        self.page.goto(self.url)
        self.page.fill("#pairing-code", code)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector("#charge")
        return self

    def stage(self, name: str) -> None:
        self.page.wait_for_selector(f"#stage[data-stage={name}]")

    def charge(self, digits: str = "1250") -> None:
        for digit in digits:
            self.page.click(f'[data-key="{digit}"]')
        self.page.click("#charge")
        self.page.wait_for_selector("#sale-qr")

    def check_screen(self, name: str) -> None:
        """No axe violation, nothing wider than the screen."""
        if self.page.evaluate("() => !window.axe"):
            self.page.evaluate((ROOT / "node_modules/axe-core/axe.min.js").read_text() + "; 0")
        found = self.page.evaluate(
            """async (tags) => (await axe.run(document, {runOnly: tags})).violations
                 .map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)""",
            AXE_TAGS,
        )
        assert found == [], name
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"


def newest(service: FakeService) -> str:
    return list(service.sales)[-1]


def announced(till: Till, words: str) -> None:
    expect(till.page.locator("#announcements")).to_contain_text(words)


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield chromium
    chromium.close()


@pytest.fixture
def till(request: pytest.FixtureRequest, browser: Browser, pos: RunningPos) -> Iterator[Till]:
    """A new tablet, by default of 1180 x 820 in French and light."""
    given: Screen = getattr(request, "param", (TABLET, "light", "fr-FR"))
    size, scheme, language = given
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        locale=language,
        reduced_motion="reduce",
    )
    opened = Till(context.new_page(), pos.url)
    yield opened
    context.close()
    assert opened.errors == []
