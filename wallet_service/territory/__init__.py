"""The region's communes and the trades: names for the codes members carry. Reads two tables; decides nothing.

Sources: communes and their codes from INSEE's Code officiel géographique (region 28, Normandie); sector
divisions from INSEE's NAF rév. 2, with everyday labels and groups of our own for the charts.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wallet_service.languages.catalogues import said
from wallet_service.territory.currency import DEPARTMENTS

_FOLDER = Path(__file__).parent

COMMUNE_CODE_DIGITS = 5
SECTOR_GROUPS = {
    "food": ("Alimentation", "Food"),
    "shops": ("Commerces", "Shops"),
    "hospitality": ("Cafés, restaurants", "Cafés, restaurants"),
    "culture": ("Culture et loisirs", "Culture and leisure"),
    "crafts": ("Artisanat", "Crafts"),
    "services": ("Services", "Services"),
    "public": ("Services publics", "Public services"),
    "suppliers": ("Fournisseurs (entre pros)", "Suppliers (between businesses)"),
}


@dataclass(frozen=True, slots=True)
class Sector:
    division: str
    group: str
    french: str
    english: str

    def label(self, language: str) -> str:
        return said(language, self.french, self.english)


@cache
def communes() -> dict[str, str]:
    """INSEE commune code -> name, for the départements of the region."""
    with (_FOLDER / "communes.csv").open(encoding="utf-8", newline="") as lines:
        return {row["code"]: row["name"] for row in csv.DictReader(lines)}


@cache
def sectors() -> dict[str, Sector]:
    """NAF division (two digits) -> sector."""
    with (_FOLDER / "sectors.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["division"]: Sector(row["division"], row["group"], row["label_fr"], row["label_en"])
            for row in csv.DictReader(lines)
        }


def find_communes(text: str, limit: int) -> list[tuple[str, str]]:
    """(code, name) of the communes whose code or name starts with `text`, then of those whose name holds it.

    Case, accents and hyphens do not count.
    """
    folded_query = _folded(text)
    if not folded_query:
        return []
    starting, holding = [], []
    for code, name in communes().items():
        folded = _folded(name)
        if folded.startswith(folded_query) or code.startswith(folded_query):
            starting.append((code, name))
        elif folded_query in folded:
            holding.append((code, name))
    return [*sorted(starting, key=_by_name), *sorted(holding, key=_by_name)][:limit]


def commune_code_of(text: str) -> str | None:
    """The code a person means by "76540", "76540 Rouen" or "Rouen"; None when none or several fit."""
    code = text.strip()[:COMMUNE_CODE_DIGITS]
    if code in communes():
        return code
    folded_query = _folded(text)
    named = [code for code, name in communes().items() if _folded(name) == folded_query]
    return named[0] if len(named) == 1 else None


def folded_words(text: str) -> list[str]:
    """A text's words without case, accents, ligatures and signs: "L'Épicerie" is l, epicerie."""
    return _folded(text).split()


def _folded(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    return re.sub(
        r"[^a-z0-9]+", " ", "".join(one for one in letters if not unicodedata.combining(one))
    ).strip()


def _by_name(commune: tuple[str, str]) -> tuple[str, str]:
    return _folded(commune[1]), commune[0]


def department_of(commune_code: str) -> str:
    """The département's number of a commune code ("76540" -> "76"), or "" when it is not in the region."""
    return commune_code[:2] if commune_code[:2] in DEPARTMENTS else ""
