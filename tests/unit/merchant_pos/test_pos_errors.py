"""Refusals: stable codes, both languages, readable values."""

from __future__ import annotations

import re

import pytest

from merchant_pos.errors import AmountOutOfBounds, PosError, ServiceRefusal

KINDS = sorted(PosError.__subclasses__(), key=lambda kind: kind.code)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_refusal_has_a_code_a_status_and_both_sentences(kind: type[PosError]) -> None:
    assert re.fullmatch(r"pos\.[a-z_]+", kind.code)
    assert 400 <= kind.status < 600
    places = [re.findall(r"\{(\w+)\}", text) for text in (kind.french, kind.english)]
    assert places[0] == places[1]
    assert kind.french != kind.english


def test_codes_are_unique() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS)


def test_amounts_are_shown_as_people_of_that_language_read_them() -> None:
    error = AmountOutOfBounds(minimum_cents=1, maximum_cents=300_000)
    assert "0,01 à 3\u202f000,00" in error.problem("fr")["detail"]
    assert "0.01 and 3,000.00" in error.problem("en")["detail"]
    assert error.problem("fr")["values"] == {"minimum_cents": 1, "maximum_cents": 300_000}


def test_a_refusal_of_the_service_is_passed_on_in_its_own_words_and_nothing_more() -> None:
    body = {"code": "sale.unknown", "detail": "Vente inconnue.", "secret": "x", "status": 404}
    shown = ServiceRefusal(404, body).problem("en")
    assert shown == {"status": 404, "code": "sale.unknown", "detail": "Vente inconnue."}
