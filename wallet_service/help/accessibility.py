"""What is known of how accessible the pages are. Its file is written by scripts/docs/accessibility.py.

Sources: law 2005-102, article 47; decree 2019-768; order of 20 September 2019. Decides nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("accessibility.json")


@dataclass(frozen=True, slots=True)
class Failing:
    """A criterion of WCAG 2.2 that is not wholly met, and what of it."""

    criterion: str
    level: str
    french: str
    english: str


@dataclass(frozen=True, slots=True)
class AccessibilityDeclaration:
    """Counts of criteria of WCAG 2.2; `looks`: a page in one state, language and theme, read by axe."""

    checked_on: date
    answer_days: int
    met: int
    applicable: int
    not_applicable: int
    axe_version: str
    axe_day: date
    states: int
    looks: int
    violations: int
    failings: tuple[Failing, ...]
    unchecked: tuple[tuple[str, str], ...]

    @property
    def share_percent(self) -> int:
        """Of the criteria that apply, those wholly met; cut."""
        return 100 * self.met // self.applicable


@cache
def declaration() -> AccessibilityDeclaration:
    read = json.loads(FILE.read_text("utf-8"))
    return AccessibilityDeclaration(
        **{
            **read,
            "checked_on": date.fromisoformat(read["checked_on"]),
            "axe_day": date.fromisoformat(read["axe_day"]),
            "failings": tuple(Failing(**each) for each in read["failings"]),
            "unchecked": tuple((french, english) for french, english in read["unchecked"]),
        }
    )
