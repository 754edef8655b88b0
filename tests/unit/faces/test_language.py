"""Languages: chosen by cookie, then by the browser; no sentence of a page without English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from starlette.requests import Request

from scripts.build import messages, translations
from wallet_service.faces.shell.errors import ResourceNotFound
from wallet_service.faces.shell.i18n import language_of
from wallet_service.history.messages import messages_in
from wallet_service.languages import catalogues, standards
from wallet_service.languages.catalogues import (
    catalogue,
    languages,
    messages_of,
    own_name,
    read_catalogue,
    shown_share,
)
from wallet_service.protocol.amount_text import format_amount
from wallet_service.ui.states import state_view


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


HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Language: {language}\\n"\n'
SLAVIC = (
    "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"
)


@pytest.fixture
def another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for a language beside those of the code."""
    remembered = (catalogues.languages, catalogues.catalogue, standards.locale_of, standards.marks_of)
    monkeypatch.setattr(catalogues, "FOLDERS", (*catalogues.FOLDERS, tmp_path))
    for each in remembered:
        each.cache_clear()
    folder = tmp_path / "uk" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    yield folder
    monkeypatch.undo()
    for each in remembered:
        each.cache_clear()


def test_a_language_is_what_its_folder_says_the_rest_is_french(another: Path) -> None:
    rule = f'"Plural-Forms: {SLAVIC}\\n"\n\n'
    (another / "uk.po").write_text(
        HEADER.format(language="uk_UA")
        + rule
        + 'msgid "Langue"\nmsgstr "Мова"\n\nmsgid "payé"\nmsgstr "оплачено"\n\n'
        + 'msgid "Cette page ou cet objet n’existe pas."\nmsgstr "Такої сторінки немає."\n\n'
        + 'msgid "{count} vente"\nmsgid_plural "{count} ventes"\n'
        + 'msgstr[0] "{count} продаж"\nmsgstr[1] "{count} продажі"\nmsgstr[2] "{count} продажів"\n',
        "utf-8",
    )
    assert languages() == ("fr", "en", "uk")
    assert language_of(request("alba_language=uk", "")) == "uk"
    assert language_of(request("", "uk-UA,en;q=0.5")) == "uk"
    assert (own_name("uk"), shown_share("uk")) == ("Українська", 0)
    said = catalogue("uk")
    assert (said.gettext("Langue"), said.gettext("Aide")) == ("Мова", "Aide")
    shown = [said.ngettext("{count} vente", "{count} ventes", n).split()[1] for n in (1, 2, 5, 11, 21)]
    assert shown == ["продаж", "продажі", "продажів", "продажів", "продаж"]
    # What stands in the code in two languages, too: refusals, states; papers as a whole.
    assert ResourceNotFound().sentence("uk") == "Такої сторінки немає."
    assert state_view("sale", "paid").word("uk") == "оплачено"
    assert messages_in("uk") == replace(messages_in("fr"), paid="оплачено")
    assert format_amount(123_450, "uk") == "1\u202f234,50"
    assert standards.day_text(date(2026, 11, 24), "uk") == "24 лист. 2026\u202fр."


def test_a_folder_without_a_catalogue_or_of_three_letters_is_no_language(
    another: Path,
) -> None:
    assert languages() == ("fr", "en")
    longer = another.parents[1] / "nrf" / "LC_MESSAGES"
    longer.mkdir(parents=True)
    (longer / "nrf.po").write_text(HEADER.format(language="nrf"), "utf-8")
    languages.cache_clear()
    assert languages() == ("fr", "en")
    assert catalogue("nrf").language == "fr"


def test_a_new_languages_file_holds_every_sentence_there_is(
    another: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translations, "FOLDERS", (another.parents[1],))
    written = read_catalogue(translations.begin("pl"), "pl")
    everything = translations.sentences()
    assert len(written) == len([french for french in everything if french])
    for french in (
        "Payer {amount}",
        "payé",
        "Cette page ou cet objet n’existe pas.",
        "Recharger",
        "Agriculture",
    ):
        assert french in everything, french
    with pytest.raises(FileExistsError):
        translations.begin("pl")
    assert messages_of(written) == {}


def test_plurals_follow_each_language() -> None:
    assert [catalogue("fr").ngettext("un", "des", n) for n in (0, 1, 2)] == ["un", "un", "des"]
    pair = {"{count} vente": ("{count} sale", "{count} sales")}
    english = replace(catalogue("en"), messages=pair)
    shown = [english.ngettext("{count} vente", "{count} ventes", n) for n in (0, 1, 2)]
    assert shown == ["{count} sales", "{count} sale", "{count} sales"]
    assert english.ngettext("un", "des", 0) == "un", "what has no English counts as French does"


def test_an_untranslated_or_doubtful_entry_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "x.po"
    path.write_text(
        HEADER.format(language="en")
        + '\nmsgid "a"\nmsgstr ""\n\n#, fuzzy\nmsgid "b"\nmsgstr "B"\n\nmsgid "c"\nmsgstr "C"\n',
        "utf-8",
    )
    assert messages_of(read_catalogue(path, "en")) == {"c": "C"}


def test_no_entry_is_left_over_in_any_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert messages.left_over() == {}
    monkeypatch.setattr(messages, "messages_in", lambda _text, _ending: iter(["Payer"]))
    found = messages.left_over()
    assert {path.name for path in found} == {"shared.po", "wallet.po", "console.po", "till.po"}
