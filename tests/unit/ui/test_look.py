"""A region's own look: everything of it comes from the currency's file, for every face."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from wallet_service.territory.currency import CURRENCY_FILE, read_currency
from wallet_service.ui.look import colours_of, sign_svg, theme_css

ROOT = Path(__file__).parents[3]
ELSEWHERE = {
    "page": "#111111",
    "page_dark": "#222222",
    "brand": "#333333",
    "brand_dark": "#444444",
    "brand_fill_dark": "#555555",
}
SOURCES = ("wallet_service/ui", "wallet_service/faces", "merchant_pos")


def another_currency() -> dict[str, Any]:
    return {**read_currency(CURRENCY_FILE), "colours": ELSEWHERE}


def test_another_regions_colours_are_the_pages_in_both_themes() -> None:
    css = theme_css(another_currency())
    assert ":root{--page:#111111;--brand:#333333;--brand-fill:#333333;}" in css
    dark = "--page:#222222;--brand:#444444;--brand-fill:#555555;"
    assert css.count(dark) == 2
    assert "prefers-color-scheme:dark" in css


@pytest.mark.parametrize("name", ["mark", "maskable"])
def test_the_sign_is_drawn_in_the_regions_colours(name: str) -> None:
    svg = sign_svg(another_currency(), name)
    assert set(re.findall(r"#[0-9a-fA-F]{6}", svg)) == {"#333333", "#111111"}
    assert "{" not in svg


@pytest.mark.parametrize("wrong", [None, "", "teal", "#12345", "#333333;}body{display:none"])
def test_a_colour_that_is_none_is_refused_by_its_name(wrong: str | None) -> None:
    with pytest.raises(ValueError, match="'brand'"):
        colours_of({"colours": {**ELSEWHERE, "brand": wrong}})


def test_no_face_names_what_the_currencys_file_says() -> None:
    """Its colours, its name, its unit and its time zone stand in no script, sheet, page or router."""
    currency = json.loads(CURRENCY_FILE.read_text("utf-8"))
    said = [
        *currency["colours"].values(),
        currency["time_zone"],
        currency["name"],
        f'"{currency["unit_one"]}"',
    ]
    files = [
        path
        for source in SOURCES
        for path in (ROOT / source).rglob("*")
        if path.suffix in (".js", ".css", ".html", ".svg", ".py", ".json") and "dist" not in path.parts
    ]
    assert len(files) > 100
    found = [
        (str(path.relative_to(ROOT)), word)
        for path in files
        for word in said
        if word.lower() in path.read_text("utf-8").lower()
    ]
    assert found == []


def test_colours_are_literals_in_the_tokens_alone() -> None:
    literal = re.compile(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)|\brgb\(|\bhsl\(")
    sheets = [
        path for source in SOURCES for path in (ROOT / source).rglob("*.css") if "dist" not in path.parts
    ]
    assert len(sheets) > 15
    found = [
        path.name for path in sheets if path.name != "tokens.css" and literal.search(path.read_text("utf-8"))
    ]
    assert found == []
