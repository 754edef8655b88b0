"""Help over HTTP: the screen somebody comes from, a person to talk to, the texts with their version."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.support.web import HttpFixture, build_http_fixture
from wallet_service.faces.apps import wallet_app
from wallet_service.help.documents import help_texts
from wallet_service.help.places import COLUMNS, HelpPlacesInvalid

PLACES = f"{','.join(COLUMNS)}\nEspace du Pont,14118,2 place,,0261910011\nMaison du Robec,76540,8 rue,9 h,\n"


@pytest.fixture
def env(sqlite_engine: Engine) -> HttpFixture:
    return build_http_fixture(sqlite_engine)


def client_with(env: HttpFixture, **settings: object) -> TestClient:
    env.settings = env.settings.model_copy(update=settings)
    return TestClient(wallet_app(env), base_url="http://testserver")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("screen", "topic"), [("", "home"), ("p", "pay"), ("P", "pay"), ("add", "add"), ("till", "till")]
)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_screen_somebody_comes_from_is_said_first(
    env: HttpFixture, screen: str, topic: str, language: str
) -> None:
    page = client_with(env).get(f"/help?from={screen}", headers={"Accept-Language": language}).text
    asked, _, rest = page.partition('id="t-person"')
    title = help_texts(language).topics[topic].title
    assert f'<h2 id="t-asked">{title}</h2>' in asked
    assert "{" not in asked.partition("<main")[2]
    assert "t-asked" not in rest


@pytest.mark.parametrize("address", ["/help", "/help?from=nowhere", "/help?from=%3Cscript%3E"])
def test_no_screen_and_an_unknown_one_show_the_page_alone(env: HttpFixture, address: str) -> None:
    answer = client_with(env).get(address)
    assert answer.status_code == 200
    assert "t-asked" not in answer.text
    assert "nowhere" not in answer.text
    assert "<script>" not in answer.text


def test_a_person_is_reached_as_the_settings_say(env: HttpFixture) -> None:
    page = client_with(env, contact_phone="0261910000", contact_mail="aide@alba.example").get("/help").text
    assert 'href="tel:0261910000"' in page
    assert 'href="mailto:aide@alba.example"' in page
    without = client_with(env, contact_phone="", contact_mail="").get("/help").text
    assert "tel:" not in without
    assert "à son guichet" in without


def test_places_are_shown_by_commune(env: HttpFixture, tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text(PLACES, "utf-8")
    client = client_with(env, help_places_file=file)
    assert all(name in client.get("/help").text for name in ("Espace du Pont", "Maison du Robec"))
    caen = client.get("/help?commune=14118").text
    assert "Espace du Pont" in caen
    assert "Maison du Robec" not in caen
    assert "Aucun lieu dans cette commune" in client.get("/help?commune=14001").text
    assert client.get("/help?commune=141180").status_code == 422


def test_a_wrong_list_of_places_ends_the_program_at_its_start(env: HttpFixture, tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text("name\nx\n", "utf-8")
    with pytest.raises(HelpPlacesInvalid, match="line 1"):
        client_with(env, help_places_file=file)


@pytest.mark.parametrize("name", ["terms", "privacy", "fees", "complaints", "accessibility"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_text_is_read_whole_with_its_version(env: HttpFixture, name: str, language: str) -> None:
    answer = client_with(env).get(f"/help/{name}", headers={"Accept-Language": language})
    document = help_texts(language).documents[name]
    assert answer.status_code == 200
    assert str(document.version.year) in answer.text
    assert answer.text.count("<h2") == len(document.sections)
    assert "{" not in answer.text.partition("<main")[2]


def test_a_text_that_is_not_there_is_no_page(env: HttpFixture) -> None:
    answer = client_with(env).get("/help/nothing")
    assert answer.status_code == 404
