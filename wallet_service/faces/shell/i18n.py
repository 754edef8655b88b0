"""The language of an answer and its words.

The key of a text is its French sentence; English comes from .po files.

Owns choosing the language and reading catalogues; the sentences belong to who writes them.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path
from typing import Literal

from babel.messages.pofile import read_po
from starlette.requests import HTTPConnection

Language = Literal["fr", "en"]
LANGUAGE_COOKIE = "alba_language"
LOCALES = Path(__file__).parents[1] / "locales"
DOMAINS = ("shared", "wallet", "console")
_lock = threading.Lock()


def language_of(request: HTTPConnection) -> Language:
    """The cookie, else Accept-Language, else French."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen == "en":
        return "en"
    if chosen == "fr":
        return "fr"
    return _preferred(request.headers.get("accept-language", ""))


def _preferred(header: str) -> Language:
    best: tuple[float, Language] = (0.0, "fr")
    for part in header[:200].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        primary = tag.split("-")[0].lower()
        if weight > best[0] and primary in ("fr", "en"):
            best = (weight, "en" if primary == "en" else "fr")
    return best[1]


class Catalogue:
    """gettext and ngettext of one language, as Jinja wants them."""

    def __init__(self, language: Language, messages: dict[str, str | tuple[str, str]]) -> None:
        self.language = language
        self._messages = messages

    def gettext(self, message: str) -> str:
        found = self._messages.get(message, message)
        return found if isinstance(found, str) else found[0]

    def ngettext(self, one: str, many: str, count: int) -> str:
        """French counts 0 and 1 as one, English only 1."""
        found = self._messages.get(one)
        pair = found if isinstance(found, tuple) else (one, many)
        single = count == 1 if self.language == "en" else abs(count) < 2
        return pair[0] if single else pair[1]


@lru_cache(maxsize=4)
def catalogue(language: Language) -> Catalogue:
    """French needs no file; English merges the .po files that exist."""
    messages: dict[str, str | tuple[str, str]] = {}
    if language == "en":
        with _lock:
            for domain in DOMAINS:
                messages.update(read_messages(LOCALES / "en" / "LC_MESSAGES" / f"{domain}.po"))
    return Catalogue(language, messages)


def read_messages(path: Path) -> dict[str, str | tuple[str, str]]:
    """Translated messages of one .po file; untranslated and fuzzy ones are left out."""
    if not path.exists():
        return {}
    with path.open("rb") as file:
        po = read_po(file, locale="en", abort_invalid=True)
    messages: dict[str, str | tuple[str, str]] = {}
    for message in po:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, str):
            if message.string:
                messages[message.id] = str(message.string)
        elif message.string and all(message.string):
            messages[message.id[0]] = (message.string[0], message.string[1])
    return messages
