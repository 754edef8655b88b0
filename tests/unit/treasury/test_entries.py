"""What is sealed of a entry, read back, and the words an officer looks for in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wallet_service.treasury.models import EntryDetails
from wallet_service.treasury.unmatched import TWO_OFFICERS_FROM_CENTS, part_key, takes_two

PART = {
    "amount_cents": None,
    "direction": "DBIT",
    "charges_cents": 20,
    "name": "Solène Hébert",
    "iban": "FR7699999000010000000012345",
    "references": {"end_to_end": "E2E-77"},
    "structured": ["FACT 2026/12"],
    "texts": ["", "adhésion mairie"],
}
TOLD = {
    "name": "Mme Aimée LECŒUR",
    "iban": "FR7699999000010000000099928",
    "structured": ["RF18 5390 0754 7034"],
    "texts": ["Cotisation d’été", "pour l'alba"],
    "references": {"servicer": "BQ-2026-000418", "end_to_end": "VIR 0042"},
    "charges_cents": 150,
    "parts": [PART],
}


def details(**changes: Any) -> EntryDetails:
    return EntryDetails.from_bytes(json.dumps({**TOLD, **changes}).encode())


def test_every_text_and_reference_comes_back() -> None:
    told = details()
    assert told.texts == ("Cotisation d’été", "pour l'alba")
    assert told.references == {"servicer": "BQ-2026-000418", "end_to_end": "VIR 0042"}
    assert (told.structured, told.charges_cents) == (("RF18 5390 0754 7034",), 150)
    (part,) = told.parts
    assert (part.amount_cents, part.direction, part.charges_cents) == (None, "DBIT", 20)
    assert part.texts == ("adhésion mairie",)
    assert (part.structured, part.references) == (("FACT 2026/12",), {"end_to_end": "E2E-77"})


def test_what_was_sealed_before_texts_were_a_list_is_read_too() -> None:
    old = EntryDetails.from_bytes(b'{"name": "A", "iban": "", "remittance": "merci"}')
    assert old == EntryDetails(counterparty_name="A", texts=("merci",))


@pytest.mark.parametrize("broken", [b"{", b"[]", b'{"name": "A"}', b'{"name": "A", "iban": "", "texts": 4}'])
def test_what_is_no_detail_says_so(broken: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        EntryDetails.from_bytes(broken)


@pytest.mark.parametrize(
    "words",
    [
        "lecoeur",
        "LECŒUR Aimee",
        "aimée lecœur",
        "ete",
        "cotisation  D'ÉTÉ",
        "vir0042",
        "VIR 0042",
        "bq 2026 000418",
        "rf1853900754",
        "FR76 9999 9000 0100 0000 0099 928",
        "9928",
        "hebert",
        "fact2026/12",
        "e2e-77",
        "Adhesion Mairie",
    ],
)
def test_words_are_found_without_their_accents_case_order_and_spaces(words: str) -> None:
    assert details().holds(words)


@pytest.mark.parametrize("words", ["lecoeur hebertt", "automne", "vir 0043", "rf19", "?!"])
def test_words_that_are_not_there_are_not_found(words: str) -> None:
    assert not details().holds(words)


def test_parts_given_one_after_the_other_count_together_for_the_second_officer() -> None:
    assert not takes_two(TWO_OFFICERS_FROM_CENTS - 1)
    assert takes_two(TWO_OFFICERS_FROM_CENTS)


def test_a_parts_key_does_not_depend_on_the_order_in_which_parts_are_given() -> None:
    ann, bob = ("ANN", 40_00), ("BOB", 60_00)
    assert part_key("key", ann, []) == part_key("key", ann, [bob])
    assert part_key("key", bob, [ann]) == part_key("key", bob, [])


def test_two_equal_parts_of_one_member_are_two() -> None:
    ann = ("ANN", 40_00)
    assert part_key("key", ann, []) != part_key("key", ann, [ann])
    others = [("key", ("ANN", 40_01)), ("key", ("BEN", 40_00)), ("another", ann)]
    assert part_key("key", ann, []) not in {part_key(key, gift, []) for key, gift in others}
