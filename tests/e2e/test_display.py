"""What was chosen of how pages look, in a browser whose service answers in this process.

The pages themselves are looked at in test_accessibility.py; here a few of them in every choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine

from tests.support.axe import NARROWEST, bring_axe, settled, squeezed, violations_of, wider
from tests.support.browsed import Browsed, browse, open_wallet
from tests.support.browsers import WAIT_MS
from tests.support.databases import sqlite_engine, sqlite_url
from tests.support.web import START_UNIX_MS, WALLET_ORIGIN, HttpFixture, browser_client_of, build_http_fixture
from wallet_service.faces.apps import wallet_app

__all__ = ["sqlite_engine", "sqlite_url"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LATER_UNIX_MS = START_UNIX_MS + 600_000
SALE = {
    "id": "S1",
    "amount_cents": 1_250,
    "short_code": "482913",
    "label": "Table 4",
    "state": "open",
    "expires_at_unix_ms": LATER_UNIX_MS,
    "to_address": "0x" + "11" * 20,
    "merchant": {
        "name": "Boulangerie Saint-Marcouf",
        "description": None,
        "sector": "Boulangerie-pâtisserie artisanale",
        "commune": "Saint-Pierre-en-Auge",
    },
    "your_payment_ref": None,
    "your_payment_at_unix_ms": None,
}
TOPUP = {
    "reference": "RF18539007547034ABCD",
    "iban": "FR7699999000010000000099928",
    "bic": "ALBAFRPPXXX",
    "holder": "Association de l’alba",
    "epc_payload": "BCD",
    "minimum_cents": 100,
    "maximum_cents": 15_000,
}
#: The screens of every day: without a wallet first, then with one.
WITHOUT = ("/welcome", "/lost", "/sign-in", "/display", "/help")
WITH = ("/", "/code/482913", "/add", "/receive", "/identity", "/me")


@pytest.fixture
def env(sqlite_engine: Engine) -> HttpFixture:
    return build_http_fixture(sqlite_engine)


@pytest.fixture
def who(browser: Browser, env: HttpFixture) -> Iterator[Browsed]:
    made = browse(browser, browser_client_of(wallet_app(env)), reduced_motion="reduce")  # type: ignore[arg-type]
    bring_axe(made.context)
    made.instead |= {
        "GET /v1/me/reversals": [],
        "GET /v1/me/movements": [],
        "GET /v1/me/topup": TOPUP,
        "GET /v1/me/topup/qr.svg": {},
        "GET /v1/sales/by-code/482913": SALE,
        "GET /v1/sales/S1": SALE,
    }
    yield made
    made.context.close()
    assert made.faults == []


def choose(who: Browsed, **choices: str) -> None:
    """As if chosen on this device before."""
    who.context.add_cookies(
        [{"name": f"alba_{name}", "value": value, "url": WALLET_ORIGIN} for name, value in choices.items()]
    )


def with_money(who: Browsed, cents: int) -> None:
    me = who.client.get("/v1/me").json()
    balance = {**me["balance"], "available_cents": cents, "posted_cents": cents}
    who.instead["GET /v1/me"] = {**me, "balance": balance, "state": "active"}


def walk(who: Browsed, env: HttpFixture) -> Iterator[str]:
    """Every screen of WITHOUT and WITH, settled; the address of each."""
    for path in WITHOUT:
        who.goto(path)
        settled(who.page)
        yield path
    open_wallet(who, env)
    with_money(who, 123_456)
    for path in WITH:
        who.goto(path)
        settled(who.page)
        yield path


def test_text_twice_as_large_fits_the_narrowest_phone(who: Browsed, env: HttpFixture) -> None:
    choose(who, text="largest")
    who.page.set_viewport_size({"width": NARROWEST, "height": 640})
    faults = []
    for path in walk(who, env):
        letters = who.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        assert letters == pytest.approx(34), path
        faults += [f"{path}: wider: {each}" for each in wider(who.page)]
        faults += [f"{path}: no room: {each}" for each in squeezed(who.page)]
    assert faults == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_more_contrast_is_seven_to_one_as_the_browser_paints_it(
    who: Browsed, env: HttpFixture, theme: str
) -> None:
    choose(who, contrast="more")
    who.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    faults = []
    for path in walk(who, env):
        assert who.page.evaluate("document.documentElement.dataset.contrast") == "more"
        faults += [f"{path}: {each}" for each in violations_of(who.page, ["color-contrast-enhanced"])]
    assert faults == []


def test_dark_by_choice_and_dark_by_the_system_are_the_same_with_more_contrast(who: Browsed) -> None:
    names = ["--page", "--brand", "--brand-fill", "--on-brand", "--ink", "--wait", "--c4", "--focus"]
    read = "names => names.map(name => getComputedStyle(document.documentElement).getPropertyValue(name))"
    seen: list[Any] = []
    for scheme, theme in (("dark", "system"), ("dark", "dark"), ("light", "dark")):
        choose(who, contrast="more", theme=theme)
        who.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        who.goto("/welcome")
        seen.append(who.page.evaluate(read, names))
    assert seen[0] == seen[1] == seen[2]
    choose(who, theme="light")
    who.page.emulate_media(color_scheme="dark")
    who.goto("/welcome")
    assert who.page.evaluate(read, names)[0] == "#ffffff"


def test_who_asks_the_system_for_contrast_has_it_until_they_say_otherwise(who: Browsed) -> None:
    who.page.emulate_media(contrast="more")
    who.goto("/display")
    root = who.page.locator("html")
    expect(root).to_have_attribute("data-contrast", "more")
    who.page.get_by_role("group", name="Contraste").get_by_role("radio", name="Normal").check()
    expect(root).to_have_attribute("data-contrast", "less")
    who.page.reload()
    expect(root).to_have_attribute("data-contrast", "less")


def test_what_is_chosen_stays_on_the_device_and_is_there_before_the_first_paint(who: Browsed) -> None:
    who.goto("/welcome")
    who.page.get_by_role("link", name="Aa").click()
    who.page.get_by_role("radio", name="Très grande").check()
    who.page.get_by_role("radio", name="Sombre").check()
    assert who.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    early = "globalThis.early = {...document.documentElement.dataset};"
    who.page.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ {early} }})")
    # No module has run before the page is parsed; the blocking script has.
    who.page.route("**/static/wallet.*.js", lambda route: route.abort())
    who.page.reload()
    assert who.page.evaluate("early") == {"theme": "dark", "text": "largest"}
    who.page.unroute("**/static/wallet.*.js")
    who.page.reload()
    expect(who.page.get_by_role("radio", name="Très grande")).to_be_checked(timeout=WAIT_MS)


#: What the browser says, written down, with two voices: one of this device, one that sends the words away.
VOICES = """
globalThis.said = [];
const voices = [{lang: "fr-FR", localService: false, default: true, name: "far"},
                {lang: "fr-FR", localService: true, default: false, name: "near"}];
