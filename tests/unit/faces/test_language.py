"""Languages: chosen by cookie, then by the browser; no sentence of a page without English."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.requests import Request

from scripts.build import messages
from wallet_service.faces.shell.i18n import Catalogue, language_of, read_messages


def request(cookie: str = "", accept: str = "") -> Request:
    headers = [(b"cookie", cookie.encode()), (b"accept-language", accept.encode())]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("cookie", "accept", "expected"),
    [
        ("", "", "fr"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "de,en;q=0.8,fr;q=0.3", "en"),
        ("", "fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("", "en;q=0.1,fr;q=0.2", "fr"),
        ("", "en;q=zero", "fr"),
        ("", "de", "fr"),
        ("alba_language=en", "fr", "en"),
        ("alba_language=fr", "en", "fr"),
        ("alba_language=../../etc", "en", "en"),
    ],
)
def test_the_language_is_the_cookies_then_the_browsers_then_french(
    cookie: str, accept: str, expected: str
) -> None:
    assert language_of(request(cookie, accept)) == expected


@pytest.mark.parametrize("face", messages.faces(), ids=lambda face: face.name)
def test_no_sentence_of_a_face_lacks_its_english(face: messages.Face) -> None:
    lacking = messages.missing(face)
    assert lacking == {}, "add them with scripts/build/messages.py --update, then translate"


def test_a_sentence_without_english_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('{{ _(\'Bonjour\') }} {{ ngettext("{count} vente", "{count} ventes", n) }}', "utf-8")
    script = tmp_path / "page.js"
    script.write_text('const a = t("L\\u2019eau", {n}); not("this"); tn("un", "des", 2);', "utf-8")
    found = [
        *messages.messages_in(page.read_text("utf-8"), ".html"),
        *messages.messages_in(script.read_text("utf-8"), ".js"),
    ]
    assert found == ["Bonjour", ("{count} vente", "{count} ventes"), "L’eau", ("un", "des")]


def test_plurals_follow_each_language() -> None:
    pair: dict[str, str | tuple[str, str]] = {"{count} vente": ("{count} sale", "{count} sales")}
    french, english = Catalogue("fr", {}), Catalogue("en", pair)
    assert [french.ngettext("un", "des", n) for n in (0, 1, 2)] == ["un", "un", "des"]
    shown = [english.ngettext("{count} vente", "{count} ventes", n) for n in (0, 1, 2)]
    assert shown == ["{count} sales", "{count} sale", "{count} sales"]


def test_an_untranslated_or_doubtful_entry_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "x.po"
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    path.write_text(
        header + 'msgid "a"\nmsgstr ""\n\n#, fuzzy\nmsgid "b"\nmsgstr "B"\n\nmsgid "c"\nmsgstr "C"\n', "utf-8"
    )
    assert read_messages(path) == {"c": "C"}
