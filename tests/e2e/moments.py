"""Moments of pages that take steps to reach, for the accessibility tests."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from playwright.sync_api import Error, FilePayload, Route, expect

from tests.e2e import steps
from tests.e2e.looks import Reach, State, goto, look_at
from tests.support.browsers import WAIT_MS, Person
from tests.support.system import System

#: The service has forgotten every sale.
GONE = {"state": "gone"}


def check_receipt(who: Person, content: bytes, verdict: re.Pattern[str]) -> None:
    file: FilePayload = {"name": "receipt.json", "mimeType": "application/json", "buffer": content}
    who.page.locator("#receipt-file").set_input_files([file])
    expect(who.page.locator("#receipt-verdict")).to_contain_text(verdict, timeout=WAIT_MS)


def of_me(who: Person, wallet: str) -> list[State]:
    """What a member finds of themselves."""
    return [
        State(f"/{name}", name, goto(who, f"{wallet}/{name}"))
        for name in ("me", "display", "notices", "move", "data")
    ]


def search_in_vain(desk: Person) -> None:
    desk.page.locator("#words").fill("zzz")
    desk.page.locator("#words").press("Enter")
    nothing = desk.page.get_by_text(re.compile("Aucun mouvement ne c|No movement m"))
    expect(nothing).to_be_visible(timeout=WAIT_MS)


def open_by_code(phone: Person, tablet: Person, system: System, digits: str) -> None:
    sale = steps.charge(tablet, digits)
    phone.page.goto(f"{system.wallet}/code/{sale.short_code}")


class TillMoments:
    """The till's page, and what the service's answer is made to say instead, for moments too short to see."""

    def __init__(self, system: System, tablet: Person, phone: Person) -> None:
        self._system, self._tablet, self._phone = system, tablet, phone
        self._page = tablet.page
        self._instead: dict[str, Any] = {}
        self._page.route("**/api/state", self._answer)

    def _answer(self, route: Route) -> None:
        if not self._instead:
            route.fallback()
            return
        with suppress(Error):  # the page was left meanwhile
            heard = route.fetch()
            body = heard.json()
            if self._instead == GONE:
                body["book"]["sales"].clear()
            else:
                body["book"]["sales"][0].update(self._instead)
            route.fulfill(response=heard, json=body)

    def typed(self) -> None:
        for digit in "1250":
            self._page.keyboard.press(digit)

    def shown_as(self, **changes: Any) -> Reach:
        def reach() -> None:
            self._instead.clear()
            self._instead.update(changes)
            self._page.reload()

        return reach

    def unknown(self) -> None:
        self._page.route("**/api/sales/*", lambda route: route.abort())
        self.shown_as(**GONE)()

    def silent(self) -> None:
        self._instead.clear()
        self._page.unroute("**/api/sales/*")
        self._page.route("**/api/events", lambda route: route.abort())
        self._page.reload()
        expect(self._page.locator(".band")).to_be_visible(timeout=WAIT_MS)

    def paid(self) -> None:
        self._page.unroute("**/api/events")
        self._page.reload()
        code = self._page.locator("#short-code").get_attribute("data-code")
        steps.pay_with_code(self._phone, self._system, str(code))
        steps.till_turns_green(self._tablet)

    def back_to_keypad(self) -> None:
        self._page.locator("#new-sale").click()

    def sheet(self, *openers: str) -> Reach:
        """Click these, one after the other; the last one leaves a sheet open."""

        def again() -> None:
            for opener in openers:
                self._page.locator(opener).first.click()
            expect(self._page.locator("dialog[open]")).to_be_visible(timeout=WAIT_MS)

        return again

    def ask_back(self) -> None:
        self._page.locator(".sales-list .entry").first.click()
        self._page.locator("#ask-refund").click()
        expect(self._page.get_by_text("demandé").first).to_be_visible(timeout=WAIT_MS)
        self._page.keyboard.press("Escape")


def look_at_a_stop(desk: Person, second: Person, system: System) -> set[str]:
    """Payments stopped, and the resumption that waits for a second officer. Ends with payments open."""
    console, page = system.console, desk.page
    steps.officer_enters(second, system, "second")

    def stopped() -> None:
        page.goto(console)
        steps.act(desk, "Arrêter les paiements…", "Arrêter les paiements", "Exercice d’arrêt")
        expect(page.get_by_text("Paiements arrêtés").first).to_be_visible(timeout=WAIT_MS)

    def resume_asked() -> None:
        page.goto(console)
        steps.act(desk, "Demander la reprise…", "Demander la reprise", "Fin de l’exercice")
        page.goto(f"{console}/approvals")

    try:
        seen = look_at(desk, [State("/", "overview, payments stopped", stopped)])
    finally:
        resume_asked()
        second.page.goto(f"{console}/approvals")
        second.page.locator("article", has_text="Fin de l’exercice").get_by_role("button").first.click()
        dialog = second.page.locator("dialog[open]")
    try:
        to_sign = State("/approvals", "a resumption to sign", goto(desk, f"{console}/approvals"))
        seen |= look_at(desk, [to_sign])
    finally:
        steps.confirm_act(second, dialog, "Signer")
        second.sees("C’est signé.")
        second.page.goto(console)
        expect(second.page.get_by_text("Paiements ouverts").first).to_be_visible(timeout=WAIT_MS)
    return seen
