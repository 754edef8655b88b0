"""Finds every French sentence of the pages and says which have no English, and which entries nothing asks
for. Owns the .po files' completeness, not their words; other languages: scripts/build/translations.py.

Usage: python scripts/build/messages.py --check     prints what is missing or left over, exit 1 if anything is
       python scripts/build/messages.py --update    adds what is missing, untranslated, to the face's .po
A sentence is t("..."), tn("...", "...") in JavaScript, _("..."), ngettext("...", "...") in templates and
Python.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "wallet_service"
FACES = SERVICE / "faces"
UI = SERVICE / "ui"
TILL = ROOT / "merchant_pos"
SHARED = "shared"

_STRING = r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
_ONE = {
    ".js": re.compile(rf"(?<![\w.$])t\(\s*{_STRING}"),
    ".html": re.compile(rf"(?<![\w.])_\(\s*{_STRING}"),
    ".py": re.compile(rf"(?<![\w.])(?:_|(?:words|messages)\.gettext)\(\s*{_STRING}"),
}
_TWO = {
    ".js": re.compile(rf"(?<![\w.$])tn\(\s*{_STRING}\s*,\s*{_STRING}"),
    ".html": re.compile(rf"(?<![\w.])ngettext\(\s*{_STRING}\s*,\s*{_STRING}"),
    ".py": re.compile(rf"(?<![\w.])ngettext\(\s*{_STRING}\s*,\s*{_STRING}"),
}

#: A string, or several that stand beside each other, which Python makes one of.
_STRINGS = rf"({_STRING[1:-1]}(?:\s*{_STRING[1:-1]})*)"
_SAID = re.compile(rf"\bsaid\(\s*(?:language,\s*)?{_STRINGS}\s*,\s*{_STRINGS}")

_HEADER = """msgid ""
msgstr ""
"Language: en_GB\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""

Message = str | tuple[str, str]


@dataclass(frozen=True)
class Face:
    """Where sentences are found and which catalogues may translate them; the first is the face's own."""

    name: str
    sources: tuple[Path, ...]
    catalogues: tuple[Path, ...]


def _service_catalogue(name: str) -> Path:
    return FACES / "locales" / "en" / "LC_MESSAGES" / f"{name}.po"


def faces() -> list[Face]:
    """The shared texts are looked up by every face, hence complete by themselves."""
    shared = _service_catalogue(SHARED)
    console_sign_in = FACES / "console" / "routers" / "auth.py"  # the form speaks before anybody is known
    console = [path for path in sorted((FACES / "console").rglob("*.py")) if path != console_sign_in]
    pictures = [FACES / "shell" / name for name in ("charts.py", "numbers.py", "reserve.py")]
    shell = [
        path for path in sorted((FACES / "shell").rglob("*")) if path.suffix in _ONE and path not in pictures
    ]
    return [
        Face(SHARED, (UI, *shell, console_sign_in), (shared,)),
        Face("wallet", (FACES / "wallet",), (_service_catalogue("wallet"), shared)),
        Face(
            "console",
            (
                FACES / "console" / "src",
                FACES / "console" / "templates",
                FACES / "public",
                SERVICE / "open_data",  # what the tables to take away hold
                SERVICE / "reports",  # the figures' titles, columns and sources
                SERVICE / "oversight",
                *pictures,
                *console,
            ),
            (_service_catalogue("console"), shared),
        ),
        Face("till", (TILL,), (TILL / "locales/en/LC_MESSAGES/till.po", shared)),
    ]


def messages_in(text: str, ending: str) -> Iterator[Message]:
    """The sentences of one source text; `ending` is .js, .html, .py, or "said": with their English beside."""
    if ending == "said":
        for match in _SAID.finditer(text):
            yield (_joined(match.group(1)), _joined(match.group(2)))
        return
    for match in _ONE[ending].finditer(text):
        yield _plain(match.group(1))
    for match in _TWO[ending].finditer(text):
        yield (_plain(match.group(1)), _plain(match.group(2)))


def _plain(literal: str) -> str:
    """The value of a string literal: quotes and escapes of JavaScript, Jinja and Python that we use."""
    body = literal[1:-1]
    body = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match.group(1), 16)), body)
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match.group(1), match.group(1)), body)


