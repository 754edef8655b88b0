"""Reads states.json: the word, the tone and the icon of every state that people are shown.

Owns looking a state up; the file owns what is shown. Must not decide what state something is in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wallet_service.languages.catalogues import said

FILE = Path(__file__).parent / "states.json"
#: Each is a class of the style sheets (.pill.wait) and a colour of the tokens.
TONES = ("neutral", "wait", "good", "bad")


@dataclass(frozen=True, slots=True)
class ShownState:
    """How one state of one subject is shown; `icon` is a name of the icon set, or nothing."""

    french: str
    english: str
    tone: str
    icon: str | None

    def word(self, language: str) -> str:
        return said(language, self.french, self.english)


@cache
def state_views() -> dict[str, dict[str, ShownState]]:
    """Every subject's states, as the file lists them."""
    subjects = json.loads(FILE.read_text("utf-8"))
    return {
        subject: {
            state: ShownState(shown["fr"], shown["en"], shown["tone"], shown["icon"])
            for state, shown in states.items()
        }
        for subject, states in subjects.items()
    }


def state_view(subject: str, state: str) -> ShownState:
    """A state nobody listed is shown as it is, in the neutral tone: never as something it may not be."""
    return state_views()[subject].get(state) or ShownState(state, state, "neutral", None)
