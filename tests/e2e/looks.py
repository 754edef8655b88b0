"""What the accessibility tests look at: a page in one state, how it is reached, every look of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import expect
from starlette.routing import compile_path

from tests.support.axe import LANGUAGES, faults_of, language_of, settled, speak
from tests.support.browsers import WAIT_MS, Person

Reach = Callable[[], None]


@dataclass(frozen=True)
class State:
    """One page in one state: the route that serves it, how to get there, how to get back after a reload."""

    route: str
    name: str
    reach: Reach
    again: Reach | None = None


def look_at(who: Person, states: Iterable[State]) -> set[str]:
    """Every state in every look; fails with all that is wrong. Returns the routes looked at."""
    faults: list[str] = []
    seen: set[str] = set()
    for state in states:
        if seen:
            speak(who.page, "fr")  # the steps look for French words
            if not isinstance(state.reach, Goto):
                who.page.reload()
                settled(who.page)
        state.reach()
        settled(who.page)
        assert compile_path(state.route)[0].match(urlsplit(who.page.url).path), (state.name, who.page.url)
        faults += faults_of(who.page, state.name, state.again)
        seen.add(state.route)
    speak(who.page, "fr")
    assert faults == [], f"{len(faults)} faults\n" + "\n".join(faults)
    return seen


@dataclass(frozen=True)
class Goto:
    """The way to a state that is one address: it loads the page, in the language spoken from now on."""

    who: Person
    url: str

    def __call__(self) -> None:
        self.who.page.goto(self.url)
        if language_of(self.who.page) != LANGUAGES[0]:  # what the browser had kept of the page before
            self.who.page.reload()


def goto(who: Person, url: str) -> Reach:
    return Goto(who, url)


def void(_: object) -> None:
    """For lambdas that are called for what they do."""


def opens(who: Person, dialog: str) -> Reach:
    """Click what opens that dialog of the console."""

    def again() -> None:
        who.page.locator(f'[data-opens="{dialog}"]').first.click()
        expect(who.page.locator("dialog[open]")).to_be_visible(timeout=WAIT_MS)

    return again
