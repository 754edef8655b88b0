"""What a card may say, where a shop may stand, what a search forgives."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from wallet_service.directory import decisions
from wallet_service.directory.decisions import (
    checked_card,
    checked_week,
    distance_km,
    found,
    phone_words,
    words_of,
)
from wallet_service.directory.errors import CardInvalid, HoursInvalid, SpotTooFar
from wallet_service.directory.models import NO_HOURS, Card, Listing, Spot, Way
from wallet_service.territory import communes
from wallet_service.territory.geography import commune_spots, outline

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "finding.json").read_text("utf-8"))
ROUEN, CAEN = Spot(4944327, 109982), Spot(4918290, -36983)
NINE_TO_NOON = ((540, 720),)


def listing(**changes: object) -> Listing:
    made = Listing(
        id="3f9a1c2b7d",
        member_id="m1",
        kind="merchant",
        name="Fournil des Deux Rives",
        sector="10",
        commune_code="76540",
        commune="Rouen",
        card=Card(sells="pain au levain"),
        picture_digest=None,
        spot=ROUEN,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "words"), VECTORS["words"])
def test_words_lose_case_accents_ligatures_and_signs(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(("phone", "asked", "is_found"), VECTORS["phones"])
def test_a_number_is_found_however_it_is_grouped_and_no_other(phone: str, asked: str, is_found: bool) -> None:
    assert found(phone_words(phone), asked) is is_found


@pytest.mark.parametrize(("told", "asked", "is_found"), VECTORS["found"])
def test_a_search_forgives_slips_and_not_more(told: str, asked: str, is_found: bool) -> None:
    assert found(words_of(told), asked) is is_found


def test_a_listing_is_found_by_its_trade_in_both_languages_and_by_its_group() -> None:
    bakery, library = listing(), listing(name="Les Ducs", sector="91", card=Card())
    assert decisions.searched([bakery, library], "food crafts", "") == [bakery]
    assert decisions.searched([bakery, library], "musees", "") == [library]
    assert decisions.searched([bakery, library], "", "culture") == [library]
    tea_room = listing(card=Card(trades=("56",)))
    assert decisions.searched([tea_room], "", "hospitality") == [tea_room]


def test_a_card_is_kept_in_one_form() -> None:
    kept = checked_card(
        Card(
            sells="  pain \u00a0 et\tbrioches ",
            trades=("10", "56", "56"),
            week=(((840, 1140), (540, 750)), *NO_HOURS[1:]),
            ways=(Way.INVOICE, Way.TILL, Way.TILL),
            website="Fournil.Example.com/pains/",
            phone="02 61-91 00.06",
        ),
        "10",
        ROUEN,
    )
    assert kept.sells == "pain et brioches"
    assert kept.trades == ("56",)
    assert kept.week[0] == ((540, 750), (840, 1140))
    assert kept.ways == (Way.TILL, Way.INVOICE)
    assert kept.website == "https://fournil.example.com/pains"
    assert kept.phone == "0261910006"
    assert Card.from_json(json.loads(json.dumps(kept.to_json()))) == kept


@pytest.mark.parametrize(
    ("field", "card"),
    [
        ("sells", Card(sells="a" * 241)),
        ("sells", Card(sells="pain\u202e")),
        ("address", Card(address="a" * 121)),
        ("trades", Card(trades=("99",))),
        ("trades", Card(trades=("47", "56", "95"))),
        ("website", Card(website="javascript:alert(1)")),
        ("website", Card(website="https://user@example.com")),
        ("website", Card(website="https://example.com:8443")),
        ("website", Card(website='https://example.com/"onclick')),
        ("website", Card(website="http://localhost")),
        ("phone", Card(phone="appelez-moi")),
        ("phone", Card(phone="12345")),
        ("spot", Card(spot=Spot(9_100_000, 0))),
        ("week", Card(week=NO_HOURS[:6])),
    ],
)
def test_what_a_card_may_not_say_is_named(field: str, card: Card) -> None:
    with pytest.raises(CardInvalid) as refused:
        checked_card(card, "10", ROUEN)
    assert refused.value.values["field"] == field


@pytest.mark.parametrize(
    "day",
    [
        ((720, 540),),
        ((540, 540),),
        ((-1, 540),),
        ((540, 720), (700, 900)),
        ((1440, 1500),),
        ((1200, 1801),),
        ((60, 120), (180, 240), (300, 360), (420, 480)),
    ],
)
def test_hours_that_no_shop_has_are_refused_with_their_day(day: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(HoursInvalid) as refused:
        checked_week((NINE_TO_NOON, day, *NO_HOURS[2:]))
    assert refused.value.values["day"] == "mardi"


def test_a_bar_may_close_at_six_in_the_morning() -> None:
    week = (((1080, 1800),), *NO_HOURS[1:])
    assert checked_week(week) == week


def test_a_shop_stands_within_twenty_kilometres_of_its_commune() -> None:
    near, far = (
        Spot(ROUEN.latitude_e5 + 17_000, ROUEN.longitude_e5),
        Spot(ROUEN.latitude_e5 + 19_000, ROUEN.longitude_e5),
    )
    assert checked_card(Card(spot=near), "10", ROUEN).spot == near
    with pytest.raises(SpotTooFar):
        checked_card(Card(spot=far), "10", ROUEN)
    assert checked_card(Card(spot=far), "10", None).spot == far  # a commune nobody knows the place of


def test_the_distance_is_the_one_of_the_map() -> None:
    assert distance_km(ROUEN, CAEN) == pytest.approx(110.6, abs=0.5)
    assert distance_km(ROUEN, ROUEN) == 0


def test_a_page_is_named_by_words_and_found_by_its_id_alone() -> None:
    name = decisions.page_name(listing(name="L’Atelier d'Émile", commune="Saint-Lô"))
    assert name == "l-atelier-d-emile-saint-lo-3f9a1c2b7d"
    assert decisions.id_of_page(name) == "3f9a1c2b7d"
    assert decisions.id_of_page("old-words-3f9a1c2b7d") == "3f9a1c2b7d"
    for other in ("", "fournil", "fournil-3F9A1C2B7D", "3f9a1c2b7d0", "../3f9a1c2b7"):
        assert decisions.id_of_page(other) is None


def test_a_public_id_tells_nothing_of_the_members_own() -> None:
    one, other = decisions.public_id("member-1"), decisions.public_id("member-2")
    assert one != other
    assert len(one) == decisions.ID_DIGITS
    assert "member" not in one


def test_nearly_every_commune_has_a_place_and_it_is_on_the_map() -> None:
    spots, at = commune_spots(), outline().projection
    assert spots.keys() <= communes().keys()
    assert len(communes()) - len(spots) <= 3
    for latitude_e5, longitude_e5 in spots.values():
        x, y = at.point(latitude_e5 / 1e5, longitude_e5 / 1e5)
        assert 0 < x < at.width
        assert 0 < y < at.height
    assert set(outline().towns) <= spots.keys()
