"""A sheet of paper in the product's own look: sign, colours, type. Owns how papers look, not what they say.

Letters are Figtree's, as on the pages; what it lacks of Europe's alphabets comes from Noto Sans. Both are
embedded, so a paper looks the same everywhere; a letter that neither has loses its accent rather than the
paper. Runs in sandboxes only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from wallet_service import ui
from wallet_service.history.messages import StatementMessages
from wallet_service.history.printing import Issuing
from wallet_service.territory.currency import CURRENCY_FILE, LOCAL_ZONE, read_currency
from wallet_service.ui.look import colours_of, sign_svg

#: Where the build puts the fonts of papers.
FONTS = Path(ui.__file__).parent / "dist"
FAMILY = "figtree"
#: Asked in this order for what the family's first file lacks.
FALLBACKS = (
    *("figtree-latin-ext", "noto-sans-latin-ext", "noto-sans-greek", "noto-sans-greek-ext"),
    *("noto-sans-cyrillic", "noto-sans-cyrillic-ext"),
)
WEIGHTS = {"": 400, "B": 700}
Colour = tuple[int, int, int]
INK: Colour = (22, 33, 30)
SOFT: Colour = (76, 90, 85)
RULE: Colour = (220, 215, 202)
WELL: Colour = (246, 243, 236)
PAID: Colour = (23, 104, 58)
PAID_SOFT: Colour = (221, 243, 228)
MARGIN_MM = 14
SIGN_MM = 10
ROW_MM = 6.5
#: From one line to the next of words that go on below.
NEXT_MM = 4.4
UNDER_MM = 4.2
TABLE_POINTS = 9
UNDER_POINTS = 8
CARD_MM = 19
CARD_GAP_MM = 4
LEAST_POINTS = 6


class FontsNotBuilt(RuntimeError):
    """The sentence says which command brings the fonts."""


@cache
def _looks() -> tuple[Colour, bytes]:
    """The currency's colour and sign."""
    currency = read_currency(CURRENCY_FILE)
    brand = colours_of(currency)["brand"]
    red, green, blue = (int(brand[start : start + 2], 16) for start in (1, 3, 5))
    return (red, green, blue), sign_svg(currency).encode()


