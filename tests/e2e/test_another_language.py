"""A third language is one file: dropped in, it is offered, chosen and drawn on every face.

The file is made here, of a few true sentences: what it lacks is said in French. The pages are built with it
elsewhere, and the apps of this process serve that build.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine

from merchant_pos import app as till_app
from merchant_pos import pages as till_pages
from merchant_pos.settings import PosSettings
from tests.support.axe import settled, speak
from tests.support.browsed import browse, open_wallet
from tests.support.browsers import DESK
from tests.support.databases import sqlite_engine, sqlite_url
from tests.support.web import CONSOLE_ORIGIN, HttpFixture, browser_client_of, build_http_fixture, client_of
from wallet_service.faces.apps import console_app, wallet_app
from wallet_service.faces.shell.rendering import assets, environment
from wallet_service.languages import catalogues, standards

__all__ = ["sqlite_engine", "sqlite_url"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
TILL_ORIGIN = "http://localhost:8402"
UKRAINIAN = """msgid ""
msgstr ""
"Language: uk_UA\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural="
"(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);\\n"

msgid "Ouvrir un portefeuille"
msgstr "Відкрити гаманець"

msgid "Langue"
msgstr "Мова"

msgid "Disponible"
msgstr "Доступно"

msgid "Identité déclarée"
msgstr "Особу заявлено"

msgid "Caisse"
msgstr "Каса"

msgid "Entrer dans la console"
msgstr "Увійти до консолі"

msgid "Aide"
msgstr "Допомога"

msgid "Cette page ou cet objet n’existe pas."
msgstr "Ця сторінка або цей об’єкт не існує."

msgid "{count} professionnel"
msgid_plural "{count} professionnels"
msgstr[0] "{count} підприємець"
msgstr[1] "{count} підприємці"
msgstr[2] "{count} підприємців"
"""


def forget() -> None:
    for remembered in (
        catalogues.languages,
        catalogues.catalogue,
        standards.locale_of,
        standards.marks_of,
        environment,
    ):
        remembered.cache_clear()


@pytest.fixture
def dropped_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The one file, and a build of the pages that found it."""
    file = tmp_path / "locales/uk/LC_MESSAGES/uk.po"
    file.parent.mkdir(parents=True)
    file.write_text(UKRAINIAN, "utf-8")
    build = [
        "node",
        "scripts/build/bundle.mjs",
        "--out",
        str(tmp_path),
        "--locales",
        str(tmp_path / "locales"),
    ]
    subprocess.run(build, cwd=ROOT, check=True, timeout=120, capture_output=True)
    monkeypatch.setattr(catalogues, "FOLDERS", (*catalogues.FOLDERS, tmp_path / "locales"))
    monkeypatch.setattr(assets, "dist", tmp_path / "wallet_service/faces/dist")
    monkeypatch.setattr(till_pages, "BUILT", tmp_path / "merchant_pos/static/dist")
    assets._read_at_ns = 0
    forget()
    yield tmp_path
    monkeypatch.undo()
    assets._read_at_ns = 0
    forget()


def test_one_file_more_is_a_language_more_on_every_face(
    dropped_in: Path, sqlite_engine: Engine, browser: Browser
) -> None:
    env: HttpFixture = build_http_fixture(sqlite_engine)
    client = browser_client_of(wallet_app(env))  # type: ignore[arg-type]
    phone = browse(browser, client)
    phone.instead |= {"GET /v1/me/reversals": [], "GET /v1/me/movements": []}
    open_wallet(phone, env)
    # Offered with its own name and how much of it there is; chosen; drawn, the rest in French.
    phone.goto("/display")
    client.cookies.set("alba_language", "uk")  # the app in this process does not see the browser's cookies
    phone.page.get_by_role("radio", name="Українська (0 %)").check()
    expect(phone.page.get_by_role("group", name="Мова")).to_be_visible()
    assert phone.page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == [
        "uk",
        "ltr",
    ]
    me = client.get("/v1/me").json()
    phone.instead["GET /v1/me"] = {
        **me,
        "balance": {**me["balance"], "available_cents": 123_456, "posted_cents": 123_456},
    }
    phone.goto("/")
    expect(phone.page.locator("main")).to_contain_text("Доступно")
    expect(phone.page.locator("main")).to_contain_text("Rien encore")
    assert client.get("/v1/nowhere").json()["detail"] == "Ця сторінка або цей об’єкт не існує."
    # Public pages: a button a language, and words of the same file.
    speak(phone.page, "uk")
    phone.goto("/help")
    settled(phone.page)
    expect(phone.page.locator("header.public-head")).to_contain_text("Допомога")
    assert phone.page.locator(".public-head [data-language]").all_inner_texts() == ["Français", "English"]
    assert phone.page.locator("#t-texts + ul li > span").first.get_attribute("lang") == "fr"
    # Its plurals are the file's own, in the pages and in the service alike.
    manifest = json.loads((dropped_in / "wallet_service/faces/dist/manifest.json").read_text("utf-8"))
    words = f"/static/{manifest['finding.words-first-uk.js']}"
    forms = phone.page.evaluate("path => import(path).then(({form}) => [1, 3, 5, 21].map(form))", words)
    said = catalogues.catalogue("uk").ngettext
    assert forms == [0, 1, 2, 0]
    assert [said("{count} professionnel", "", count)[8:] for count in (1, 3, 5, 21)] == [
        *("підприємець", "підприємці", "підприємців", "підприємець")
    ]
    phone.context.close()
    console = client_of(console_app(env))  # type: ignore[arg-type]
    console.base_url = CONSOLE_ORIGIN
    settings = PosSettings(origin=TILL_ORIGIN, data_directory=dropped_in / "till")
    till = TestClient(till_app.create_app(settings), base_url=TILL_ORIGIN)
    for served, origin, path, title in (
        (console, CONSOLE_ORIGIN, "/sign-in", "Увійти до консолі"),
        (till, TILL_ORIGIN, "/", "Каса"),
    ):
        officer = browse(browser, served, origin, viewport=DESK, locale="uk-UA")
        officer.goto(path)
        expect(officer.page.locator("body")).to_contain_text(title)
        assert officer.page.evaluate("document.documentElement.lang") == "uk"
        if served is till:
            officer.page.locator("header .icon-button").first.click()
            expect(officer.page.get_by_role("radio", name="Українська (0 %)")).to_be_checked()
        assert officer.faults == []
        officer.context.close()
    assert phone.faults == []
