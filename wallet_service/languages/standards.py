"""How a language writes numbers, days and hours, from the Unicode CLDR; French hours are written our way.

Pure; the moment's zone is the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time

from wallet_service.languages.catalogues import FIRST, catalogue

NARROW_SPACE = "\u202f"
_MAX_LANGUAGES = 64


@dataclass(frozen=True, slots=True)
class Marks:
    """Between thousands, before decimals; around a percentage and a price, `{}` the number."""

    group: str
    decimal: str
    percent: str
    euros: str


@lru_cache(maxsize=_MAX_LANGUAGES)
def locale_of(language: str) -> Locale:
    """As the catalogue's header has it, with its region; French for what is unknown."""
    return Locale.parse(catalogue(language).locale, sep="_")


@lru_cache(maxsize=_MAX_LANGUAGES)
def marks_of(language: str) -> Marks:
    locale = locale_of(language)
    symbols = locale.number_symbols["latn"]
    percent = _around(locale.percent_formats[None].pattern).replace("%", symbols["percentSign"])
    euros = _around(locale.currency_formats["standard"].pattern).replace("¤", "€")
    return Marks(_narrow(symbols["group"]), symbols["decimal"], percent, euros)


def _around(pattern: str) -> str:
    """``#,##0.00 ¤`` is ``{} ¤``: spaces as narrow as ours."""
    bare = pattern.split(";")[0]
    digits = "".join(sign for sign in bare if sign in "#0,.")
    return _narrow(bare.replace(digits, "{}"))


def _narrow(text: str) -> str:
    return text.replace("\u00a0", NARROW_SPACE).replace(" ", NARROW_SPACE)


def whole(number: int, language: str) -> str:
    """``1 234`` with the language's mark between thousands."""
    return f"{number:,}".replace(",", marks_of(language).group)


def day_text(day: date, language: str) -> str:
    """``24 nov. 2026``."""
    return format_date(day, "medium", locale_of(language))


def short_day_text(day: date, language: str) -> str:
    """``24 nov.``."""
    return format_skeleton("MMMd", day, locale=locale_of(language))


def month_text(month: date, language: str) -> str:
    """``nov. 2026``."""
    return format_skeleton("yMMM", month, locale=locale_of(language))


def clock_text(hour: int, minute: int, language: str) -> str:
    """``14 h 32`` in French, as it is printed; as the language has it in any other."""
    if language == FIRST:
        return f"{hour}{NARROW_SPACE}h{NARROW_SPACE}{minute:02}"
    return format_time(datetime(2000, 1, 1, hour, minute), "short", locale=locale_of(language))
