"""Puts texts into the characters every bank of the SEPA area takes. Pure.

Source of the character set: European Payments Council, EPC217-08 (SEPA requirements for an extended character
set), chapter 1: the Latin letters without accents, the digits, ``/ - ? : ( ) . , ' +`` and the space; a text
neither begins nor ends with a slash, nor holds two in a row. Letters of other alphabets are written in Latin
ones (text-unidecode); what has no letter, such as a drawing, leaves a space.
"""

from __future__ import annotations

import re

from text_unidecode import unidecode

#: SEPA rulebook: 70 characters for a name, 140 for the remittance text.
MAX_NAME_CHARACTERS = 70
MAX_TEXT_CHARACTERS = 140

_ALLOWED = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]*")
_OTHERS = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]+")
_SPACES = re.compile(r" +")
#: Slashes that meet, also over spaces: one of them says as much.
_SLASHES = re.compile(r"/( ?/)+")
#: Transliterated into words people would not expect in a name.
_SAID_SHORTER = str.maketrans({"&": "+", "№": "No "})


def writable(text: str, max_characters: int) -> str:
    """The text in the allowed characters, one line, at most so long; "" when no letter or digit is left."""
    latin = _OTHERS.sub(" ", unidecode(text.translate(_SAID_SHORTER)).replace("&", "+"))
    line = _SLASHES.sub("/", _SPACES.sub(" ", latin)).strip(" /")
    line = line[:max_characters].strip(" /")
    return line if any(letter.isalnum() for letter in line) else ""


def is_writable(text: str) -> bool:
    """Whether a bank takes the text as it stands."""
    whole = _ALLOWED.fullmatch(text) is not None
    return whole and "//" not in text and not text.startswith("/") and not text.endswith("/")
