"""Texts people type: what looks alike is alike, and nothing in them is not seen."""

from __future__ import annotations

import pytest

from wallet_service.protocol.text.lines import one_line, seen_of

UNSEEN = {
    "NUL": "\0",
    "BEL": "\a",
    "ESC": "\x1b",
    "C1": "\x9b",
    "right-to-left override": "\u202e",
    "left-to-right isolate": "\u2066",
    "zero-width space": "\u200b",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "tag": "\U000e0041",
    "private use": "\ue000",
    "heap of marks": "e" + "\u0301" * 5,
}


@pytest.mark.parametrize("unseen", UNSEEN.values(), ids=UNSEEN.keys())
def test_what_is_not_seen_is_refused_where_people_type_it(unseen: str) -> None:
    assert one_line(f"Fournil{unseen}des Rives") is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  Caisse \t du\nfond ", "Caisse du fond"),
        ("Jose\u0301", "José"),
        ("Œufs — 3 × 1,20 €", "Œufs — 3 × 1,20 €"),
        ("क्षेत्र", "क्षेत्र"),
        ("a\u2028b", "a b"),
    ],
)
def test_one_line_in_composed_form(typed: str, kept: str) -> None:
    assert one_line(typed) == kept


def test_of_a_text_that_cannot_be_refused_what_is_seen_is_kept() -> None:
    assert seen_of(" RF18\u202e 5390\a\0 0754 ") == "RF18 5390 0754"
