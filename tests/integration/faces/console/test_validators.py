"""What the console shows of a network's validators: each, and how many may still fail."""

from __future__ import annotations

import pytest

from tests.integration.faces.console.test_pages import Browser
from tests.support.console_services import ConsoleServices
from wallet_service.chain.node.several import validations
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


def show_ends(console: ConsoleServices, *days: int | None) -> None:
    each = [validations.Validation(f"127.0.0.1:{9650 + 2 * place}", left) for place, left in enumerate(days)]
    console.chain.ends.found = validations.Validations(tuple(each), 0)


def test_each_validators_days_are_shown_and_none_calls_while_all_are_far(
    sqlite_console: ConsoleServices, camille: Browser
) -> None:
    show(sqlite_console, 9, 9, 9, 9, None)
    show_ends(sqlite_console, 337, 344, 351, 358, None)
    page = camille.page("/network")
    assert "encore 337 jours" in page
    assert page.count("encore ") == 4
    assert "à renouveler" not in page
    assert "à renouveler" not in camille.page("/")


@pytest.mark.parametrize(
    ("days", "words", "pill"),
    [
        (59, "finit dans 59 jours : à renouveler.", "pill wait"),
        (29, "finit dans 29 jours : à renouveler.", "pill wait"),
        (1, "finit dans 1 jour : à renouveler.", "pill bad"),
        (validations.ENDED, "est finie : à renouveler.", "pill bad"),
    ],
)
def test_an_end_that_is_near_is_said_on_both_pages(
    sqlite_console: ConsoleServices, camille: Browser, days: int, words: str, pill: str
) -> None:
    show(sqlite_console, 9, 9, 9, 9, 9)
    show_ends(sqlite_console, 344, days, 351, 358, 365)
    page = camille.page("/network")
    assert f"La validation de 127.0.0.1:9652 {words}" in page
    assert pill in page
    assert "Une validation est à renouveler." in camille.page("/")
