"""The directory in the console: what changed beside what was, taken out with a ground, brought back."""

from __future__ import annotations

import pytest

from tests.integration.faces.console.test_pages import Browser
from tests.support.console_services import ConsoleServices
from wallet_service.directory.models import NO_HOURS, Card, Way

CARD = Card(
    sells="pain & brioches",
    trades=("56",),
    week=(((420, 780),), ((420, 780),), *NO_HOURS[2:]),
    ways=(Way.TILL, Way.INVOICE),
)


@pytest.fixture
def shop(sqlite_console: ConsoleServices) -> str:
    member_id = sqlite_console.month.shops[0]
    sqlite_console.listings.write(member_id, CARD, is_shown=True)
    return member_id


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "fr",
            (
                "Restauration",
                "lundi et mardi 7 h – 13 h ; mercredi à dimanche fermé",
                "sur facture",
            ),
        ),
        ("en", ("Restaurants and cafés", "Monday and Tuesday 7:00 – 13:00", "by invoice")),
    ],
)
def test_a_change_is_shown_in_words_beside_what_was(
    sqlite_console: ConsoleServices, shop: str, language: str, told: tuple[str, ...]
) -> None:
    page = Browser(sqlite_console, "O1").page("/listings", language)
    assert "Boulangerie du Vieux Pont" in page
    assert "pain &amp; brioches" in page
    for words in told:
        assert words in page


def test_a_change_that_was_seen_waits_no_longer(sqlite_console: ConsoleServices, shop: str) -> None:
    camille = Browser(sqlite_console, "O1")
    (change,) = sqlite_console.listings.waiting()
    path = f"/listings/changes/{change.id}/seen"
    assert "directory.change_moved" in camille.post(path, status=409, revision=str(change.revision + 1))
    camille.post(path, status=422, revision=str(-(2**63) - 1))  # more than any database counts
    camille.post(path, revision=str(change.revision))
    assert "Rien n’a changé" in camille.page("/listings")


def test_a_card_is_taken_out_with_a_ground_and_brought_back(
    sqlite_console: ConsoleServices, shop: str
) -> None:
    camille = Browser(sqlite_console, "O1")
    assert "supervision.ground_missing" in camille.post(
        f"/listings/{shop}/withhold", status=422, ground="non"
    )
    camille.post(f"/listings/{shop}/withhold", ground="Adresse d’un tiers")
    assert all(listing.member_id != shop for listing in sqlite_console.listings.shown())
    assert "Adresse d’un tiers" in camille.page("/listings")
    camille.post(f"/listings/{shop}/restore")
    assert any(listing.member_id == shop for listing in sqlite_console.listings.shown())
