"""A currency's own look, from its file: the colours that go over the tokens', and its sign in those colours.

Owns turning its `colours` into a style sheet and a picture, for the service's pages and the till alike.
Must not name a colour itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SIGNS = Path(__file__).parent
#: Token of the style sheets -> the names of its light and its dark colour in currency.json.
_TOKENS = {
    "--page": ("page", "page_dark"),
    "--brand": ("brand", "brand_dark"),
    "--brand-fill": ("brand", "brand_fill_dark"),
}
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


def colours_of(currency: Mapping[str, Any]) -> dict[str, str]:
    """The colours of a currency file by name.

    Raises ValueError for one that is missing or is not #rrggbb: the file is trusted, a typing mistake is not.
    """
    colours: dict[str, str] = currency["colours"]
    for name in sorted({name for names in _TOKENS.values() for name in names}):
        if not _COLOUR.fullmatch(str(colours.get(name, ""))):
            raise ValueError(f"the currency file's colour {name!r} is not #rrggbb")
    return colours


def theme_css(currency: Mapping[str, Any]) -> str:
    """The currency's colours over the tokens': light, dark by choice, and dark by the system's wish."""
    colours = colours_of(currency)
    light, dark = (
        "".join(f"{token}:{colours[names[shade]]};" for token, names in _TOKENS.items()) for shade in (0, 1)
    )
    unchosen = ":root:not([data-theme=light]):not([data-theme=dark])"
    by_system = f"@media (prefers-color-scheme:dark){{{unchosen}{{{dark}}}}}"
    return f":root{{{light}}}:root[data-theme=dark]{{{dark}}}{by_system}"


def sign_svg(currency: Mapping[str, Any], name: str = "mark") -> str:
    """The sign as a picture of its own: `mark` stands alone, `maskable` fills the square a launcher cuts."""
    colours = colours_of(currency)
    svg = (_SIGNS / f"{name}.svg").read_text("utf-8")
    return svg.replace("{brand}", colours["brand"]).replace("{page}", colours["page"])