class Sheets(FPDF):
    """A4: the currency's sign at the top of the first page, the page's number at the foot of all."""

    def __init__(self, issuing: Issuing, foot: str, messages: StatementMessages) -> None:
        super().__init__(format="A4")
        self._issuing, self._foot, self._words = issuing, foot, messages
        self._parted: dict[tuple[str, float], list[str]] = {}
        self._written: dict[str, str] = {}
        self.brand, self._sign = _looks()
        self._add_fonts()
        self._letters = frozenset().union(*(font.cmap for font in self.fonts.values()))  # type: ignore[union-attr]
        self._family_letters = frozenset(self.fonts[FAMILY].cmap) & frozenset(self.fonts[f"{FAMILY}B"].cmap)  # type: ignore[union-attr]
        self.set_margins(MARGIN_MM, 14, MARGIN_MM)
        self.set_auto_page_break(True, 24)
        self.alias_nb_pages()
        self.set_draw_color(*RULE)
        self.set_line_width(0.2)

    def _add_fonts(self) -> None:
        for style, weight in WEIGHTS.items():
            for name in ("figtree-latin", *FALLBACKS):
                path = FONTS / f"{name}-{weight}.woff"
                if not path.is_file():
                    raise FontsNotBuilt(f"no {path.name}: run `npm run build`")
                self.add_font(FAMILY if name == "figtree-latin" else name, style, path)
        self.set_fallback_fonts(list(FALLBACKS))

    def normalize_text(self, text: str) -> str:
        """What is written: every text passes here on its way to the paper."""
        if text.isascii() and text.isprintable():
            return text
        if text not in self._written:
            self._written[text] = "".join(map(self._letter, unicodedata.normalize("NFC", text)))
        return self._written[text]

    def _letter(self, letter: str) -> str:
        if letter == "\u202f":
            return "\u00a0"
        if letter == "\n" or (ord(letter) in self._letters and (letter.isprintable() or letter == "\u00a0")):
            return letter
        bare = unicodedata.normalize("NFKD", letter)[0]
        return bare if bare.isprintable() and ord(bare) in self._letters else "?"

    def header(self) -> None:
        first = self.page_no() == 1
        if first:
            self.image(BytesIO(self._sign), MARGIN_MM, 13, w=SIGN_MM)
            self.set_xy(MARGIN_MM + SIGN_MM + 3, 13)
        self.type("B", 15 if first else 10, self.brand)
        self.cell(80, SIGN_MM if first else 6, self._issuing.name)
        self.type("", 9, SOFT)
        self.cell(0, SIGN_MM if first else 6, self._issuing.issuer, align="R")
        self.set_xy(MARGIN_MM, 32 if first else 24)

    def footer(self) -> None:
        self.set_y(-19)
        self.type("", 8, SOFT)
        texts = [self._foot, *([self._words.demo] if self._issuing.is_demo else [])]
        self.multi_cell(145, 4, " ".join(texts), align="L", new_x=XPos.RIGHT, new_y=YPos.TOP)
        self.cell(0, 4, self._words.page.format(number=self.page_no()), align="R")

    def type(self, style: str, points: float, colour: Colour = INK) -> None:
        """How what follows is written."""
        self.set_font(FAMILY, style, points)
        self.set_text_color(*colour)

    def begin(self, title: str, under: str, at_unix_s: float, language: str) -> None:
        """The first page with its title and whose it is."""
        self.set_title(f"{self._issuing.name}, {title}")
        self.set_lang(language)
        self.set_creation_date(datetime.fromtimestamp(at_unix_s, LOCAL_ZONE))
        self.add_page()
        self.type("B", 22)
        self.multi_cell(0, 11, title, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if under:
            self.type("", 10, SOFT)
            self.multi_cell(0, 5.5, under, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(5)

    def cards(self, facts: Sequence[tuple[str, str]]) -> None:
        """Amounts side by side, the last one filled: it is what is looked for."""
        width = (self.epw - CARD_GAP_MM * (len(facts) - 1)) / len(facts)
        top = self.get_y()
        for number, (label, value) in enumerate(facts):
            is_last = number == len(facts) - 1
            left = self.l_margin + number * (width + CARD_GAP_MM)
            self.set_fill_color(*(self.brand if is_last else WELL))
            self.rect(left, top, width, CARD_MM, style="F", round_corners=True, corner_radius=2.5)
            white: Colour = (255, 255, 255)
            self.type("", 8.5, white if is_last else SOFT)
            self.set_xy(left + 2, top + 3)
            self.cell(width - 4, 4.5, label)
            self.type("B", self.points_for(value, width - 4, 13), white if is_last else INK)
            self.set_xy(left + 2, top + 9)
            self.cell(width - 4, 6.5, value)
        self.set_xy(self.l_margin, top + CARD_MM + 7)

    def points_for(self, text: str, width: float, wanted: float) -> float:
        """The size at which `text` fits into so many millimetres in bold."""
        points = wanted
        self.set_font(FAMILY, "B", points)
        while points > LEAST_POINTS and self.get_string_width(text) > width - 2 * self.c_margin:
            points -= 0.5
            self.set_font(FAMILY, "B", points)
        return points

    def put(self, left: float, width: float, height: float, text: str, align: str = "L") -> None:
        """`text` in a cell at `left` and the height we are at, which stays.

        As `cell`, in a fraction of its time where the family's own letters do: a shop's month is long.
        """
        top = self.get_y()
        written = self.normalize_text(text)
        if not self._family_letters.issuperset(map(ord, written)):
            self.set_x(left)
            self.cell(width, height, text, align=align)
            return
        if align == "R":
            left += width - 2 * self.c_margin - self.get_string_width(written, normalized=True)
        self.text(left + self.c_margin, top + height / 2 + 0.3 * self.font_size, written)

    def parted(self, text: str, width: float) -> list[str]:
        """`text` in lines no wider than a column of `width` millimetres, in the font that is set."""
        if (text, width) not in self._parted:  # the same names and kinds come again and again
            lines = self.multi_cell(width, ROW_MM, text, align="L", dry_run=True, output="LINES")
            assert isinstance(lines, list)
            self._parted[text, width] = [str(line) for line in lines] or [""]
        return self._parted[text, width]
