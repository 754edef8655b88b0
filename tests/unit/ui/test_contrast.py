"""With more contrast, every text has 7:1 on every ground, light and dark, with any region's colours.

Computed from the style sheet's tokens and the currency's own sheet, by this file's own arithmetic.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wallet_service.territory.currency import CURRENCY_FILE, read_currency
from wallet_service.ui.look import CHOICES, chosen_look, theme_css

ROOT = Path(__file__).parents[3]
TOKENS = ROOT / "wallet_service" / "ui" / "styles" / "tokens.css"
#: WCAG 2.2, 1.4.6 (AAA) and 1.4.11.
TEXT, BESIDE_TEXT = 7.0, 3.0
TEXTS = ("ink", "ink-soft", "brand", "accent", "wait", "paid")
GROUNDS = ("page", "surface", "sunk", "brand-soft", "accent-soft", "wait-soft", "paid-soft")
#: Letters on what is filled with a text's colour.
FILLED = [("on-brand", "brand-fill"), *((ground, text) for text in TEXTS for ground in ("page", "surface"))]
MARKS = ("line", "focus", "c1", "c2", "c3", "c4", "c5", "c6")
MORE = '[data-contrast="more"]'
DARK = '[data-theme="dark"]'
#: In the order of their weight: what a page takes for its tokens, the later over the earlier.
BLOCKS = {
    "light": [":root", f":root{MORE}"],
    "dark": [":root", f":root{DARK}", f":root{MORE}", f":root{DARK}{MORE}"],
}
CURRENCY = read_currency(CURRENCY_FILE)
COLOURS = [
    CURRENCY["colours"],
    *(
        dict.fromkeys(CURRENCY["colours"], colour)
        for colour in ("#ffe100", "#ff0000", "#0000ff", "#808080", "#ffffff", "#000000")
    ),
]


def tokens(theme: str, colours: dict[str, str]) -> dict[str, str]:
    """What a page with more contrast has in that theme."""
    sheets = (TOKENS.read_text("utf-8"), theme_css({**CURRENCY, "colours": colours}))
    found: dict[str, str] = {}
    for selector in BLOCKS[theme]:
        for sheet in sheets:
            plain = selector if sheet is sheets[0] else selector.replace('"', "")
            for body in re.findall(rf"(?:^|}}|\n){re.escape(plain)} ?{{([^}}]*)}}", sheet):
                found |= dict(re.findall(r"--([\w-]+): ?([^;]+);", body))
    return found


def colour(name: str, known: dict[str, str]) -> tuple[float, float, float]:
    value = known[name]
    while value.startswith("var("):
        value = known[value[6:-1]]
    red, green, blue = (int(value[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def ratio(one: str, other: str, known: dict[str, str]) -> float:
    def light(name: str) -> float:
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in colour(name, known)
        ]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", COLOURS, ids=lambda each: str(each["brand"]))
@pytest.mark.parametrize("theme", BLOCKS)
def test_every_text_has_seven_to_one_on_every_ground(theme: str, colours: dict[str, str]) -> None:
    known = tokens(theme, colours)
    pairs = [*((text, ground) for text in TEXTS for ground in GROUNDS), *FILLED]
    weak = {pair: round(ratio(*pair, known), 2) for pair in pairs if ratio(*pair, known) < TEXT}
    assert weak == {}


@pytest.mark.parametrize("theme", BLOCKS)
def test_lines_and_curves_are_seen_on_what_they_are_drawn_on(theme: str) -> None:
    known = tokens(theme, CURRENCY["colours"])
    pairs = [(mark, ground) for mark in MARKS for ground in ("page", "surface")]
    weak = {pair: round(ratio(*pair, known), 2) for pair in pairs if ratio(*pair, known) < BESIDE_TEXT}
    assert weak == {}


def test_dark_leaves_no_colour_of_light_behind() -> None:
    """The block for light comes after the plain dark one: what it names, dark names too."""
    sheet = TOKENS.read_text("utf-8")
    named = {
        selector: set(
            re.findall(r"--([\w-]+):", re.findall(rf"\n{re.escape(selector)} {{([^}}]*)}}", sheet)[0])
        )
        for selector in (f":root{MORE}", f":root{DARK}{MORE}")
    }
    assert named[f":root{MORE}"] - named[f":root{DARK}{MORE}"] <= {"shadow"}


def test_a_device_chooses_what_there_is_and_nothing_else() -> None:
    cookies = {"alba_theme": "dark", "alba_contrast": "more", "alba_text": '"><script>', "alba_words": ""}
    assert chosen_look(cookies) == {"theme": "dark", "contrast": "more"}


def test_the_pages_script_knows_the_same_choices() -> None:
    script = (ROOT / "wallet_service" / "ui" / "theme.js").read_text("utf-8")
    (written,) = re.findall(r"const VALUES = \{(.+)\};", script)
    said = {
        name: tuple(re.findall(r'"(\w+)"', values))
        for name, values in re.findall(r"(\w+): \[([^\]]*)\]", written)
    }
    assert said == CHOICES
