"""Communes as officers type them."""

from __future__ import annotations

import pytest

from wallet_service.territory import commune_code_of, communes, find_communes


def test_a_commune_is_found_without_its_accents_case_or_hyphens() -> None:
    assert ("76540", "Rouen") in find_communes("rou", 12)
    wanted = next(item for item in communes().items() if item[1] == "Saint-Lô")
    assert find_communes("SAINT LO", 1) == [wanted]
    assert find_communes("76540", 5) == [("76540", "Rouen")]


def test_names_that_start_with_the_words_come_first_and_the_list_is_bounded() -> None:
    found = find_communes("saint", 12)
    assert len(found) == 12
    assert all(name.startswith("Saint") for _, name in found)
    assert find_communes("  ", 12) == find_communes("zzz", 12) == []


@pytest.mark.parametrize("text", ["76540", " 76540 Rouen ", "Rouen", "ROUEN"])
def test_a_code_or_an_only_name_means_a_commune(text: str) -> None:
    assert commune_code_of(text) == "76540"


@pytest.mark.parametrize("text", ["", "99999", "Rou", "Surville", "75056 Paris"])
def test_what_names_no_commune_or_several_means_none(text: str) -> None:
    assert commune_code_of(text) is None
