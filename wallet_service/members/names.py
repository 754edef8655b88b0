"""Whether a name as a bank writes it may be a member's. Pure.

Banks write people in capitals, without accents, family name first or last, with a title, two people of one
account together, first names cut to an initial; and firms with or without their legal form.
"""

from __future__ import annotations

import re

from wallet_service.protocol.text.lines import plain

_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")
#: Words that name nobody: titles, legal forms, articles.
TITLES = frozenset({"m", "mm", "mr", "mrs", "ms", "mme", "mmes", "mlle", "monsieur", "madame", "ou", "et"})
LEGAL_FORMS = frozenset(
    {
        *("sarl", "eurl", "sas", "sasu", "sa", "snc", "scop", "scic", "sci", "gaec", "earl", "ei", "eirl"),
        *("ste", "societe", "ets", "ass", "asso", "association", "entreprise"),
    }
)
ARTICLES = frozenset({"l", "le", "la", "les", "d", "de", "du", "des", "a", "au", "aux", "chez", "en", "sur"})
#: So few letters name too many.
MIN_TRADE_NAME_LETTERS = 4


def words_of(name: str) -> frozenset[str]:
    """The words of a name as written, without case and accents."""
    return frozenset(word for word in _NOT_A_LETTER.split(plain(name)) if word)


def may_be_person(given_name: str, family_name: str, asked: frozenset[str]) -> bool:
    """The whole family name, and the first of the first names or its initial.

    `asked`: of `words_of`.
    """
    family, given = words_of(family_name), _NOT_A_LETTER.split(plain(given_name))
    first = next((word for word in given if word), "")
    if not family or not first or not family <= asked:
        return False
    others = asked - family
    return first in others or first[0] in others - TITLES


def may_be_trade_name(public_name: str, asked: frozenset[str]) -> bool:
    """Every word of it that says something, whatever else stands beside them."""
    told = words_of(public_name) - ARTICLES - LEGAL_FORMS
    return sum(map(len, told)) >= MIN_TRADE_NAME_LETTERS and told <= asked
