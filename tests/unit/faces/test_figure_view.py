"""How numbers and ages are written in both languages."""

from __future__ import annotations

import pytest

from wallet_service.faces.shell import numbers as figure_view
from wallet_service.faces.shell.i18n import catalogue


@pytest.mark.parametrize(
    ("basis_points", "french", "english"),
    [(10_180, "101,8\u202f%", "101.8%"), (0, "0,0\u202f%", "0.0%"), (9_999, "99,9\u202f%", "99.9%")],
)
def test_a_share_is_cut_and_never_rounded_up(basis_points: int, french: str, english: str) -> None:
    assert figure_view.percent(basis_points, "fr") == french
    assert figure_view.percent(basis_points, "en") == english


@pytest.mark.parametrize(
    ("seconds", "french", "english"),
    [
        (5, "à l’instant", "just now"),
        (120, "il y a 2 min", "2 min ago"),
        (6 * 3_600, "il y a 6 h", "6 h ago"),
        (3 * 86_400, "il y a 3 jours", "3 days ago"),
        (-40, "à l’instant", "just now"),
    ],
)
def test_an_age_is_said_in_its_largest_unit(seconds: int, french: str, english: str) -> None:
    now = 1_800_000_000
    assert figure_view.age(now - seconds, now, catalogue("fr")) == french
    assert figure_view.age(now - seconds, now, catalogue("en")) == english


def test_cells_are_shown_by_their_kind() -> None:
    messages = catalogue("en")
    shown = {
        kind: figure_view.show_cell(cell, kind, "en", messages)  # type: ignore[arg-type]
        for kind, cell in {
            "cents": 123_450,
            "count": 12_345,
            "hundredths": 430,
            "day": "2026-11-24",
            "word": "Alimentation",
            "text": "Alimentation",
        }.items()
    }
    assert shown == {
        "cents": "1,234.50",
        "count": "12,345",
        "hundredths": "4.3",
        "day": "24 Nov",
        "word": "Food",
        "text": "Alimentation",
    }
    assert figure_view.show_cell(None, "cents", "fr", catalogue("fr")) == "–"


def test_euros_are_written_as_each_language_does() -> None:
    assert figure_view.euros(1_250, "fr") == "12,50\u202f€"
    assert figure_view.euros(1_250, "en") == "€12.50"
