"""How pages say a professional's hours, ways of being paid and kind of trade. Owns words, no page."""

from __future__ import annotations

from itertools import groupby

from wallet_service.directory.models import Span, Way, Week
from wallet_service.faces.shell.i18n import Catalogue, Language
from wallet_service.faces.shell.numbers import weekday
from wallet_service.languages.catalogues import FIRST


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


#: One icon a group of trades, the same in every list.
# icons: wheat shopping-basket utensils book-open hammer wrench landmark truck
GROUP_ICONS = {
    "food": "wheat",
    "shops": "shopping-basket",
    "hospitality": "utensils",
    "culture": "book-open",
    "crafts": "hammer",
    "services": "wrench",
    "public": "landmark",
    "suppliers": "truck",
}
WAY_WORDS = {
    Way.TILL: _("en caisse"),
    Way.WEB: _("en ligne"),
    Way.INVOICE: _("sur facture"),
}


def hours_lines(week: Week, language: Language, messages: Catalogue) -> list[tuple[str, str]]:
    """(``lundi à vendredi``, ``9 h – 12 h 30``): days alike in one line; none when nothing is told."""
    if not any(week):
        return []
    lines = []
    for spans, numbers in groupby(range(len(week)), key=lambda number: week[number]):
        days = list(numbers)
        names = [weekday(day, messages) for day in (days[0], days[-1])]
        if len(days) == 1:
            name = names[0]
        else:
            joined = _("{first} et {last}") if len(days) == 2 else _("{first} à {last}")
            name = messages.gettext(joined).replace("{first}", names[0]).replace("{last}", names[1])
        lines.append((name, spans_text(spans, language) or messages.gettext(_("fermé"))))
    return lines


def spans_text(spans: tuple[Span, ...], language: Language) -> str:
    return ", ".join(f"{clock_text(start, language)} – {clock_text(end, language)}" for start, end in spans)


def phone_text(number: str) -> str:
    """``02 61 91 00 06``: a French number in pairs; another as it was typed."""
    is_french = len(number) == 10 and number.startswith("0")
    return "\u202f".join(number[at : at + 2] for at in range(0, 10, 2)) if is_french else number


def clock_text(minute: int, language: Language) -> str:
    """``9 h``, ``12 h 30`` in French, ``9:00`` in others."""
    hour, rest = minute // 60 % 24, minute % 60
    if language != FIRST:
        return f"{hour}:{rest:02}"
    return f"{hour}\u00a0h\u00a0{rest:02}" if rest else f"{hour}\u00a0h"
