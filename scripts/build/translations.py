"""What of everything people are told each language says, and a new language's catalogue to be translated.

`python -m scripts.build.translations`              how many sentences each language lacks; those are said in French
`python -m scripts.build.translations --begin uk`   writes that language's one file, every sentence empty
`python -m scripts.build.translations --missing uk` prints the sentences it lacks

A language of which only a part is translated is offered with that part's share beside its name. Owns counting; the
sentences belong to who writes them. English is complete or the checks fail (scripts/build/messages.py).
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from scripts.build.messages import ROOT, Message, faces, messages_in, messages_of
from scripts.docs.errors import refusals
from wallet_service.history import messages as papers
from wallet_service.languages.catalogues import FIRST, FOLDERS, SECOND, catalogue, languages
from wallet_service.notices import messages as mails
from wallet_service.rights import messages as rights
from wallet_service.sales import till_views
from wallet_service.territory import SECTOR_GROUPS, sectors
from wallet_service.ui.states import state_views


def sentences() -> dict[str, tuple[Message, str]]:
    """Everything there is to say, by its French: (message, where it stands)."""
    found: dict[str, tuple[Message, str]] = {}
    for face in faces():
        found |= messages_of(face)
    for french, where in in_code():
        found.setdefault(french, (french, where))
    return found


def in_code() -> Iterator[tuple[str, str]]:
    """(French, where) of what stands in the code with its English beside it, and in no catalogue of English."""
    for refusal in refusals():
        yield refusal.french, f"refusals, {refusal.code}"
    for subject, states in state_views().items():
        for shown in states.values():
            yield shown.french, f"states, {subject}"
    for sector in sectors().values():
        yield sector.french, "territory, trades"
    yield from ((french, "territory, groups of trades") for french, _english in SECTOR_GROUPS.values())
    yield till_views.UNNAMED_PAYER[0], "till"
    for words in (papers.FRENCH, rights.FRENCH, rights._PAPER_FRENCH):
        yield from ((text, "papers") for text in _texts(words))
    yield from ((french, "papers") for french, _english in rights.LABELS.values())
    for pairs in (mails._WORDS, mails._TITLES, mails._PLACES):
        yield from ((french, "mails") for french in _firsts(pairs))
    yield from _said_in([Path(inspect.getfile(mails)), *sorted((ROOT / "merchant_pos").rglob("*.py"))])
    yield from _said_in(sorted((ROOT / "merchant_pos" / "templates").glob("*.html")))


def _said_in(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    for file in files:
        for message in messages_in(file.read_text("utf-8"), "said"):
            yield message[0], str(file.relative_to(ROOT))


def _texts(words: Any) -> Iterator[str]:
    if isinstance(words, str):
        yield words
    elif isinstance(words, Mapping):
        for each in words.values():
            yield from _texts(each)
    elif isinstance(words, tuple):
        for each in words:
            yield from _texts(each)
    elif is_dataclass(words):
        for field in fields(words):
            yield from _texts(getattr(words, field.name))


def _firsts(pairs: Any) -> Iterator[str]:
    """The French of every (French, English) in a table of them."""
    if isinstance(pairs, Mapping):
        for each in pairs.values():
            yield from _firsts(each)
    elif isinstance(pairs, tuple) and isinstance(pairs[0], str):
        yield pairs[0]
    elif isinstance(pairs, tuple):
        for each in pairs:
            yield from _firsts(each)


def lacking(language: str) -> dict[str, tuple[Message, str]]:
    """What that language says in French, by the French. Nothing of English, which the checks hold complete."""
    said = catalogue(language).messages
    if language in (FIRST, SECOND):
        return {}
    return {french: found for french, found in sentences().items() if french and french not in said}


def begin(language: str) -> Path:
    """Writes the one file of a new language. Raises FileExistsError."""
    path = FOLDERS[0] / language / "LC_MESSAGES" / f"{language}.po"
    if path.exists():
        raise FileExistsError(path)
    empty = Catalog(locale=language, fuzzy=False)
    for french, (message, where) in sorted(sentences().items()):
        if french:
            empty.add(message, locations=[(where.replace(" ", "\u00a0"), 1)])
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, empty, width=0, include_lineno=False)
    return path


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.build.translations")
    parser.add_argument("--begin", metavar="CODE")
    parser.add_argument("--missing", metavar="CODE")
    chosen = parser.parse_args(arguments)
    if chosen.begin:
        print(f"{begin(chosen.begin)}: translate it, then `npm run build`")
        return 0
    whole = len(sentences())
    for language in [chosen.missing] if chosen.missing else languages():
        missing = lacking(language)
        print(f"{language}: {whole - len(missing)} of {whole} sentences, {len(missing)} said in French")
        if chosen.missing:
            print("\n".join(f"{where}: {french}" for french, (_message, where) in missing.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
