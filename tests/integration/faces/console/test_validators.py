"""What the console shows of a network's validators: each, and how many may still fail."""

from __future__ import annotations

import pytest

from tests.integration.faces.console.test_pages import Browser
from tests.support.console_services import ConsoleServices
from wallet_service.chain.node.several.story import Look, State, judge

NOW_UNIX_S = 1_795_500_000


def look(place: int, height: int | None, state: State = State.WELL) -> Look:
    block_hash = None if height is None else "0x" + "11" * 32
    return Look(place, f"127.0.0.1:{9650 + 2 * place}", state, height, NOW_UNIX_S, block_hash)


def show(console: ConsoleServices, *heights: int | None) -> None:
    looks = [
        look(place, height, State.WELL if height is not None else State.AWAY)
        for place, height in enumerate(heights)
    ]
    console.chain.nodes.found = judge(looks, None)


@pytest.fixture
def camille(sqlite_console: ConsoleServices) -> Browser:
    return Browser(sqlite_console, sqlite_console.officers.ensure("Camille", ["observe"]).id)


def test_each_validator_is_shown_with_its_height_and_lag(
    sqlite_console: ConsoleServices, camille: Browser
) -> None:
    show(sqlite_console, 120, 120, 118, 20, 120)
    page = camille.page("/network")
    assert "127.0.0.1:9650" in page
    assert "127.0.0.1:9658" in page
    assert page.count("à jour</span>") == 4
    assert "en retard" in page
    assert "Aucun autre validateur ne peut tomber." in page
    assert camille.page("/").count('class="node off"') == 1


@pytest.mark.parametrize(
    ("heights", "words"),
    [
        ((9, 9, 9, 9, 9), "1 validateur peut encore tomber."),
        ((9, 9, 9, 9, None), "Aucun autre validateur ne peut tomber."),
        ((9, 9, 9, None, None), "Trop de validateurs manquent"),
    ],
)
def test_the_page_says_how_many_may_still_fail(
    sqlite_console: ConsoleServices, camille: Browser, heights: tuple[int | None, ...], words: str
) -> None:
    show(sqlite_console, *heights)
    assert words in camille.page("/network")


def test_one_node_alone_is_shown_as_before(camille: Browser) -> None:
    assert "peut encore tomber" not in camille.page("/network")
