"""The help's words: every language whole, every screen spoken of, every list of places read or refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.pages import WALLET_ROUTES
from wallet_service.faces.public.routers.help import TOPIC_OF
from wallet_service.help import documents
from wallet_service.help.documents import HelpTextsInvalid, help_texts
from wallet_service.help.places import COLUMNS, MAX_PLACES, HelpPlacesInvalid, places_of, read_places
from wallet_service.languages.catalogues import FIRST, SECOND, languages

LANGUAGES = documents.languages()
FILLED = {"currency", "unit", "issuer", "region", "held", "spent"}
HEAD = ",".join(COLUMNS)
ROOT = Path(__file__).parents[3]


def test_a_language_without_help_shows_the_french_one_whole() -> None:
    assert {FIRST, SECOND} <= set(documents.languages()) <= set(languages())
    assert documents.language_shown("uk") == FIRST
    assert help_texts("uk") == help_texts(FIRST)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_of_the_wallet_is_spoken_of(language: str) -> None:
    screens = {route.split("/")[1].lower() for route in WALLET_ROUTES}
    topics = help_texts(language).topics
    assert {TOPIC_OF.get(screen, screen) for screen in screens} <= set(topics)
    assert {"till", "console", *TOPIC_OF.values()} <= set(topics)


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_say_something_and_are_filled_with_what_is_known(language: str) -> None:
    texts = help_texts(language)
    said = [topic.text for topic in texts.topics.values()]
    for document in texts.documents.values():
        assert document.sections
        said += [document.summary]
        for section in document.sections:
            said += [section.title, *section.paragraphs]
    assert all(said)
    assert {name for text in said for name in re.findall(r"{(\w*)}", text)} <= FILLED


@pytest.mark.parametrize(
    ("find", "replaced", "says"),
    [
        ("[topics.home]", "[topics.house]", "other topics"),
        ("version = 2026-12-01", "version = 2026-12-02", "other versions"),
        ("version = 2026-12-01", 'version = "soon"', "a version is a day"),
        ("title = ", "titel = ", "title"),
        ("[documents.fees]", "[documents.fees", ""),
    ],
)
def test_a_language_that_lags_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, find: str, replaced: str, says: str
) -> None:
    for language in LANGUAGES:
        text = (documents.TEXTS / f"{language}.toml").read_text("utf-8")
        (tmp_path / f"{language}.toml").write_text(text, "utf-8")
    lagging = text.replace(find, replaced, 1)
    assert lagging != text
    (tmp_path / "en.toml").write_text(lagging, "utf-8")
    monkeypatch.setattr(documents, "TEXTS", tmp_path)
    help_texts.cache_clear()
    try:
        with pytest.raises(HelpTextsInvalid, match=says):
            help_texts("en")
    finally:
        help_texts.cache_clear()


def test_a_third_language_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (documents.TEXTS / "fr.toml").read_text("utf-8")
    (tmp_path / "fr.toml").write_text(text, "utf-8")
    (tmp_path / "nrf.toml").write_text(text.replace("L’accueil", "L’bouon arrivaée"), "utf-8")
    monkeypatch.setattr(documents, "TEXTS", tmp_path)
    help_texts.cache_clear()
    try:
        assert documents.languages() == ["fr", "nrf"]
        assert help_texts("nrf").topics["home"].title == "L’bouon arrivaée"
    finally:
        help_texts.cache_clear()


def test_every_text_is_kept_on_the_phone_for_where_there_is_no_network() -> None:
    worker = (ROOT / "wallet_service/faces/wallet/src/service_worker.js").read_text("utf-8")
    (kept,) = re.findall(r"const DOCUMENTS = \[(.*)\];", worker)
    assert re.findall(r'"(\w+)"', kept) == list(help_texts(FIRST).documents)


def test_places_are_read_by_commune_and_name() -> None:
    read = places_of(f"{HEAD}\nB,76540,rue,,\nA,76540,rue,,0261910001\nC,14118,rue,9 h,\n")
    assert [(each.commune, each.name) for each in read] == [("Caen", "C"), ("Rouen", "A"), ("Rouen", "B")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: the columns"),
        ("name;commune\n", "line 1: the columns"),
        (f"{HEAD}\nA,75056,rue,,\n", "line 2: '75056' is no INSEE code"),
        (f"{HEAD}\nA,76540,rue\n", "line 2: 5 columns"),
        (f"{HEAD}\nA,76540,rue,,,more\n", "line 2: 5 columns"),
        (f"{HEAD}\n ,76540,rue,,\n", "line 2: a place has a name"),
        (f"{HEAD},desk\nA,76540,rue,,,perhaps\n", "line 2: desk is yes or empty"),
        (f"{HEAD}\n" + "A,76540,rue,,\n" * (MAX_PLACES + 1), "more than 2000 places"),
    ],
)
def test_a_wrong_list_of_places_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(HelpPlacesInvalid, match=says):
        places_of(text)


def test_a_list_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for file in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(HelpPlacesInvalid):
            read_places(file)
    latin = tmp_path / "latin.csv"
    latin.write_bytes(f"{HEAD}\nÉvreux".encode("latin-1"))
    with pytest.raises(HelpPlacesInvalid, match="not UTF-8"):
        read_places(latin)


def test_the_demonstrations_list_is_in_order() -> None:
    places = read_places(ROOT / "scripts" / "demo" / "help_places.csv")
    assert [each.has_desk for each in places].count(True) == 2
    assert len(places) == 5
