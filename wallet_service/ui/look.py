"""How pages look: a currency's own colours and sign, from its file, and what was chosen on a device.

Owns turning a currency's `colours` into a style sheet and a picture, and reading a device's choices, for the
service's pages and the till alike. Must not name a colour itself: where contrast is asked for, a currency's
own is mixed with black or white until it has it.
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
#: What may be chosen on a device, each in a cookie `alba_<name>`; `wallet_service/ui/theme.js` writes them.
CHOICES = {
    "theme": ("light", "dark"),
    "contrast": ("more", "less"),
    "text": ("large", "largest"),
    "words": ("plain",),
}
#: Of a brand's colour against white or black where contrast was asked for, so that every tint leaves it 7:1.
#: Source: WCAG 2.2, 1.4.6.
STRONG_CONTRAST = 9.0
_MIX_STEPS = 50
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)

Rgb = tuple[int, int, int]


def chosen_look(cookies: Mapping[str, str]) -> dict[str, str]:
    """What was chosen on this device, by name: the page's attributes `data-<name>`."""
    found = {name: cookies.get(f"alba_{name}", "") for name in CHOICES}
    return {name: value for name, value in found.items() if value in CHOICES[name]}


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
    """The currency's colours over the tokens': light, dark by choice, and dark by the system's wish.

    Each stands there once more for who asked for more contrast.
    """
    colours = colours_of(currency)
    light, dark = (
        "".join(f"{token}:{colours[names[shade]]};" for token, names in _TOKENS.items()) for shade in (0, 1)
    )
    strong_light, strong_dark = (
        f"--brand:{brand};--brand-fill:{brand};"
        for brand in (strong(colours["brand"], on_dark=False), strong(colours["brand_dark"], on_dark=True))
    )
    unchosen = ":root:not([data-theme=light]):not([data-theme=dark])"
    more = "[data-contrast=more]"
    by_system = f"{unchosen}{{{dark}}}{unchosen}{more}{{{strong_dark}}}"
    return (
        f":root{{{light}}}:root{more}{{{strong_light}}}"
        f":root[data-theme=dark]{{{dark}}}:root[data-theme=dark]{more}{{{strong_dark}}}"
        f"@media (prefers-color-scheme:dark){{{by_system}}}"
    )


def strong(colour: str, *, on_dark: bool) -> str:
    """The colour, or the nearest mix of it with black (white on dark) that has STRONG_CONTRAST. `#rrggbb`."""
    own, far, ground = _rgb(colour), *((_WHITE, _BLACK) if on_dark else (_BLACK, _WHITE))
    for step in range(_MIX_STEPS + 1):
        mixed = _mix(own, far, step)
        if contrast(mixed, ground) >= STRONG_CONTRAST:
            break
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def contrast(one: Rgb, other: Rgb) -> float:
    """The ratio of two colours, 1 to 21. Source: WCAG 2.2, contrast ratio."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Rgb) -> float:
    """Relative luminance, 0 to 1. Source: WCAG 2.2, relative luminance."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mix(own: Rgb, far: Rgb, step: int) -> Rgb:
    red, green, blue = (a + (b - a) * step // _MIX_STEPS for a, b in zip(own, far, strict=True))
    return red, green, blue


def sign_svg(currency: Mapping[str, Any], name: str = "mark") -> str:
    """The sign as a picture of its own: `mark` stands alone, `maskable` fills the square a launcher cuts."""
    colours = colours_of(currency)
    svg = (_SIGNS / f"{name}.svg").read_text("utf-8")
    return svg.replace("{brand}", colours["brand"]).replace("{page}", colours["page"])
