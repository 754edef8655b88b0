"""A bank's way of writing a name and a member's own: what may be the same, and what is not."""

from __future__ import annotations

import pytest

from wallet_service.members.names import may_be_person, may_be_trade_name, words_of


@pytest.mark.parametrize(
    "written",
    [
        "Camille Rousseau",
        "ROUSSEAU CAMILLE",
        "MME ROUSSEAU CAMILLE",
        "M. OU MME ROUSSEAU C.",
        "Mme Camille  ROUSSEAU ou M. Jean DURAND",
        "ROUSSEAU-DURAND CAMILLE",
    ],
)
def test_a_person_is_known_in_a_banks_writing(written: str) -> None:
    assert may_be_person("Camille", "Rousseau", words_of(written))


@pytest.mark.parametrize(
    "written", ["", "ROUSSEAU", "M ROUSSEAU JEAN", "CAMILLE DURAND", "ROUSSEAUX CAMILLE", "CAMILLEROUSSEAU"]
)
def test_another_name_is_not_taken_for_it(written: str) -> None:
    assert not may_be_person("Camille", "Rousseau", words_of(written))


def test_accents_ligatures_and_compound_names_are_forgiven() -> None:
    assert may_be_person("Aimée-Inès", "Lecœur", words_of("LECOEUR AIMEE"))
    assert may_be_person("Éloi", "de La Haye", words_of("M DE LA HAYE ELOI"))
    assert not may_be_person("Éloi", "de La Haye", words_of("M HAYE ELOI"))


def test_a_title_is_no_initial() -> None:
    assert not may_be_person("Martin", "Roux", words_of("M ROUX"))
    assert not may_be_person("Martin", "Roux", words_of("M OU MME ROUX"))


def test_a_family_name_that_is_an_initial_too_is_not_counted_twice() -> None:
    assert not may_be_person("Camille", "Camille", words_of("CAMILLE"))


@pytest.mark.parametrize(
    "written", ["FOURNIL DES DEUX RIVES", "SARL LE FOURNIL DEUX RIVES", "Fournil Deux Rives SAS"]
)
def test_a_trade_name_is_known_without_its_small_words(written: str) -> None:
    assert may_be_trade_name("Le Fournil des Deux Rives", words_of(written))


@pytest.mark.parametrize("written", ["FOURNIL DES RIVES", "LES DEUX", "SARL"])
def test_a_part_of_a_trade_name_is_not_enough(written: str) -> None:
    assert not may_be_trade_name("Le Fournil des Deux Rives", words_of(written))


def test_a_trade_name_that_says_nothing_names_nobody() -> None:
    assert not may_be_trade_name("SARL La", words_of("SARL LA HALLE"))
    assert not may_be_trade_name("Les 2", words_of("LES 2 FRERES"))
