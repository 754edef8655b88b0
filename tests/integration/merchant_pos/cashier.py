"""A till's page and what a cashier does with it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.integration.merchant_pos.conftest import ROOT
from tests.support.fake_service import FakeService

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