def _joined(literals: str) -> str:
    return "".join(_plain(match.group(1)) for match in re.finditer(_STRING, literals))


def messages_of(face: Face) -> dict[str, tuple[Message, str]]:
    """First part of the msgid -> (message, where it was found first)."""
    found: dict[str, tuple[Message, str]] = {}
    for source in face.sources:
        files = (
            [source]
            if source.is_file()
            else sorted(path for path in source.rglob("*") if path.suffix in _ONE)
        )
        for file in files:
            if "dist" in file.parts or "node_modules" in file.parts:
                continue
            for message in messages_in(file.read_text("utf-8"), file.suffix):
                key = message if isinstance(message, str) else message[0]
                if key not in found or isinstance(message, tuple):
                    found[key] = (message, str(file.relative_to(ROOT)))
    return found


def catalogue_of(path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file, locale="en", abort_invalid=True)


def missing(face: Face) -> dict[str, tuple[Message, str]]:
    """The face's sentences no catalogue of it translates."""
    catalogues = [catalogue_of(path) for path in face.catalogues]
    return {
        key: (message, location)
        for key, (message, location) in messages_of(face).items()
        if not any(_translates(catalogue, message) for catalogue in catalogues)
    }


def _translates(catalogue: Catalog, message: Message) -> bool:
    entry = catalogue.get(message[0] if isinstance(message, tuple) else message)
    if entry is None or entry.fuzzy:
        return False
    if isinstance(message, tuple):
        return isinstance(entry.string, tuple | list) and all(entry.string)
    return isinstance(entry.string, str) and bool(entry.string)


def update(face: Face) -> int:
    """Adds what is missing to the face's own catalogue, to be translated by hand. Returns how many."""
    path = face.catalogues[0]
    known = catalogue_of(path)
    added = Catalog(locale="en")
    for message, location in missing(face).values():
        if known.get(message[0] if isinstance(message, tuple) else message) is None:
            added.add(message, locations=[(location, 1)])
    if len(added):
        append(path, added)
    return len(added)


def left_over() -> dict[Path, list[str]]:
    """The entries of every catalogue whose French stands nowhere in what it speaks for."""
    asked = {face.name: messages_of(face).keys() for face in faces()}
    everything = set().union(*asked.values())
    speaks_for = {face.catalogues[0]: asked[face.name] for face in faces() if face.name != SHARED}
    unused: dict[Path, list[str]] = {}
    for folder in (FACES / "locales", TILL / "locales"):
        for path in sorted(folder.glob("*/LC_MESSAGES/*.po")):
            if path.parts[-3] not in ("en",) and "@" not in path.parts[-3]:
                continue  # another language's also says what has its English beside it in the code
            known = speaks_for.get(FACES / "locales/en/LC_MESSAGES" / path.name, speaks_for.get(path, everything))
            ids = (entry.id for entry in catalogue_of(path) if entry.id)
            keys = (key if isinstance(key, str) else key[0] for key in ids)
            if lost := [key for key in keys if key not in known]:
                unused[path] = lost
    return unused


def append(path: Path, added: Catalog) -> None:
    """At the end, every line before stays as it is: a change shows only what came."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text("utf-8") if path.exists() else _HEADER
    lines = io.BytesIO()
    write_po(lines, added, width=0, omit_header=True, include_lineno=False)
    path.write_text(f"{before.rstrip()}\n\n{lines.getvalue().decode().strip()}\n", "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--check", action="store_true")
    action.add_argument("--update", action="store_true")
    parser.add_argument("--face", choices=[face.name for face in faces()])
    options = parser.parse_args()
    count = 0
    for face in faces():
        if options.face not in (None, face.name):
            continue
        if options.update:
            print(f"{face.name}: {update(face)} added")
            continue
        for key, (_, location) in sorted(missing(face).items()):
            print(f"{face.name}: {location}: {key!r} has no English")
            count += 1
    if options.check and options.face is None:
        for path, unused in left_over().items():
            for key in unused:
                print(f"{path.relative_to(ROOT)}: nothing asks for {key!r}")
                count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
