"""The help's words: one file a language (`texts/fr.toml`), so that another language is one file more.

A topic says what one screen is for; a document is a text people are bound by or may rely on, with the day of
its version. Every language has the same topics and the same documents in the same version: a document whose
translation lags is not shown as if it were current.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).with_name("texts")
FIRST_LANGUAGE = "fr"
TERMS = "terms"


class HelpTextsInvalid(ValueError):
    """A language's file lacks something the first language has, or says it otherwise than its format."""


@dataclass(frozen=True)
class Topic:
    """What one screen is for. `name`: as the screen's link says."""

    name: str
    title: str
    text: str


@dataclass(frozen=True)
class Section:
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """`version`: the day from which it counts."""

    name: str
    title: str
    version: date
    summary: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class HelpTexts:
    """By name, in the order of the file; `{name}` and the like are filled in by whoever shows them."""

    topics: Mapping[str, Topic]
    documents: Mapping[str, Document]


@lru_cache(maxsize=8)
def help_texts(language: str) -> HelpTexts:
    """In French for a language that has no file. Raises HelpTextsInvalid for a file that is not whole."""
    language = language_shown(language)
    found = _read(language)
    first = found if language == FIRST_LANGUAGE else help_texts(FIRST_LANGUAGE)
    if list(found.topics) != list(first.topics):
        raise HelpTextsInvalid(f"{language}: other topics than {FIRST_LANGUAGE}")
    versions = {name: each.version for name, each in first.documents.items()}
    if {name: each.version for name, each in found.documents.items()} != versions:
        raise HelpTextsInvalid(f"{language}: other documents, or other versions, than {FIRST_LANGUAGE}")
    return found


def terms_version() -> str:
    """The day of the terms that count now, ISO."""
    return help_texts(FIRST_LANGUAGE).documents[TERMS].version.isoformat()


def language_shown(language: str) -> str:
    """Texts that people are bound by are never shown in part: whole in that language, or whole in French."""
    return language if language in languages() else FIRST_LANGUAGE


def languages() -> list[str]:
    return sorted(file.stem for file in TEXTS.glob("*.toml"))


def _read(language: str) -> HelpTexts:
    try:
        read = tomllib.loads((TEXTS / f"{language}.toml").read_text("utf-8"))
        return HelpTexts(
            {name: Topic(name, row["title"], row["text"]) for name, row in read["topics"].items()},
            {name: _document(name, row) for name, row in read["documents"].items()},
        )
    except (OSError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise HelpTextsInvalid(f"{language}: {error}") from error


def _document(name: str, row: Mapping[str, Any]) -> Document:
    if not isinstance(row["version"], date):
        raise TypeError(f"{name}: a version is a day")
    sections = tuple(Section(each["title"], tuple(each["paragraphs"])) for each in row["sections"])
    return Document(name, row["title"], row["version"], row["summary"], sections)