globalThis.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
const speak = ({text, voice}) => said.push(`${voice.name}: ${text.replaceAll("\\u00a0", " ")}`);
const synthesis = {getVoices: () => globalThis.noVoices ? [voices[0]] : voices, cancel() {}, speak};
Object.defineProperty(globalThis, "speechSynthesis", {get: () => synthesis});
"""


def test_amounts_are_read_aloud_for_who_asked_at_a_press_and_by_a_voice_of_the_device(
    who: Browsed, env: HttpFixture
) -> None:
    who.page.add_init_script(VOICES)
    open_wallet(who, env)
    with_money(who, 123_456)
    aloud = who.page.get_by_role("button", name="Lire à voix haute")
    who.goto("/code/482913")
    settled(who.page)
    expect(aloud).to_have_count(0)
    who.goto("/display")
    who.page.get_by_role("radio", name="Avec un bouton").check()
    for path, words in (
        ("/", "Disponible : 1234 alba et 56 centimes"),
        ("/code/482913", "Payer 12 alba et 50 centimes à Boulangerie Saint-Marcouf"),
    ):
        who.goto(path)
        settled(who.page)
        assert who.page.evaluate("said") == [], "never by itself"
        aloud.click()
        assert who.page.evaluate("said") == [f"near: {words}"]
        assert violations_of(who.page) == []
    who.page.evaluate("globalThis.noVoices = true")
    aloud.click()
    expect(who.page.get_by_text("Cet appareil n’a pas de voix à lui")).to_be_visible(timeout=WAIT_MS)
    assert len(who.page.evaluate("said")) == 1


@pytest.mark.parametrize(
    ("language", "home", "add", "usual"),
    [
        ("fr", "Argent que vous pouvez utiliser", "Pour 1 €, vous recevez 1 alba.", "Combien"),
        ("en", "Money you can use", "For €1 you get 1 alba.", "How much"),
    ],
)
def test_easy_sentences_lie_over_the_language_and_fall_back_to_it(
    who: Browsed, env: HttpFixture, language: str, home: str, add: str, usual: str
) -> None:
    open_wallet(who, env)
    with_money(who, 123_456)
    who.goto("/display")
    who.page.get_by_role("radio", name="Faciles à lire").check()
    expect(who.page.locator("html")).to_have_attribute("data-words", "plain", timeout=WAIT_MS)
    choose(who, language=language)
    who.client.cookies.set("alba_language", language)
    who.page.set_viewport_size({"width": NARROWEST, "height": 640})
    for path, said in (("/", home), ("/add", add), ("/add", usual)):
        who.goto(path)
        settled(who.page)
        expect(who.page.locator("main")).to_contain_text(said)
        assert wider(who.page) == []
        assert violations_of(who.page) == []
