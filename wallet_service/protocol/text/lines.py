"""Texts that people type and others read: one form of each letter, and nothing that is not seen. Pure.

A control or format character (BEL, the marks that turn the direction of writing: Unicode TR 36, 2.4) lets a
text look like another one. Letters are kept in composed form (NFC), so that what looks alike is alike.
"""

from __future__ import annotations

import re
import unicodedata

#: What the words beside a sale may hold ("Table 4, deux menus"): a line of the payer's phone, twice.
MAX_SALE_LABEL_CHARACTERS = 80
#: More marks on one letter are a drawing over the lines above it.
MAX_MARKS_ON_A_LETTER = 3
_SPACES = re.compile(r"\s+")
#: Signs that have no plain letter in them, as people without their key (and banks) write them.
_AS_TYPED = str.maketrans({**dict.fromkeys("\u2018\u2019\u02bc\u2032`", "'"), "œ": "oe", "æ": "ae"})


def one_line(text: str) -> str | None:
    """The text as one line in composed form, with plain single spaces; None when some of it is not seen.

    What separates lines or words (tabs too) becomes a space; an empty text stays empty.
    """
    line = _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
    return line if line.isprintable() and not _is_drawn_over(line) else None


def seen_of(text: str) -> str:
    """The same for a text that cannot be refused (a bank's): what is not seen is left out."""
    if text.isascii() and text.isprintable() and "  " not in text:  # one line already, as a bank's codes are
        return text.strip()
    line = _SPACES.sub(" ", unicodedata.normalize("NFC", text))
    if line.isprintable():  # as nearly every text is, and a bank's file has many
        return line.strip()
    return "".join(letter for letter in line if letter.isprintable()).strip()


def plain(text: str) -> str:
    """Without case, accents and outer spaces, so that people find what they remember."""
    spread = unicodedata.normalize("NFKD", text.strip().casefold()).translate(_AS_TYPED)
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


def holds_words(told: str, asked: str) -> bool:
    """Whether each word of `asked` is somewhere in `told`, however both are written."""
    spread = plain(told)
    return all(word in spread for word in plain(asked).split())


def without_marks(text: str) -> str:
    """The letters alone, without marks that have no composed form with theirs."""
    return "".join(letter for letter in text if not _is_mark(letter))


def _is_drawn_over(line: str) -> bool:
    marks = 0
    for letter in line:
        marks = marks + 1 if _is_mark(letter) else 0
        if marks > MAX_MARKS_ON_A_LETTER:
            return True
    return False


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter).startswith("M")
