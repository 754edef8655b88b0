"""The directory, the public page and open data over HTTP: what strangers read, and what browsers are told."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator
from PIL import Image
from sqlalchemy import Engine

from tests.support.console_services import ConsoleServices, build_console
from tests.support.web import HttpFixture
from wallet_service.directory.models import NO_HOURS, Card, Way
from wallet_service.faces.apps import console_app, wallet_app
from wallet_service.faces.shell.headers import FRAMED_PATH
from wallet_service.open_data.files import DATASETS
from wallet_service.protocol.clock import VirtualClock

NOW_UNIX_MS = 1_795_527_120_000
TRICK = "</script><script>alert(1)</script>"
CARD = Card(sells=f"pain {TRICK}", week=(((420, 1560),), *NO_HOURS[1:]), ways=(Way.TILL,), phone="0261910001")


@pytest.fixture
def month(sqlite_engine: Engine, tmp_path: Path) -> ConsoleServices:
    """A region with a month of life, its days published."""
    made = build_console(sqlite_engine, VirtualClock(NOW_UNIX_MS), tmp_path / "outbox")
    made.open_data.run_once()
    made.listings.write(made.month.shops[0], CARD, is_shown=True)
    return made


@pytest.fixture
def stranger(month: ConsoleServices) -> TestClient:
    return TestClient(wallet_app(month), base_url="http://testserver", follow_redirects=False)  # type: ignore[arg-type]


def directory_of(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/v1/directory").json()
    return found


def test_the_whole_directory_is_one_answer_that_may_be_kept(stranger: TestClient) -> None:
    answer = stranger.get("/v1/directory")
    assert answer.headers["cache-control"].startswith("public, max-age=")
    directory = answer.json()
    assert directory["time_zone"] == "Europe/Paris"
    names = [listing["name"] for listing in directory["listings"]]
    assert names == sorted(names)
    assert len(names) == 12
    assert {trade["division"] for trade in directory["trades"]} >= {"10", "47", "56"}
    assert "member" not in answer.text.replace("members", "")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 12),
        ("?q=épiceries", 1),
        ("?q=cafe", 1),
        ("?group=culture", 3),
        ("?commune=14118", 3),
        ("?q=zzz", 0),
    ],
)
def test_who_has_no_script_is_searched_for_by_the_service(
    stranger: TestClient, query: str, count: int
) -> None:
    page = stranger.get(f"/directory{query}").text
    assert page.count('<li class="shop">') == count
    assert ("data-nothing" in page) is (count == 0)
    assert ("noindex" in page) is bool(query)


def test_a_professionals_page_is_found_by_its_id_and_says_itself_to_machines(stranger: TestClient) -> None:
    path = directory_of(stranger)["listings"][1]["path"]
    page = stranger.get(path)
    assert page.status_code == 200
    assert "noindex" not in page.text
    moved = stranger.get(f"/directory/old-name-{path.rsplit('-', 1)[1]}")
    assert (moved.status_code, moved.headers["location"]) == (301, path)
    assert stranger.get("/directory/nobody-0123456789").status_code == 404
    assert stranger.get("/directory/nobody").status_code == 404


def test_what_a_professional_wrote_does_not_leave_its_element(stranger: TestClient) -> None:
    shops = directory_of(stranger)["listings"]
    (path,) = [shop["path"] for shop in shops if TRICK in shop["sells"]]
    page = stranger.get(path).text
    assert TRICK not in page
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    business = json.loads(block)
    assert business["@type"] == "LocalBusiness"
    assert business["description"] == CARD.sells
    assert business["openingHoursSpecification"] == [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": "https://schema.org/Monday",
            "opens": "07:00",
            "closes": "02:00",
        }
    ]
    assert "geo" not in business, "the middle of a commune is nobody's door"


def test_the_public_page_says_what_it_is_before_any_script(stranger: TestClient) -> None:
    page = stranger.get("/public").text.replace("\u00a0", " ")
    assert page.index("Une monnaie d’ici") < page.index("huge-number") < page.index("verify_reserve.py")
    for told in (
        "A-t-elle toujours été couverte",
        "30 jours",
        "Un an",
        "sous 100 %",
        "professionnels dans l’annuaire",
    ):
        assert told in page
    assert "Cookie" in stranger.get("/public").headers["vary"], "kept in one language, not shown in another"
    assert page.count('<svg class="chart"') == 4
    assert "noindex" not in page
    assert '<details class="commands">' in page


def test_the_page_says_on_which_days_the_reserve_fell_short(
    month: ConsoleServices, stranger: TestClient
) -> None:
    assert "Oui : à la fin de chacun" in stranger.get("/public").text
    month.open_data._kept = None
    days = month.open_data.days()
    last = max(number for number, row in enumerate(days) if row.area == "")
    object.__setattr__(days[last], "reserve_cents", (days[last].supply_cents or 0) - 1)
    assert "Non : elle a manqué 1 jours, le dernier le 23 nov." in stranger.get("/public").text


@pytest.mark.parametrize("name", list(DATASETS))
def test_open_data_is_what_its_schemas_say(stranger: TestClient, name: str) -> None:
    data, schema = (stranger.get(f"/open-data/{name}.{ending}").json() for ending in ("json", "schema.json"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(data)
    assert data["rows"]
    table = stranger.get(f"/open-data/{name}.table-schema.json").json()
    answer = stranger.get(f"/open-data/{name}.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["access-control-allow-origin"] == "*"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(rows[0]) == [field["name"] for field in table["fields"]]
    assert len(rows) == len(data["rows"])
    for row in rows:
        for field in table["fields"]:
            if field["constraints"]["required"]:
                assert row[field["name"]]
            if field["type"] == "integer" and row[field["name"]]:
                assert int(row[field["name"]]) >= field["constraints"]["minimum"]


def test_the_catalogue_leads_to_files_that_are_there_under_one_licence(stranger: TestClient) -> None:
    answer = stranger.get("/open-data/catalogue.jsonld")
    assert answer.headers["content-type"] == "application/ld+json"
    catalogue = answer.json()
    assert len(catalogue["dcat:dataset"]) == len(DATASETS)
    for dataset in catalogue["dcat:dataset"]:
        assert dataset["dct:license"]["@id"].endswith("/ETALAB_2_0")
        for distribution in dataset["dcat:distribution"]:
            for link in (distribution["dcat:downloadURL"], distribution["dct:conformsTo"]):
                path = link["@id"].removeprefix("http://localhost:8401")
                assert stranger.get(path).status_code == 200, path
    for unknown in ("days", "days.xml", "nothing.csv", ".csv", "days.csv.bak"):
        assert stranger.get(f"/open-data/{unknown}").status_code == 404


def test_crawlers_are_told_of_every_public_page_and_of_no_other(stranger: TestClient) -> None:
    robots = stranger.get("/robots.txt").text
    assert "Disallow: /\n" in robots
    assert "Sitemap: http://localhost:8401/sitemap.xml" in robots
    pages = re.findall(r"<loc>http://localhost:8401(.*?)</loc>", stranger.get("/sitemap.xml").text)
    assert len(pages) == 4 + 12
    for path in pages:
        assert "noindex" not in stranger.get(path).text, path
    for path in ("/", "/me", "/docs"):
        assert "noindex" in stranger.get(path).text, path


def test_others_may_frame_one_page_and_only_that_one(month: ConsoleServices, stranger: TestClient) -> None:
    framed = stranger.get(FRAMED_PATH)
    assert "frame-ancestors *" in framed.headers["content-security-policy"]
    assert "x-frame-options" not in framed.headers
    assert "script-src 'none'" in framed.headers["content-security-policy"]
    assert "set-cookie" not in framed.headers
    assert "<script" not in framed.text
    assert "<form" not in framed.text
    for path in (
        "/",
        "/public",
        "/directory",
        "/open-data",
        "/me",
        "/embed/",
        "/embedded",
        "/v1/directory",
        "/nowhere",
    ):
        answer = stranger.get(path)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path
        assert answer.headers["x-frame-options"] == "DENY", path
    console = TestClient(console_app(month), base_url="http://testserver")  # type: ignore[arg-type]
    assert console.get(FRAMED_PATH).headers["x-frame-options"] == "DENY"


def test_a_town_counts_its_own_professionals(stranger: TestClient) -> None:
    assert "3 professionnels l’acceptent" in stranger.get("/embed?commune=14118").text
    assert (
        "12 professionnels l’acceptent" in stranger.get("/embed?commune=14001").text
    )  # nobody there: the region
    assert "12 professionnels l’acceptent" in stranger.get("/embed").text
    assert stranger.get("/embed?commune=141180").status_code == 422


def test_a_professional_writes_their_card_over_http(env: HttpFixture, wallet: TestClient) -> None:
    merchant, device = env.merchant()
    signed_in = sign_in(env, wallet, device)
    own = wallet.get("/v1/me/listing").json()
    assert own["listing"]["sells"] == "Boulangerie"
    body = {
        "is_shown": True,
        "sells": "pain",
        "ways": ["till"],
        "week": [[[420, 780]], [], [], [], [], [], []],
        "spot": {"latitude_e5": 4_944_400, "longitude_e5": 110_000},
    }
    written = wallet.post("/v1/me/listing", json=body, headers=signed_in)
    assert written.status_code == 200, written.text
    assert written.json()["listing"]["is_exact"] is True
    far = {**body, "spot": {"latitude_e5": 4_800_000, "longitude_e5": 0}}
    refused = wallet.post("/v1/me/listing", json=far, headers=signed_in)
    assert (refused.status_code, refused.json()["code"]) == (422, "directory.spot_too_far")
    picture = io.BytesIO()
    Image.new("RGB", (900, 700), "#0b5d57").save(picture, "PNG")
    sent = wallet.post(
        "/v1/me/listing/picture", files={"picture": ("x.png", picture.getvalue())}, headers=signed_in
    )
    assert sent.status_code == 201, sent.text
    path = sent.json()["listing"]["picture"]
    shown = wallet.get(path)
    assert shown.headers["content-type"] == "image/jpeg"
    assert "immutable" in shown.headers["cache-control"]
    assert wallet.get(path.replace(".jpg", ".png")).status_code == 404
    removed = wallet.delete("/v1/me/listing/picture", headers=signed_in)
    assert removed.json()["listing"]["picture"] is None
    assert wallet.get(path).status_code == 404
    assert merchant.id not in json.dumps(removed.json())


def test_a_visitor_has_no_card(env: HttpFixture, wallet: TestClient) -> None:
    _, device = env.visitor()
    signed_in = sign_in(env, wallet, device)
    refused = wallet.post("/v1/me/listing", json={"is_shown": True}, headers=signed_in)
    assert (refused.status_code, refused.json()["code"]) == (403, "directory.professionals_only")


def sign_in(env: HttpFixture, wallet: TestClient, device: Any) -> dict[str, str]:
    """The headers of a signed-in member's requests."""
    asked = wallet.post("/v1/session/device/challenge", json={"public_key": device.public_key}).json()
    body = {
        "public_key": device.public_key,
        "challenge": asked["challenge"],
        "signature": device.sign(f"alba-sign-in:{asked['challenge']}"),
    }
    answer = wallet.post("/v1/session/device", json=body)
    assert answer.status_code in (200, 201), answer.text
    return {"X-CSRF-Token": answer.json()["csrf_token"]}
