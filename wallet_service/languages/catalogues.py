"""What languages there are, and what each says: a language is a folder of .po files.

The key of a text is its French sentence, which stands in the code: French needs no file. Some sentences
stand there in English too (refusals, states, mails, papers). What a catalogue lacks is said in French,
sentence by sentence.

Owns reading catalogues and choosing among them; the sentences belong to who writes them.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

_PACKAGE = Path(__file__).resolve().parents[1]
#: Where each language has its folder: the service's, and the point of sale's own sentences.
FOLDERS = (_PACKAGE / "faces" / "locales", _PACKAGE.parent / "merchant_pos" / "locales")
#: The language of the code, and the one whose sentences stand beside it where no catalogue is asked.
FIRST, SECOND = "fr", "en"
FIRST_LOCALE = "fr_FR"
#: Files of these names are read last, in this order, so that a face's own words win.
DOMAINS = ("shared", "wallet", "console", "till")
#: ISO 639-1: what a member's language is kept as has two letters.
_LANGUAGE = re.compile(r"[a-z]{2}")
_MAX_HEADER = 200
#: What a page was told of a language: enough for a browser's list, and no more work than that.
_MAX_LANGUAGES = 64

Words = str | tuple[str, ...]
Plural = Callable[[int], int]
T = TypeVar("T")


def french_plural(count: int) -> int:
    """French counts 0 and 1 as one."""
    return 0 if abs(count) < 2 else 1


@dataclass(frozen=True)
class Catalogue:
    """gettext and ngettext of one language, as Jinja wants them. `plural`: which form a number takes."""

    language: str
    messages: Mapping[str, Words]
    plural: Plural = french_plural
    locale: str = FIRST_LOCALE

    def gettext(self, message: str) -> str:
        found = self.messages.get(message, message)
        return found if isinstance(found, str) else found[0]

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The form that the catalogue's own rule asks for; French as French counts, where it has none."""
        found = self.messages.get(one)
        if not isinstance(found, tuple):
            return (one, many)[french_plural(count)]
        return found[min(self.plural(abs(count)), len(found) - 1)]


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """French, then every language that has a folder with a catalogue in it, by its code."""
    found = {
        path.name
        for folder in FOLDERS
        if folder.is_dir()
        for path in folder.iterdir()
        if _LANGUAGE.fullmatch(path.name) and any(path.glob("LC_MESSAGES/*.po"))
    }
    return (FIRST, *sorted(found - {FIRST}))


@lru_cache(maxsize=_MAX_LANGUAGES)
def catalogue(language: str) -> Catalogue:
    """Everything a language's folders say. French's is empty."""
    if language == FIRST or language not in languages():
        return Catalogue(FIRST, {})
    messages: dict[str, Words] = {}
    plural: Plural = french_plural
    locale = language
    for path in files_of(language):
        read = read_catalogue(path, language)
        messages.update(messages_of(read))
        plural = gettext.c2py(read.plural_expr)
        locale = str(read.locale or language)
    return Catalogue(language, messages, plural, locale)


def files_of(language: str) -> list[Path]:
    """A language's .po files, those that win last."""
    rank = {name: number for number, name in enumerate(DOMAINS)}
    found = [path for folder in FOLDERS for path in sorted((folder / language).glob("LC_MESSAGES/*.po"))]
    return sorted(found, key=lambda path: rank.get(path.stem, -1))


def read_catalogue(path: Path, language: str) -> Catalog:
    """One .po file; its own header says the region and the plural's rule, else the language's usual one."""
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def messages_of(read: Catalog) -> dict[str, Words]:
    """Translated messages; untranslated and doubtful ones are left out."""
    messages: dict[str, Words] = {}
    for message in read:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, str):
            if message.string:
                messages[message.id] = str(message.string)
        elif message.string and all(message.string):
            messages[message.id[0]] = tuple(message.string)
    return messages


def known(language: str | None) -> str:
    """The language if there is one of that code, else French."""
    return language if language in languages() else FIRST


def preferred(header: str) -> str:
    """The best known language of an Accept-Language header (RFC 9110, 12.5.4), else French."""
    best = (0.0, FIRST)
    for part in header[:_MAX_HEADER].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        primary = tag.split("-")[0].lower()
        if weight > best[0] and primary in languages():
            best = (weight, primary)
    return best[1]


def own_name(language: str) -> str:
    """What a language calls itself: "Français", "Українська" (Unicode CLDR)."""
    name = Locale.parse(language).get_language_name(language) or language
    return name[:1].upper() + name[1:]


def shown_share(language: str) -> int:
    """How much of what English says this language says too, in percent, cut: a menu tells it below 100."""
    whole = catalogue(SECOND).messages
    if language in (FIRST, SECOND) or not whole:
        return 100
    return 100 * len(whole.keys() & catalogue(language).messages.keys()) // len(whole)


def said(language: str, french: str, english: str) -> str:
    """A sentence that stands in the code in two languages, in any."""
    if language == SECOND:
        return english
    return catalogue(language).gettext(french)


def all_said(language: str, french: T, english: T) -> T:
    """`said` of everything in two tables of words alike."""
    if language == SECOND:
        return english
    if known(language) == FIRST:
        return french
    translated: T = _each(french, catalogue(language).gettext)
    return translated


def _each(words: Any, say: Callable[[str], str]) -> Any:
    if isinstance(words, str):
        return say(words)
    if isinstance(words, tuple):
        return tuple(_each(word, say) for word in words)
    if isinstance(words, Mapping):
        return {name: _each(word, say) for name, word in words.items()}
    if is_dataclass(words) and not isinstance(words, type):
        return replace(words, **{each.name: _each(getattr(words, each.name), say) for each in fields(words)})
    return words
