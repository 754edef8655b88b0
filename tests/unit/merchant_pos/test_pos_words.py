"""Every French text of the pages has its English, and no English is left without its French."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.pofile import read_po

import merchant_pos

PACKAGE = Path(merchant_pos.__file__).parent
SOURCES = sorted((PACKAGE / "static" / "src").glob("*.js"))
TEXT = re.compile(r'\bt\(\s*("(?:[^"\\]|\\.)*")')
PLURAL = re.compile(r'\btn\(\s*("(?:[^"\\]|\\.)*"),\s*"')


def texts_used() -> set[str]:
    written = "\n".join(path.read_text() for path in SOURCES)
    return {found[1:-1] for pattern in (TEXT, PLURAL) for found in pattern.findall(written)}


def english() -> dict[str, object]:
    with (PACKAGE / "locales/en/LC_MESSAGES/till.po").open("rb") as file:
        catalogue = read_po(file)
    return {
        message.id if isinstance(message.id, str) else message.id[0]: message.string
        for message in catalogue
        if message.id
    }


def test_no_text_is_missing_and_none_is_left_over() -> None:
    used, translated = texts_used(), english()
    assert len(used) > 100
    assert used - set(translated) == set()
    assert set(translated) - used == set()
    assert [french for french, text in translated.items() if not text] == []


def test_the_places_to_fill_are_the_same_in_both_languages() -> None:
    def places(text: str) -> list[str]:
        return sorted(re.findall(r"\{\w+\}", text))

    for french, text in english().items():
        for form in (text,) if isinstance(text, str) else tuple(text):  # type: ignore[arg-type]
            assert places(french) == places(form), french
